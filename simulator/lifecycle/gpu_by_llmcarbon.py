"""Embodied footprint of a GPU as LLMCarbon reckons it: the area of its die times a footprint by area."""

from simulator.units import cm2, kgCO2e, kgCO2e_per_cm2

METHOD = 4


def embodied_gpu(die_area: cm2, llmcarbon_footprint_per_area: kgCO2e_per_cm2) -> kgCO2e:
    """Embodied footprint of one GPU (Faiz et al. 2023, arXiv:2309.14393)."""
    return die_area * llmcarbon_footprint_per_area
