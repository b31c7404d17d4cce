"""A page that is an imported module, which processes elsewhere cannot import."""

from simulator.units import one


def sum_of_squares(x1: one, x2: one, x3: one) -> one:
    return _square(x1) + _square(x2) + _square(x3)


def _square(x):
    return x * x
