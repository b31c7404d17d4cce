"""Operations of training from the size of the model and the text that it reads."""

from simulator.units import flop, one


def training_flop(flop_per_parameter_and_token: flop, active_parameters: one, training_tokens: one) -> flop:
    """Operations of the final run; active parameters alone count (Kaplan et al., arXiv:2001.08361)."""
    return flop_per_parameter_and_token * active_parameters * training_tokens
