"""The total in seats from Montréal to Paris: to show it by, not to compute one with."""

from simulator.lifecycle import Shown
from simulator.units import kgCO2e, one

SHOWN = {
    "flights": Shown("as flights"),
    "flights_co2": Shown("by CO2 alone", 1),
}


def flights(total_footprint: kgCO2e, flight_co2e: kgCO2e) -> one:
    """Seats from Montréal to Paris with the flight's other effects on climate (GWP100)."""
    return total_footprint / flight_co2e


def flights_co2(total_footprint: kgCO2e, flight_co2: kgCO2e) -> one:
    """Seats from Montréal to Paris by their carbon dioxide alone, as the article has them (ICAO)."""
    return total_footprint / flight_co2
