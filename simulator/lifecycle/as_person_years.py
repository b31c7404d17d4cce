"""The total in years of a person: to show it by, not to compute one with."""

from simulator.lifecycle import Shown
from simulator.units import kgCO2e, one

SHOWN = {"person_years": Shown("as person-years")}


def person_years(total_footprint: kgCO2e, person_year: kgCO2e) -> one:
    """Years of a person of the world's mean, fossil carbon dioxide (Global Carbon Project 2023)."""
    return total_footprint / person_year
