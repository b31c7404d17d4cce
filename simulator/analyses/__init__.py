"""Analyses: each takes a model and settings, and returns labelled data."""
