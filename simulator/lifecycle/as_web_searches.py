"""The total in web searches of 2009: to show it by, not to compute one with."""

from simulator.lifecycle import Shown
from simulator.units import kgCO2e, one

SHOWN = {"web_searches": Shown("as 2009 searches")}


def web_searches(total_footprint: kgCO2e, web_search_2009: kgCO2e) -> one:
    """Web searches as Google gave them in 2009, which is stale (Google 2009)."""
    return total_footprint / web_search_2009
