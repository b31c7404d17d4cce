"""The table of one prior: what it may hold, its check, and the prior that is made of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Protocol

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, ValidationError, create_model

from simulator.distributions import FAMILIES, QUANTILE, Distribution, affine, build_distribution
from simulator.errors import InputError, Problem, did_you_mean, expected
from simulator.priors.files import MOST_VALUES, read_column
from simulator.priors.problems import SOURCE_WANTED, model_problems
from simulator.priors.sources import Basis, Source, Sources, Text, sources_of
from simulator.units import UnitError, conversion_factor, require_unit

REACH = np.array([1e-9, 0.5])  # of either tail; what is rarer is not worth a word
LARGEST_VALUE = 1e100


class PriorTable(BaseModel):
    """The keys that the table of every prior may have, whatever its family."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    distribution: str
    unit: Annotated[str, Field(max_length=60, description='unit of the numbers, such as "kg"')] = "1"
    bounds: Annotated[
        list[float] | None, Field(min_length=2, max_length=2, description="[low, high], to cut off at; inf is open")
    ] = None
    source: Annotated[Sources | None, Field(description='{ title, year, identifier }, a list, or "judgement"')] = None
    basis: Annotated[
        Basis | None, Field(description="numbers read at the source, cited by others, or weighed in judgement")
    ] = None
    scope: Annotated[Text | None, Field(description="what the number covers")] = None
    note: Annotated[Text | None, Field(description="why these numbers")] = None


Numbers = Annotated[list[FiniteFloat], Field(min_length=1, max_length=MOST_VALUES)]
TYPES: Mapping[str, Any] = {  # of parameters that are no number
    "values": Numbers,
    "weights": Numbers,
    "components": Annotated[list[dict[str, Any]], Field(min_length=1, max_length=100)],
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
    """One uncertain fact.

    Attributes
    ----------
    name : str
        Its identity: the same name is the same draw wherever it is used.
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
    is_joined: bool = False

    def in_unit(self, unit: str) -> Distribution:
        """Return the distribution with its values in another unit of the same dimension.

        Raises
        ------
        UnitError
            If the dimension is another.
        ValueError
            If values are too large or too small to compute with.
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


class Finder(Protocol):
    """Finds a prior by its name, as the library does."""

    def find(self, name: str, *, reference_chain: tuple[str, ...] = ()) -> Prior | None:
        """Return the prior, or None; `reference_chain` names those that are being read, each for the one before."""


def read_component(
    table: Any, unit: str, file: str, key: str, library: Finder, reference_chain: tuple[str, ...]
) -> tuple[float, Prior]:
    """Check one component of a mixture, and return its weight and its prior, in `unit`."""
    weight = table.get("weight")
    if isinstance(weight, bool) or not isinstance(weight, int | float):
        got = "is missing" if weight is None else expected(weight, "a number")
        raise InputError([Problem(file, f"{key}.weight", got)])
    rest = {name: value for name, value in table.items() if name != "weight"}
    if "prior" in rest:
        unknown = rest.keys() - {"prior"}
        if unknown:
            raise InputError(
                Problem(file, f"{key}.{name}", "unknown key beside prior and weight") for name in unknown
            )
        name = rest["prior"]
        prior = library.find(name, reference_chain=reference_chain) if isinstance(name, str) else None
        if prior is None:
            raise InputError([Problem(file, f"{key}.prior", expected(name, "a prior of the library"))])
    else:
        if rest.get("distribution") == "mixture":
            raise InputError([Problem(file, key, "a component cannot be a mixture; list its components here")])
        prior = read_prior(
            {"unit": unit, **rest},
            key,
            file,
            key,
            source_needed=False,
            library=library,
            reference_chain=reference_chain,
        )
    try:
        return float(weight), replace(prior, distribution=prior.in_unit(unit), unit=unit)
    except UnitError as error:
        raise InputError([Problem(file, key, f"{error}: it is in {prior.unit}, the mixture in {unit}")]) from error
    except ValueError as error:
        raise InputError([Problem(file, key, str(error))]) from error


def describe_value(value: Any) -> str:
    """Return a parameter's value in words, a long list by its ends."""
    if isinstance(value, list):
        parts = [describe_value(part) for part in value]
        return ", ".join(parts if len(parts) <= 6 else [*parts[:3], "…", *parts[-2:], f"{len(parts)} in all"])
    return f"{value:g}" if isinstance(value, float) else str(value)


def read_prior(
    table: Any,
    name: str,
    file: str,
    key: str,
    *,
    source_needed: bool,
    library: Finder,
    reference_chain: tuple[str, ...] = (),
) -> Prior:
    """Check the table of one prior and build it.

    Parameters
    ----------
    table : object
        What the file holds.
    name : str
        The prior's identity.
    file, key : str
        Where it stands, for what is said of it and for data files beside it.
    source_needed : bool
        Whether the table must say where its numbers come from.
    library : Finder
        Gives the priors that components of a mixture name.
    reference_chain : tuple of str
        The priors that are being read, each for the one before.

    Raises
    ------
    InputError
        With every problem of the table.
    """
    if not isinstance(table, dict):
        raise InputError([Problem(file, key, expected(table, "a table with a distribution"))])
    family = table.get("distribution")
    if not isinstance(family, str) or family not in FAMILIES:
        hint = did_you_mean(family, FAMILIES)
        message = expected(family, f"one of {', '.join(FAMILIES)}") if family is not None else "is missing"
        raise InputError([Problem(file, f"{key}.distribution", message + hint)])
    takes = FAMILIES[family].takes_quantiles
    model = family_table(family, tuple(sorted(item for item in table if takes and QUANTILE.fullmatch(item))))
    problems: list[Problem] = []
    try:
        checked = model.model_validate(table)
    except ValidationError as error:
        known = [*model.model_fields, *(("p05", "p50", "p95") if takes else ())]
        problems += model_problems(error, file, key, known)
        wrong = {item["loc"][0] for item in error.errors()}
        checked = model.model_validate({name: value for name, value in table.items() if name not in wrong})
    parameters: dict[str, Any] = {
        parameter: value
        for parameter in model.model_fields
        if parameter not in PriorTable.model_fields and (value := getattr(checked, parameter)) is not None
    }
    targets = {name: value for name, value in parameters.items() if QUANTILE.fullmatch(name)}
    words = ", ".join(f"{parameter} {describe_value(value)}" for parameter, value in parameters.items())
    sources = list(sources_of(checked.source))
    try:
        require_unit(checked.unit)
    except UnitError as error:
        problems.append(Problem(file, f"{key}.unit", str(error)))
    if "components" in parameters and not problems:
        components = []
        for place, part in enumerate(parameters["components"], 1):
            try:
                components.append(
                    read_component(part, checked.unit, file, f"{key}.components.{place}", library, reference_chain)
                )
            except InputError as error:
                problems += error.problems
        words = "; or ".join(f"with probability {weight:g} {prior.description}" for weight, prior in components)
        sources += [source for _, prior in components for source in prior.sources if source not in sources]
        parameters["components"] = [(weight, prior.distribution) for weight, prior in components]
    distribution: Distribution | None = None
    bounds = None if checked.bounds is None else (checked.bounds[0], checked.bounds[1])
    try:
        if not problems:
            if parameters.keys() == {"file", "column"}:
                folder = Path(file).parent
                parameters = {"values": read_column(folder, parameters["file"], parameters["column"])}
            with np.errstate(all="ignore"):  # what the numbers come to is checked by `in_unit`
                distribution = build_distribution(family, parameters, bounds)
    except ValueError as error:
        problems.append(Problem(file, key, str(error)))
    except ArithmeticError:
        problems.append(Problem(file, key, "the parameters pass the range of numbers"))
    if checked.source is None and source_needed and not problems:
        problems.append(Problem(file, f"{key}.source", f"is missing; give {SOURCE_WANTED}"))
    if checked.source == "judgement" and not checked.note:
        problems.append(Problem(file, f"{key}.note", "is missing; a prior from judgement needs its reasons"))
    if problems or distribution is None:
        raise InputError(problems)
    if checked.bounds is not None:
        words += f", within {checked.bounds[0]:g} to {checked.bounds[1]:g}"
    return Prior(
        name=name,
        distribution=distribution,
        unit=checked.unit,
        description=f"{family} ({words})",
        target_quantiles=targets,
        sources=tuple(sources),
        basis=checked.basis or ("judgement" if checked.source == "judgement" else ""),
        scope=checked.scope or "",
        note=checked.note or "",
        file=file,
    )
