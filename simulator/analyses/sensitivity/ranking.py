"""Rank the inputs of quantities by a sensitivity method, with errors."""

from collections.abc import Mapping, Sequence
from itertools import combinations, pairwise
from typing import Any

import numpy as np
import xarray

from simulator.analyses.intervals import with_long_names
from simulator.analyses.sensitivity.groups import ranked_groups, wrong_groups_for
from simulator.analyses.sensitivity.method import REPLICATES, Estimate, Method, Study
from simulator.analyses.sensitivity.methods import METHODS
from simulator.analyses.sensitivity.replicates import Errors, errors_of
from simulator.analyses.settings import LARGEST_N_BASE, RankSettings
from simulator.errors import Location, Problems, did_you_mean
from simulator.model import Model
from simulator.sampling.draws import Progress, ignore
from simulator.sampling.evaluate import Evaluator
from simulator.sampling.executors import Map, resolve_executor
from simulator.sampling.low_discrepancy import MOST_DIMENSIONS
from simulator.scenario import Scenario, wrong_groups
from simulator.units import FloatArray

CI_PROB = 0.9
SIGNIFICANCE = 0.05  # below it two neighbours in a ranking are told apart
SAME = 1e-12  # of the size: a smaller spread is rounding
RANKINGS_STREAM = 1 << 32  # a stream that no replicate has
LONG_NAMES = {
    "value": "sensitivity measure",
    "interval": "confidence interval of the measure",
    "position": "position in the ranking by size",
    "position_interval": "confidence interval of the position",
    "probability_first": "probability of ranking first",
    "p_value_vs_next": "p-value of the difference to the next in rank",
}


def is_constant(values: FloatArray) -> bool:
    """Tell whether values differ by no more than rounding."""
    return bool(np.ptp(values) <= SAME * np.abs(values).max())


def quantities_of(subject: Scenario | Model, settings: RankSettings) -> list[str]:
    """Return the quantities that are asked for; InputError where the book has none of that name."""
    book = subject.book.equations
    reported = list(subject.reported if isinstance(subject, Scenario) else book)
    names = list(settings.quantity) or reported[:1]
    known = list(dict.fromkeys([*reported, *book]))
    problems = Problems()
    for name in (name for name in names if name not in book):
        hint = did_you_mean(name, known)
        problems.add(Location("quantity"), f"no quantity is named {name!r}{hint} (available: {', '.join(known)})")
    problems.raise_all()
    return names


def rank(
    subject: Scenario | Model,
    quantity: str | Sequence[str] = (),
    *,
    executor: Map | None = None,
    progress: Progress = ignore,
    **settings: Any,
) -> xarray.Dataset:
    """Rank the uncertain inputs of one or more quantities by sensitivity, with confidence intervals.

    Parameters
    ----------
    subject : Scenario or Model
        What to analyse.
    quantity : str or sequence of str
        Quantities of its book; the first decides the order. By default the first that is reported.
    executor : Map, optional
        Where to evaluate, from `simulator.executor`; by default as many threads as there are processors. The ranking
        does not depend on it.
    progress : callable
        Called with the share of a design that is done. An interrupt after a fourth of it gives what there is.
    **settings
        As `RankSettings` has them: `method`, `groups`, `only`, `n_base`, `budget`, `seed`.

    Returns
    -------
    xarray.Dataset
        All variables have dimensions (`measure`, `quantity`, `input`) and no unit, as measures have none: `value`;
        `position` by size, from 1; `probability_first`, that it ranks first; `p_value_vs_next`, the two-sided p-value
        of the paired difference to the next in rank, nan for the last. `interval`, of the measure, and
        `position_interval`, both of 90 %, have a last dimension `ci_bound` (lower, upper). Values and intervals are
        inside what the measure can be. Method ``regression`` adds `r_squared` (`quantity`), of the linear model.
        Inputs are in the order of the primary measure for the first quantity; the coordinate `title` (`measure`) has
        each measure in words.

        Attributes: `method`; `n_base`, as rounded; `seed`; `primary`, the measure that orders; `ci_prob`;
        `evaluations`, rows on which the model was evaluated, over all designs; `replicates` of the design, and
        `done`, their share that was done before an interrupt; `separated`: 1 where the first place is decided at
        95 %, each of the looks that a budget allows taking its share of the 5 %; `description`, empty, or what
        intervals of this method do not tell, or why there is no ranking: the dataset then has no variables.

    Raises
    ------
    InputError
        If a setting is out of range, a quantity, method, group or input is unknown, or the method cannot do what is
        asked.
    ModelError, ClusterError
        If a quantity is not a finite number somewhere, or the cluster went away.
    KeyboardInterrupt
        If it is interrupted earlier than a fourth of the work.

    Notes
    -----
    Intervals are the jackknife's over 32 replicates of the design (Efron and Stein 1981,
    doi:10.1214/aos/1176345462), with Student's t of 31 degrees of freedom. Those of positions count 4,000 rankings
    that are drawn from the same errors, which are correlated between inputs. Each method's file names its reference.
    """
    asked = RankSettings(quantity=quantity, **settings)
    where = resolve_executor(executor)
    spent, looks, n_base = 0, 0, asked.n_base or 0
    while True:
        ranked = rank_once(subject, asked, n_base, where, progress)
        spent += ranked.attrs["evaluations"]
        if not ranked.data_vars:
            return ranked
        if asked.budget is None:
            return with_decision(ranked, is_separated(ranked, SIGNIFICANCE))
        # A design of twice the rows costs twice as much: the sum of the next n is (2^n - 1) times the next.
        looks = looks or max(int(np.log2(asked.budget / spent + 1)), 1)
        decided = is_separated(ranked, SIGNIFICANCE / looks)
        n_base *= 2
        too_much = spent + 2 * ranked.attrs["evaluations"] > asked.budget or n_base > LARGEST_N_BASE
        if decided or too_much or ranked.attrs["done"] < 1:
            return with_decision(ranked, decided).assign_attrs(evaluations=spent)


def rank_once(
    subject: Scenario | Model, settings: RankSettings, n_base: int, executor: Map, progress: Progress
) -> xarray.Dataset:
    """Return the ranking from one design; see `rank`."""
    model = subject.model if isinstance(subject, Scenario) else subject
    evaluator = Evaluator(model, quantities_of(subject, settings))
    Problems(wrong_groups(settings.groups, model.inputs, model.inputs, "rank")).raise_all()
    name, only = settings.method or ("shapley" if model.copulas else "sobol"), settings.only
    method, groups = METHODS[name], ranked_groups(evaluator.sampler, settings.groups)
    names = [f"{one} × {other}" for one, other in combinations(groups, 2)] if method.of_pairs else list(groups)
    problems = Problems(wrong_groups_for(name, method, groups, evaluator.sampler.blocks))
    if only is not None and only not in names:
        hint = did_you_mean(only, names)
        problems.add(Location("only"), f"{only!r} is not ranked{hint} (available: {', '.join(names)})")
    problems.raise_all()
    about: dict[str, Any] = {"method": name, "n_base": n_base, "seed": settings.seed, "primary": method.primary}
    about |= {"ci_prob": CI_PROB, "evaluations": 0}
    study = Study(evaluator, tuple(groups.values()), n_base, settings.seed)
    if reason := why_not_ranked(study, list(groups)):
        return xarray.Dataset(attrs=about | {"description": reason})
    if only is not None and method.takes_one:
        names, study.groups = [only], (groups[only],)
    estimates = method.estimate(study, executor, progress)
    if not all(np.isfinite(values).all() for estimate in estimates.values() for values in estimate):
        reason = f"{' and '.join(evaluator.quantities)} differs in too few draws to rank its inputs"
        return xarray.Dataset(attrs=about | {"description": f"{reason}; take a larger n_base"})
    if only is not None:
        kept = [names.index(only)]
        estimates = {key: Estimate(*(values[..., kept] for values in item)) for key, item in estimates.items()}
        names = [only]
    replicates = len(estimates[method.primary].jackknife)
    about |= {"evaluations": study.evaluations, "replicates": replicates, "done": replicates / REPLICATES}
    return label(study, method, names, estimates).assign_attrs(about | {"description": method.caveat})


def why_not_ranked(study: Study, names: Sequence[str]) -> str:
    """Return why there is nothing to rank; empty where there is."""
    quantities = study.evaluator.quantities
    said, most = " and ".join(quantities), MOST_DIMENSIONS // 2
    if not names:
        return f"{said} has no uncertain input"
    if len(names) < 2:
        return f"{said} depends on only one uncertain input, {names[0]}"
    if study.dimensions > most:
        return f"{said} depends on {study.dimensions} uncertain inputs, of which at most {most} can be ranked"
    # The probe may miss what is rare; only then is it worth looking at as many draws as the design has rows.
    same = [
        quantity
        for number, quantity in enumerate(quantities)
        if is_constant(study.probe[number]) and is_constant(study.draws[1][number])
    ]
    return f"{' and '.join(same)} is the same in all {study.n_base:,} draws" if same else ""


def label(study: Study, method: Method, names: Sequence[str], estimates: Mapping[str, Estimate]) -> xarray.Dataset:
    """Return estimates and their errors as labelled data, in the order of the primary measure."""
    rng = study.rng(RANKINGS_STREAM)
    measures = [measure for measure in estimates if measure not in method.model_diagnostics]
    errors = {
        measure: errors_of(estimates[measure], CI_PROB, rng, is_signed=method.is_signed, bounds=method.bounds)
        for measure in measures
    }
    for less, more in pairwise(method.ordered):
        value = np.minimum(errors[less].value, errors[more].value)
        low, high = np.moveaxis(errors[less].interval, -1, 0)
        errors[less] = errors[less]._replace(value=value, interval=np.stack([np.minimum(low, value), high], axis=-1))
    order = np.argsort(errors[method.primary].position[0], kind="stable")
    found = {key: np.array([getattr(errors[measure], key) for measure in measures]) for key in Errors._fields}
    dimensions = ("measure", "quantity", "input", "ci_bound")
    variables: dict[str, tuple[Any, Any, str]] = {
        key: (dimensions[: values.ndim], values[:, :, order], LONG_NAMES[key]) for key, values in found.items()
    }
    for measure in method.model_diagnostics:
        variables[measure] = ("quantity", estimates[measure].estimate[:, 0], method.titles[measure])
    coordinates = {
        "measure": measures,
        "title": ("measure", [method.titles[measure] for measure in measures]),
        "quantity": list(study.evaluator.quantities),
        "input": [names[number] for number in order],
        "ci_bound": ["lower", "upper"],
    }
    return xarray.Dataset(with_long_names(variables, "1"), coordinates)


def with_decision(ranked: xarray.Dataset, decided: bool) -> xarray.Dataset:
    """Return a ranking that says whether its first place is decided; if not, the first two inputs may share it."""
    ranked = ranked.copy(deep=True).assign_attrs(separated=int(decided))
    if not decided and ranked.sizes["input"] > 1:
        primary = {"measure": ranked.attrs["primary"], "quantity": ranked["quantity"][0]}
        first, second = (ranked["position_interval"].loc[primary | {"input": ranked["input"][n]}] for n in (0, 1))
        first[{"ci_bound": 1}] = max(int(first[1]), 2)
        second[{"ci_bound": 0}] = 1
    return ranked


def is_separated(ranked: xarray.Dataset, significance: float) -> bool:
    """Tell whether the first place of the first quantity is decided: whether it is told apart from the second."""
    first = ranked.isel(quantity=0, input=0).sel(measure=ranked.attrs["primary"])
    return bool(first["p_value_vs_next"] < significance and first["probability_first"] >= 1 - significance)
