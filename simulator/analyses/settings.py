"""The settings of analyses: one frozen type each, with the same names in Python and on the command line."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np

from simulator.analyses.sensitivity.methods import METHODS
from simulator.errors import Location, Problems, did_you_mean, mismatch

CI_KINDS = ("eti", "hdi")  # equal-tailed, highest-density
DEFAULT_N_BASE = 1 << 14
DEFAULT_BUDGET = 2_000_000  # evaluations: about as many as a run draws
LARGEST = 2**63 - 1
SMALLEST_N_BASE, LARGEST_N_BASE = 1 << 10, 1 << 22
RANGES = {
    "draws": (2, LARGEST),
    "seed": (0, LARGEST),
    "keep": (1, LARGEST),
    "n_base": (SMALLEST_N_BASE, LARGEST_N_BASE),
    "budget": (1, LARGEST),
}
CHOICES = {"ci_kind": CI_KINDS, "method": tuple(METHODS)}


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Settings of any analysis; InputError, with every setting that is out of range, where one is made.

    Attributes
    ----------
    seed : int
        Governs every draw and every point, from 0.
    """

    seed: int = 1

    def __post_init__(self) -> None:
        """Check every setting; whole numbers may be written as 1e6."""
        problems = Problems()
        for item in fields(self):
            value, name = getattr(self, item.name), item.name
            if value is None and "None" in str(item.type):
                continue
            if name in RANGES:
                least, most = RANGES[name]
                if is_whole(value) and least <= value <= most:
                    object.__setattr__(self, name, int(value))
                else:
                    last = f"{most:,}" if most < LARGEST else "2**63 - 1"
                    problems.add(Location(name), mismatch(value, f"a whole number from {least:,} to {last}"))
            elif name in CHOICES and value not in CHOICES[name]:
                wanted = f"one of {', '.join(CHOICES[name])}"
                problems.add(Location(name), mismatch(value, wanted) + did_you_mean(value, CHOICES[name]))
        problems.raise_all()


@dataclass(frozen=True, kw_only=True)
class RunSettings(Settings):
    """How to run a scenario.

    Attributes
    ----------
    draws : int
        Rows that intervals are computed on, from 2.
    keep : int or None
        How many rows, the first ones, the result holds; None keeps all.
    ci_kind : str
        ``eti``, equal-tailed, or ``hdi``, highest-density intervals.
    """

    draws: int = 1_000_000
    keep: int | None = 10_000
    ci_kind: str = "eti"


@dataclass(frozen=True, kw_only=True)
class RankSettings(Settings):
    """How to rank inputs.

    Attributes
    ----------
    quantity : str or sequence of str
        What depends on them; the first decides their order. By default the first that is reported.
    method : str, optional
        A name of `METHODS`; by default Shapley effects where inputs are correlated, else Sobol' indices.
    groups : mapping from str to sequence of str
        Groups of inputs to rank, by name; any other input is a group of its own.
    only : str, optional
        The one input or group, or pair such as ``a × b``, that is asked for. Its measures and their intervals are
        those of the ranking of all, to the bit; positions are then among this one alone.
    n_base : int, optional
        Rows of each run of the design, rounded up to a power of 2, from 1,024 to 4,194,304; by default 16,384.
    budget : int, optional
        Evaluations. Designs of twice the rows follow each other until the first place is decided or the budget is
        spent; by default 2,000,000 where `n_base` is not given, else there is one design.
    """

    quantity: str | Sequence[str] = ()
    method: str | None = None
    groups: Mapping[str, Sequence[str]] = field(default_factory=dict)
    only: str | None = None
    n_base: int | None = None
    budget: int | None = None

    def __post_init__(self) -> None:
        """Check every setting, and fill in what follows from others."""
        super().__post_init__()
        names = (self.quantity,) if isinstance(self.quantity, str) else tuple(dict.fromkeys(self.quantity))
        object.__setattr__(self, "quantity", names)
        budget = self.budget or (DEFAULT_BUDGET if self.n_base is None else None)
        object.__setattr__(self, "budget", budget)
        object.__setattr__(self, "n_base", 1 << ((self.n_base or DEFAULT_N_BASE) - 1).bit_length())


@dataclass(frozen=True, kw_only=True)
class CompareSettings(Settings):
    """How to compare scenarios.

    Attributes
    ----------
    quantity : str, optional
        What is compared; by default the first that the first scenario reports and all have.
    draws : int
        As of `RunSettings`, for each scenario beside the first.
    """

    quantity: str | None = None
    draws: int = 1_000_000


@dataclass(frozen=True, kw_only=True)
class BacktestSettings(Settings):
    """How to back-test.

    Attributes
    ----------
    draws : int
        As of `RunSettings`, for each case.
    """

    draws: int = 100_000


def is_whole(value: Any) -> bool:
    """Tell whether a value is a whole number, such as 1_000_000 or 1e6."""
    number = isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool)
    return number and bool(value == value // 1)
