"""Rows of the unit cube, the inputs that they give, and the evaluation of a model on rows."""
