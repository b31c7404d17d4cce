"""Rank the inputs of quantities by a method, with errors."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from simulator.analyses.sensitivity import (
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
from simulator.analyses.sensitivity.method import Estimate, Method, Study
from simulator.analyses.sensitivity.parts import parts_of, wrong_parts
from simulator.analyses.sensitivity.replicates import REPLICATES, errors_of
from simulator.errors import InputError, Problem, did_you_mean
from simulator.sampling.evaluate import model_of
from simulator.sampling.low_discrepancy import MOST_DIMENSIONS
from simulator.scenario import Scenario, wrong_groups
from simulator.units import FloatArray

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


def is_constant(values: FloatArray) -> bool:
    """Tell whether values differ by no more than rounding."""
    return bool(np.ptp(values) <= SAME * np.abs(values).max())


def is_whole(number: object) -> bool:
    """Tell whether something is a whole number."""
    return isinstance(number, int | np.integer) and not isinstance(number, bool)


def wrong_requests(
    scenario: Scenario, quantities: Sequence[str], method: str, base: int, seed: int
) -> Iterator[Problem]:
    """Yield what is wrong with a request."""
    for quantity in quantities:
        if quantity not in scenario.book.equations:
            known = list(dict.fromkeys([*scenario.reported, *scenario.book.equations]))
            hint = did_you_mean(quantity, known)
            yield Problem(scenario.name, "of", f"no quantity {quantity!r}{hint} (it has {', '.join(known)})")
    if method not in METHODS:
        hint = did_you_mean(method, METHODS)
        yield Problem(scenario.name, "method", f"no method {method!r}{hint} (there are {', '.join(METHODS)})")
    if not is_whole(base):
        yield Problem(scenario.name, "base", f"expected a whole number, got {base!r}")
    elif not SMALLEST_BASE <= base <= LARGEST_BASE:
        limits = f"must be between {SMALLEST_BASE:,} and {LARGEST_BASE:,}, got {base:,}"
        yield Problem(scenario.name, "base", limits)
    if not is_whole(seed) or seed < 0:
        yield Problem(scenario.name, "seed", f"expected a whole number from 0 on, got {seed!r}")


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
        The one input or group, or pair such as ``a × b``, whose indices are asked for. They and their intervals are
        those of the ranking of all, to the bit; ranks are then among this one alone. Methods that need no others for
        it do less work.
    base : int
        Rows of each run of the design, rounded up to a power of 2, from 1,024 to 4,194,304.
    seed : int
        Governs the points and the intervals; from 0 on.
    progress : callable
        Called with the share that is done. An interrupt after a fourth of the work gives what there is.

    Returns
    -------
    xarray.Dataset
        All variables have dimensions (`index`, `quantity`, `input`) and no unit, as indices have none: `value`;
        `rank` by size, from 1; `first_probability`, that it ranks first; `next_p`, the two-sided p-value of the
        paired difference to the next in rank, nan for the last. `interval`, of the index, and `rank_interval`, both
        of 90 %, have a last dimension `bound` (lower, upper). Method ``regression`` adds `r_squared` (`quantity`), of
        the linear model. Inputs are in the order of the leading index for the first quantity; the coordinate `title`
        (`index`) has each index in words.

        Attributes: `method`; `base`, as rounded; `seed`; `leading`, the index that orders; `interval_probability`;
        `evaluations`, rows on which the model was evaluated; `replicates` of the design, and `done`, their share that
        was done before an interrupt; `words`, empty, or why there is no ranking: the dataset then has no variables.

    Raises
    ------
    InputError
        If a quantity is not in the book, `method` or `only` is unknown, `base` or `seed` is out of range, or the
        method cannot do what is asked.
    ModelError
        If a quantity is not a finite number somewhere.
    KeyboardInterrupt
        If it is interrupted earlier than a fourth of the work.

    Notes
    -----
    Intervals are the jackknife's over 32 replicates of the design (Efron and Stein 1981,
    doi:10.1214/aos/1176345462), with Student's t of 31 degrees of freedom. Those of ranks count 4,000 rankings that
    are drawn from the same errors, which go together between inputs. Each method's file names its reference.
    """
    import xarray

    quantities = [quantity] if isinstance(quantity, str) else list(dict.fromkeys(quantity))
    name = method or default_method(scenario)
    problems = [
        *wrong_requests(scenario, quantities, name, base, seed),
        *wrong_groups(groups or {}, scenario.inputs, scenario.inputs, scenario.name),
    ]
    if problems:
        raise InputError(problems)
    chosen = METHODS[name]
    base = 1 << (int(base) - 1).bit_length()
    model = model_of(scenario, quantities)
    parts = parts_of(model.sampler.factors, groups or {})
    takes = chosen.takes_groups, chosen.takes_dependence
    names = [f"{one} × {other}" for one, other in combinations(parts, 2)] if chosen.of_pairs else list(parts)
    problems = list(wrong_parts(scenario.name, name, *takes, parts, model.sampler.groups))
    if only is not None and only not in names:
        message = f"{only!r} is not among what is ranked{did_you_mean(only, names)} (there are {', '.join(names)})"
        problems.append(Problem(scenario.name, "only", message))
    if problems:
        raise InputError(problems)
    attributes: dict[str, Any] = {"method": name, "base": base, "seed": seed, "leading": chosen.leading}
    attributes |= {"interval_probability": PROBABILITY}
    words = ""
    if not parts:
        words = "has no uncertain input"
    elif len(parts) < 2:
        words = f"depends on one uncertain input alone, {next(iter(parts))}"
    elif len(model.sampler.factors) > MOST_DIMENSIONS // 2:
        words = f"depends on {len(model.sampler.factors)} uncertain inputs, of which at most "
        words += f"{MOST_DIMENSIONS // 2} can be ranked"
    if words:
        attributes |= {"words": f"{' and '.join(quantities)} {words}", "evaluations": 0}
        return xarray.Dataset(attrs=attributes)
    if only is not None and chosen.takes_one:
        names, parts = [only], {only: parts[only]}
    study = Study(model, list(parts.values()), base, seed, progress)
    # The probe may miss what is rare; only then is it worth looking at as many draws as the design has rows.
    same = [
        quantity
        for place, quantity in enumerate(quantities)
        if is_constant(study.probe[place]) and is_constant(study.draws[1][place])
    ]
    if same:
        return xarray.Dataset(attrs=attributes | {"words": f"{' and '.join(same)} is the same in every draw"})
    estimates = chosen.estimate(study)
    if only is not None:
        asked = [names.index(only)]
        names = [only]
        estimates = {
            index: Estimate(whole[:, asked], without[..., asked]) for index, (whole, without) in estimates.items()
        }
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
