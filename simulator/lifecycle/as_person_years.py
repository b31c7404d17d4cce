"""The total in years of a person: to show it by, not to compute one with."""

from simulator.lifecycle import Shown
from simulator.units import kg, one

SHOWN = {"person_years": Shown("as person-years")}


def person_years(total_footprint: kg, person_year: kg) -> one:
    """Years of a person of the world's mean, fossil carbon dioxide (Global Carbon Project 2023)."""
    return total_footprint / person_year
