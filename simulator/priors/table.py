"""The table of one prior: its keys, its check, and the prior that it gives."""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, FiniteFloat, create_model
from pydantic_core import PydanticCustomError

from simulator.distributions import FAMILIES, QUANTILE, Distribution, affine, build_distribution
from simulator.distributions.compound import Affine, Truncated
from simulator.distributions.discrete import Discrete
from simulator.distributions.mixture import Mixture
from simulator.errors import Location, Problems, did_you_mean, mismatch
from simulator.priors.files import MOST_VALUES, read_column
from simulator.priors.problems import read_table
from simulator.priors.sources import SOURCE_WANTED, Basis, Source, Sources, Text, describe_wanted, sources_of
from simulator.units import UnitError, conversion_factor, require_unit

REACH = np.array([1e-9, 0.5])  # of either tail; what is rarer is not worth a word
LARGEST_VALUE = 1e100
MOST_COMPONENTS = 100  # of a mixture, those of the mixtures in it included
MOST_LEVELS = 3  # of mixtures in mixtures that bounds cut off: each doubles the work


def require_order(bounds: list[float]) -> list[float]:
    """Refuse bounds that are not in order; distributions refuse equal ones where they can have none."""
    if not bounds[0] <= bounds[1]:
        ends = {"low": f"{bounds[0]:g}", "high": f"{bounds[1]:g}"}
        raise PydanticCustomError("refused", "bounds must be in order, got {low} and {high}", ends)
    return bounds


Bounds = Annotated[
    list[float],
    Field(min_length=2, max_length=2, description="[low, high], to cut off at; inf is open"),
    describe_wanted("two numbers, low and high, in a list"),
    AfterValidator(require_order),
]


Share = Annotated[float, Field(ge=0, le=1)]
Amount = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class Record(BaseModel):
    """How a fitted prior did on the values of sources that its fit had not seen (`evidence/hierarchical.py`).

    `coverage` is the share of values within the 90 % intervals, `width` the median width of these and `crps` the mean
    score, both on the scale of the fit. `replaced` has the three numbers of the prior that was there before.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    table: Annotated[Text, Field(description="the table of evidence, such as evidence/pue.csv")]
    values: Annotated[int, Field(ge=1)]
    sources: Annotated[int, Field(ge=1)]
    coverage: Share | None = None
    width: Amount | None = None
    crps: Amount | None = None
    replaced: Annotated[
        list[Amount] | None,
        Field(min_length=3, max_length=3, description="coverage, width and crps of the prior before"),
    ] = None


Ends = Annotated[
    list[float | str],
    Field(min_length=2, max_length=2),
    describe_wanted("two numbers, or two quantities with their units, low and high, in a list"),
]


class PriorTable(BaseModel):
    """The keys that the table of every prior may have, whatever its family."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    distribution: str
    unit: Annotated[str, Field(max_length=60, description='unit of the numbers, such as "kgCO2e"')] = "1"
    bounds: Bounds | None = None
    source: Annotated[Sources | None, Field(description='{ title, year, identifier }, a list, or "judgement"')] = None
    basis: Annotated[
        Basis | None, Field(description="numbers read at the source, cited by others, or weighed in judgement")
    ] = None
    scope: Annotated[Text | None, Field(description="what the number covers")] = None
    note: Annotated[Text | None, Field(description="why these numbers")] = None
    case: Annotated[
        list[Text] | None,
        Field(max_length=20, description="inputs that identify a case of this error; each case has its own draws"),
    ] = None
    valid_for: Annotated[
        dict[str, Ends] | None,
        Field(max_length=20, description="the values of other inputs, from low to high, that the prior is meant for"),
    ] = None
    record: Annotated[Record | None, Field(description="how the fit did on sources that were left out")] = None


COMMON = PriorTable.model_fields.keys()
Numbers = Annotated[list[FiniteFloat], Field(min_length=1, max_length=MOST_VALUES)]
TYPES: Mapping[str, Any] = {  # of parameters that are not one number
    "values": Numbers,
    "weights": Numbers,
    "components": Annotated[list[dict[str, Any]], Field(min_length=1, max_length=MOST_COMPONENTS)],
    "file": Text,
    "column": Text,
}


@lru_cache(maxsize=256)
def family_table(family: str, quantiles: tuple[str, ...] = ()) -> type[PriorTable]:
    """Return the model of a table of one family: the common keys, the family's own parameters, and quantiles."""
    names = [*FAMILIES[family].parameters, *quantiles]
    parameters: dict[str, Any] = {name: (TYPES.get(name, FiniteFloat) | None, None) for name in names}
    return create_model(f"{family.capitalize()}Prior", __base__=PriorTable, **parameters)


@dataclass(frozen=True)
class Prior:
    """A random variable with its distribution and its sources, or a fixed number.

    Attributes
    ----------
    name : str
        Its key: what has the same name is one random variable, with the same draw wherever it is used.
    distribution : Distribution
        In `unit`.
    unit : str
        Unit of the values.
    description : str
        The distribution as the file gives it.
    target_quantiles : mapping from str to float
        The quantiles that the file asks for, such as ``p05``, in `unit`.
    sources : tuple of Source
        Empty where the prior rests on judgement alone.
    basis : str
        ``read``, ``cited``, ``judgement``, or empty where the file does not say.
    scope : str
        What the number covers.
    note : str
        What the numbers mean and why these.
    file : str
        Where the prior was read.
    case : tuple of str
        Inputs that tell one case of it from another: an error of a fit for a model, say, is one draw for scenarios of
        the same model and another for a second model.
    valid_for : mapping from str to list
        For other inputs, the lowest and the highest value for which the prior is meant: numbers, or texts with units.
    record : Record, optional
        How its fit did on sources that were left out, where it was fitted.
    is_joined : bool
        Whether an ``as`` gives the name: models that say so share its draw, whatever distribution each has.
    """

    name: str
    distribution: Distribution
    unit: str
    description: str
    target_quantiles: Mapping[str, float] = field(default_factory=dict)
    sources: tuple[Source, ...] = ()
    basis: str = ""
    scope: str = ""
    note: str = ""
    file: str = ""
    case: tuple[str, ...] = ()
    valid_for: Mapping[str, list[float | str]] = field(default_factory=dict)
    record: Record | None = None
    is_joined: bool = False

    def in_unit(self, unit: str) -> Distribution:
        """Return the distribution with its values in another unit of the same dimension.

        UnitError if the dimension is another; ValueError if values are too large or too small to compute with.
        """
        factor = conversion_factor(self.unit, unit)
        with np.errstate(all="ignore"):
            distribution = affine(self.distribution, 0.0, factor)
            reach = np.concatenate([distribution.ppf(REACH), distribution.isf(REACH)])
            spread = reach.max() - reach.min()
        largest, median = np.abs(reach).max(), abs(reach[1])
        if not (np.isfinite(spread) and largest < LARGEST_VALUE and (median == 0 or median > 1 / LARGEST_VALUE)):
            raise ValueError(f"its values pass the range of numbers: median {median:.3g}, up to {largest:.3g} {unit}")
        return distribution


type Find = Callable[[object, Location], Prior]  # a prior by its name; InputError at the location if there is none


def read_prior(given: object, name: str, at: Location, find: Find, *, source_needed: bool = False) -> Prior:
    """Check the table of one prior and build it.

    Data files are beside the table's file; `find` gives the priors that components of a mixture name. The table must
    say where its numbers come from where a source is needed. InputError has every problem of the table.
    """
    if not isinstance(given, dict):
        raise at.error(mismatch(given, "a table with a distribution"))
    problems = Problems()
    family, table = read_family_table(given, at, problems)
    check_origin(table, at, problems, source_needed)
    parameters: dict[str, Any] = {
        key: getattr(table, key)
        for key in type(table).model_fields
        if key in table.model_fields_set and key not in COMMON
    }
    description = ", ".join(f"{key} {describe_value(value)}" for key, value in parameters.items())
    targets = {key: value for key, value in parameters.items() if QUANTILE.fullmatch(key)}
    sources = list(sources_of(table.source))
    # Each under its own name, or under that which a misspelt one means.
    complete = bool(family) and len(given.keys() - COMMON) == len(table.model_fields_set - (given.keys() & COMMON))
    if "components" in parameters:
        components = []
        parts = parameters["components"] if not problems.has(at / "unit") else []  # they have the same unit
        for number, part in enumerate(parts, 1):
            with problems.gather():
                components.append(read_component(part, table.unit, at / "components" / number, find))
            if not are_few(prior.distribution for _, prior in components):
                most = f"{MOST_COMPONENTS} components, those of mixtures in it included, or {MOST_VALUES:,} values"
                problems.add(at / "components", f"is made of over {most}")
                break
        if any(levels_of(prior.distribution) >= MOST_LEVELS for _, prior in components):
            problems.add(
                at / "components", f"are mixtures within bounds in over {MOST_LEVELS} levels; list their parts"
            )
        complete = complete and len(components) == len(parameters["components"])
        description = "; or ".join(f"with probability {weight:g} {prior.description}" for weight, prior in components)
        sources += [source for _, prior in components for source in prior.sources if source not in sources]
        parameters["components"] = [(weight, prior.distribution) for weight, prior in components]
    if complete:
        with problems.gather():
            distribution = build(family, parameters, table.bounds, at)
    problems.raise_all()
    if table.bounds is not None:
        description += f", within {table.bounds[0]:g} to {table.bounds[1]:g}"
    return Prior(
        name=name,
        distribution=distribution,
        unit=table.unit,
        description=f"{family} ({description})",
        target_quantiles=targets,
        sources=tuple(sources),
        basis=table.basis or ("judgement" if table.source == "judgement" else ""),
        scope=table.scope or "",
        note=table.note or "",
        file=at.file,
        case=tuple(table.case or ()),
        valid_for=table.valid_for or {},
        record=table.record,
    )


def read_family_table(given: dict[str, Any], at: Location, problems: Problems) -> tuple[str, PriorTable]:
    """Return the family of a prior's table, and what is right of it; without a family, of the common keys alone."""
    family = given.get("distribution")
    if not isinstance(family, str) or family not in FAMILIES:
        message = mismatch(family, f"one of {', '.join(FAMILIES)}") if family is not None else "is missing"
        problems.add(at / "distribution", message + did_you_mean(family, FAMILIES))
        common = {key: value for key, value in given.items() if key in COMMON}
        return "", read_table(PriorTable, {**common, "distribution": ""}, at, problems)
    takes_quantiles = FAMILIES[family].takes_quantiles
    quantiles = sorted(key for key in given if takes_quantiles and QUANTILE.fullmatch(key))
    examples = ("p05", "p50", "p95") if takes_quantiles else ()
    return family, read_table(family_table(family, tuple(quantiles)), given, at, problems, examples)


def build(family: str, parameters: Mapping[str, Any], bounds: list[float] | None, at: Location) -> Distribution:
    """Build the distribution of a prior, from a column of data where its parameters name one."""
    try:
        if parameters.keys() == {"file", "column"}:
            values = read_column(Path(at.file).parent, parameters["file"], parameters["column"])
            parameters = {"values": values}
        with np.errstate(all="ignore"):  # what the numbers come to is checked by `in_unit`
            return build_distribution(family, parameters, None if bounds is None else (bounds[0], bounds[1]))
    except ValueError as error:
        raise at.error(str(error)) from error
    except ArithmeticError as error:
        raise at.error("the parameters pass the range of numbers") from error


def check_origin(table: PriorTable, at: Location, problems: Problems, source_needed: bool) -> None:
    """Check the unit of a prior, and whether it says where its numbers come from."""
    if not problems.has(at / "unit"):
        try:
            require_unit(table.unit)
        except UnitError as error:
            problems.add(at / "unit", str(error))
    if table.source is None and source_needed and not problems.has(at / "source"):
        problems.add(at / "source", f"is missing; give {SOURCE_WANTED}")
    if table.source == "judgement" and not table.note and not problems.has(at / "note"):
        problems.add(at / "note", "is missing; a prior from judgement needs its reasons")


def read_component(given: dict[str, Any], unit: str, at: Location, find: Find) -> tuple[float, Prior]:
    """Check one component of a mixture, and return its weight and its prior, in `unit`."""
    problems = Problems()
    weight, rest = given.get("weight"), {key: value for key, value in given.items() if key != "weight"}
    if isinstance(weight, bool) or not isinstance(weight, int | float):
        problems.add(at / "weight", "is missing" if weight is None else mismatch(weight, "a number"))
        weight = math.nan
    elif not 0 < weight <= 1:
        problems.add(at / "weight", mismatch(weight, "a number above 0, up to 1"))
    with problems.gather():
        if "prior" in rest:
            for key in rest.keys() - {"prior"}:
                problems.add(at / key, "unknown key beside prior and weight")
            prior = find(rest["prior"], at / "prior")
        elif rest.get("distribution") == "mixture":
            raise at.error("a component cannot be a mixture; list its components here")
        else:
            prior = read_prior({"unit": unit, **rest}, at.key, at, find)
    problems.raise_all()
    try:
        return float(weight), replace(prior, distribution=prior.in_unit(unit), unit=unit)
    except UnitError as error:
        raise at.error(f"{error}: it is in {prior.unit}, the mixture in {unit}") from error
    except ValueError as error:
        raise at.error(str(error)) from error


def are_few(distributions: Iterable[Distribution]) -> bool:
    """Tell whether distributions have few enough components and values for a mixture."""
    parts = list(chain.from_iterable(map(parts_of, distributions)))
    values = sum(len(part.values) for part in parts if isinstance(part, Discrete))
    return len(parts) <= MOST_COMPONENTS and values <= MOST_VALUES


def parts_of(distribution: Distribution) -> Iterator[Distribution]:
    """Yield the components of a mixture and of the mixtures in it, or a distribution that is none."""
    if isinstance(distribution, Mixture):
        for component in distribution.components:
            yield from parts_of(component)
    elif isinstance(distribution, Affine | Truncated):
        yield from parts_of(distribution.base)
    else:
        yield distribution


def levels_of(distribution: Distribution) -> int:
    """Return how many levels of mixtures a distribution has; a mixture takes up the parts of one without bounds."""
    if isinstance(distribution, Affine | Truncated):
        return levels_of(distribution.base)
    return 1 + max(map(levels_of, distribution.components)) if isinstance(distribution, Mixture) else 0


def describe_value(value: Any) -> str:
    """Return a parameter's value in words, a long list by its ends."""
    if isinstance(value, list):
        parts = [describe_value(part) for part in value]
        return ", ".join(parts if len(parts) <= 6 else [*parts[:3], "…", *parts[-2:], f"{len(parts)} in all"])
    return f"{value:g}" if isinstance(value, float) else str(value)
