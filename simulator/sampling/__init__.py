"""Rows of the unit cube, what they give the inputs, and the one way from rows to values."""
