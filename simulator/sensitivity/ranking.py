"""Rank the inputs of quantities by a method, with errors."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from simulator.errors import InputError, Problem, did_you_mean
from simulator.low_discrepancy import MOST_DIMENSIONS
from simulator.scenario import Scenario, wrong_groups
from simulator.sensitivity import (
    borgonovo,
    knowledge,
    partial_rank,
    pawn,
    rank_based,
    regression,
    shapley,
    sobol,
    spearman,
)
from simulator.sensitivity.method import Method, Study
from simulator.sensitivity.parts import parts_of, wrong_parts
from simulator.sensitivity.replicates import REPLICATES, errors_of
from simulator.simulate import model_of

if TYPE_CHECKING:
    import xarray

METHODS: Mapping[str, Method] = {
    "sobol": sobol.METHOD,
    "shapley": shapley.METHOD,
    "second-order": sobol.PAIRS,
    "shrinkage": knowledge.METHOD,
    "rank-based": rank_based.METHOD,
    "delta": borgonovo.METHOD,
    "pawn": pawn.METHOD,
    "spearman": spearman.METHOD,
    "partial-rank": partial_rank.METHOD,
    "regression": regression.METHOD,
}
PROBABILITY = 0.9
SIGNIFICANCE = 0.05  # below it two neighbours in a ranking are told apart
SMALLEST_BASE, LARGEST_BASE = 1 << 10, 1 << 22
DEFAULT_BASE = 1 << 14
DEFAULT_BUDGET = 2_000_000  # evaluations: about as many as a run draws
SAME = 1e-12  # of the size: a smaller spread is rounding
RANKINGS_STREAM = 1 << 32  # the number of no replicate


def nothing(share: float) -> None:
    """Take note of no progress."""


def default_method(scenario: Scenario) -> str:
    """Return the method for a scenario: Shapley effects where inputs depend on each other, else Sobol' indices."""
    return "shapley" if scenario.model.copulas else "sobol"


def wrong_requests(scenario: Scenario, quantities: Sequence[str], method: str, base: int) -> Iterator[Problem]:
    """Yield what is wrong with a request."""
    for quantity in quantities:
        if quantity not in scenario.book.equations:
            known = list(dict.fromkeys([*scenario.reported, *scenario.book.equations]))
            hint = did_you_mean(quantity, known)
            yield Problem(scenario.name, "of", f"no quantity {quantity!r}{hint} (it has {', '.join(known)})")
    if method not in METHODS:
        hint = did_you_mean(method, METHODS)
        yield Problem(scenario.name, "method", f"no method {method!r}{hint} (there are {', '.join(METHODS)})")
    if not SMALLEST_BASE <= base <= LARGEST_BASE:
        limits = f"must be between {SMALLEST_BASE:,} and {LARGEST_BASE:,}, got {base:,}"
        yield Problem(scenario.name, "base", limits)
    if len(scenario.uncertain) > MOST_DIMENSIONS // 2:
        message = f"at most {MOST_DIMENSIONS // 2} uncertain inputs can be ranked, got {len(scenario.uncertain)}"
        yield Problem(scenario.name, "inputs", message)


def rank(
    scenario: Scenario,
    quantity: str | Sequence[str] = "total_footprint",
    *,
    method: str | None = None,
    groups: Mapping[str, Sequence[str]] | None = None,
    only: str | None = None,
    base: int = DEFAULT_BASE,
    seed: int = 1,
    progress: Callable[[float], None] = nothing,
) -> "xarray.Dataset":
    """Rank the uncertain inputs of one or more quantities by how much these depend on them, and say how sure that is.

    Parameters
    ----------
    scenario : Scenario
        What to analyse.
    quantity : str or sequence of str
        Quantities of its book.
    method : str, optional
        A name of `METHODS`; by default `default_method`.
    groups : mapping from str to sequence of str, optional
        Inputs to rank as one, by a name; any others stand alone.
    only : str, optional
        The one input, or group, whose indices are asked for, by a method that takes each for itself.
    base : int
        Rows of each run of the design, rounded up to a power of 2.
    seed : int
        Governs the points and the intervals.
    progress : callable
        Called with the share that is done. An interrupt after a fourth of the work gives what there is.

    Returns
    -------
    xarray.Dataset
        Dimensions `index` (those of the method), `quantity`, `input` (in the order of the leading index for the first
        quantity) and `bound`. Variables `value`; `interval`, of 90 %; `rank` by size, `rank_interval` and
        `first_probability`, that it ranks first; `next_p`, the p-value of the paired difference to the next in
        rank. Attributes: `method`, `base`, `seed`, `evaluations`, `leading` (the index that orders), `done`, the
        share that was done before an interrupt, and `words`, which says so where there is nothing to rank.

    Raises
    ------
    InputError
        If a quantity is not in the book, the method or base is out of range, or the method cannot do what is asked.
    ModelError
        If a quantity is not a finite number somewhere.
    """
    import xarray

    quantities = [quantity] if isinstance(quantity, str) else list(dict.fromkeys(quantity))
    name = method or default_method(scenario)
    problems = [
        *wrong_requests(scenario, quantities, name, base),
        *wrong_groups(groups or {}, scenario.inputs, scenario.inputs, scenario.name),
    ]
    if problems:
        raise InputError(problems)
    chosen = METHODS[name]
    base = 1 << (base - 1).bit_length()
    model = model_of(scenario, quantities)
    parts = parts_of(model.sampler.factors, groups or {})
    takes = chosen.takes_groups, chosen.takes_dependence
    problems = list(wrong_parts(scenario.name, name, *takes, parts, model.sampler.groups))
    if problems:
        raise InputError(problems)
    attributes: dict[str, Any] = {"method": name, "base": base, "seed": seed, "leading": chosen.leading}
    attributes |= {"interval_probability": PROBABILITY}
    if only in parts:
        parts = {only: parts[only]}
    elif len(parts) < 2:
        words = f"depends on one uncertain input alone, {next(iter(parts))}" if parts else "has no uncertain input"
        attributes |= {"words": f"{' and '.join(quantities)} {words}", "evaluations": 0}
        return xarray.Dataset(attrs=attributes)
    study = Study(model, list(parts.values()), base, seed, progress)
    same = [
        name
        for name, values in zip(quantities, study.probe, strict=True)
        if np.ptp(values) <= SAME * np.abs(values).max()
    ]
    if same:
        return xarray.Dataset(attrs=attributes | {"words": f"{' and '.join(same)} is the same in every draw"})
    estimates = chosen.estimate(study)
    names = [f"{one} × {other}" for one, other in combinations(parts, 2)] if chosen.of_pairs else list(parts)
    if not all(np.isfinite(part).all() for estimate in estimates.values() for part in estimate):
        words = f"{' and '.join(quantities)} differs in too few draws to rank its inputs; take a larger base"
        return xarray.Dataset(attrs=attributes | {"words": words})
    rng = study.rng(RANKINGS_STREAM)
    of_model = {index: estimates.pop(index) for index in chosen.of_model}
    errors = {
        index: errors_of(estimate, PROBABILITY, rng, is_signed=chosen.is_signed)
        for index, estimate in estimates.items()
    }
    order = np.argsort(errors[chosen.leading].rank[0], kind="stable")
    dimensions = ("index", "quantity", "input")
    variables: dict[str, tuple[Any, Any]] = {
        "value": (dimensions, np.array([estimate.whole[:, order] for estimate in estimates.values()]))
    }
    for field in ("interval", "rank", "rank_interval", "first_probability", "next_p"):
        values = np.array([getattr(error, field)[:, order] for error in errors.values()])
        variables[field] = ((*dimensions, "bound")[: values.ndim], values)
    for index, estimate in of_model.items():
        variables[index] = ("quantity", estimate.whole[:, 0])
    coordinates = {
        "index": list(estimates),
        "title": ("index", [chosen.titles[index] for index in estimates]),
        "quantity": quantities,
        "input": [names[place] for place in order],
        "bound": ["lower", "upper"],
    }
    attributes |= {"evaluations": study.evaluations, "replicates": len(estimates[chosen.leading].without)}
    attributes["done"] = attributes["replicates"] / REPLICATES
    return xarray.Dataset(variables, coordinates, attributes | {"words": ""})


def is_separated(ranked: "xarray.Dataset", significance: float = SIGNIFICANCE) -> bool:
    """Tell whether the first place of the first quantity is decided: whether it is told apart from the second."""
    first = ranked.isel(quantity=0, input=0).sel(index=ranked.attrs["leading"])
    return bool(first["next_p"] < significance and first["first_probability"] >= 1 - significance)


def rank_until_separated(
    scenario: Scenario,
    quantity: str | Sequence[str] = "total_footprint",
    *,
    budget: int = DEFAULT_BUDGET,
    base: int = DEFAULT_BASE,
    **options: Any,
) -> "xarray.Dataset":
    """Rank with a design of twice the rows, again and again, until the first place is decided or a budget is spent.

    Parameters
    ----------
    scenario, quantity
        As `rank` takes them; the first quantity decides.
    budget : int
        Evaluations, over all designs.
    base : int
        Rows of the first design.
    **options
        As `rank` takes them.

    Returns
    -------
    xarray.Dataset
        The last ranking; its attribute `separated` is 1 where the first place is decided at 95 %, `evaluations`
        counts those of all designs. Each of the looks that the budget allows takes its share of the 5 %.

    Raises
    ------
    InputError
        If `rank` cannot do what is asked.
    """
    spent, looks = 0, 0
    while True:
        ranked = rank(scenario, quantity, base=base, **options)
        spent += ranked.attrs.get("evaluations", 0)
        if not ranked.data_vars:
            return ranked
        # A design of twice the rows costs twice as much: the sum of the next n is (2^n - 1) times the next.
        looks = looks or max(int(np.log2(budget / spent + 1)), 1)
        decided = is_separated(ranked, SIGNIFICANCE / looks)
        base *= 2
        too_much = spent + 2 * ranked.attrs["evaluations"] > budget or base > LARGEST_BASE
        if decided or too_much or ranked.attrs["done"] < 1:
            return ranked.assign_attrs(separated=int(decided), evaluations=spent)
