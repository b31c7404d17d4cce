"""Gases that are emitted on site, such as methane that leaks from turbines, by their warming over 100 years."""

from simulator.lifecycle import Shown
from simulator.units import kg, kgCO2e, one

SHOWN = {"gases_footprint": Shown("other gases")}


def gases_footprint(
    methane_mass: kg,
    gwp100_methane: one,
    nitrous_oxide_mass: kg,
    gwp100_nitrous_oxide: one,
    sulfur_hexafluoride_mass: kg,
    gwp100_sulfur_hexafluoride: one,
) -> kgCO2e:
    """Footprint of gases other than carbon dioxide (IPCC AR6 WG1, table 7.15, doi:10.1017/9781009157896.009)."""
    return (
        methane_mass * gwp100_methane
        + nitrous_oxide_mass * gwp100_nitrous_oxide
        + sulfur_hexafluoride_mass * gwp100_sulfur_hexafluoride
    )
