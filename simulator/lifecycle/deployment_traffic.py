"""Requests that run at once, from the traffic: few requests make small batches, and below one the service waits."""

from simulator.units import hour, one, per_hour


def batch_size(requests_per_hour: per_hour, request_tokens: one, step_time: hour, replica_count: one) -> one:
    """Requests that run at once on a copy of the model, or are read by it (Little 1961, doi:10.1287/opre.9.3.383)."""
    return requests_per_hour * request_tokens * step_time / replica_count
