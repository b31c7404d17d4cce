"""Sensitivity analysis: `ranking` ranks inputs by any of `methods`, with confidence intervals."""
