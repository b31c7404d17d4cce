"""What falls on a token, a request and a user's year, with training spread over all requests."""

from simulator.lifecycle import Shown
from simulator.units import kgCO2e, one

SHOWN = {
    "whole_footprint_per_request": Shown("request and training", per="request"),
    "training_footprint_per_request": Shown("training's part", 1, per="request"),
    "footprint_per_token": Shown("per token, with training", per="token"),
    "footprint_per_user_year": Shown("per user and year", per="user year"),
    "break_even_requests": Shown("break-even requests"),
}


def training_footprint_per_request(training_footprint: kgCO2e, lifetime_requests: one) -> kgCO2e:
    """Training's part in one request, spread over all that the model ever answers (GHG Protocol Product Standard)."""
    return training_footprint / lifetime_requests


def whole_footprint_per_request(footprint_per_request: kgCO2e, training_footprint_per_request: kgCO2e) -> kgCO2e:
    """Footprint of one request with its part of training (sum of its parts)."""
    return footprint_per_request + training_footprint_per_request


def footprint_per_token(whole_footprint_per_request: kgCO2e, output_tokens: one) -> kgCO2e:
    """Footprint of one output token with its part of training and prompt (ratio)."""
    return whole_footprint_per_request / output_tokens


def footprint_per_user_year(whole_footprint_per_request: kgCO2e, requests_per_user_year: one) -> kgCO2e:
    """Footprint of what one user asks in a year (product)."""
    return whole_footprint_per_request * requests_per_user_year


def break_even_requests(training_footprint: kgCO2e, footprint_per_request: kgCO2e) -> one:
    """Requests after which answering has emitted as much as training (ratio)."""
    return training_footprint / footprint_per_request
