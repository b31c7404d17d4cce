"""The total in kilometres by car: to show it by, not to compute one with."""

from simulator.lifecycle import Shown
from simulator.units import kgCO2e, kgCO2e_per_km, kilometre

SHOWN = {"car_kilometres": Shown("as car travel")}


def car_kilometres(total_footprint: kgCO2e, car_footprint: kgCO2e_per_km) -> kilometre:
    """Kilometres by car (Lannelongue et al. 2021, doi:10.1002/advs.202100707)."""
    return total_footprint / car_footprint
