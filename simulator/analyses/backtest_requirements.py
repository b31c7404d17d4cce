"""What a back-test must come to, such as ``coverage(0.9) in 0.8..0.97`` or ``uniformity > 0.05``."""

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from simulator.analyses.backtest_scores import CI_PROBS
from simulator.errors import Location, Problems, did_you_mean, mismatch
from simulator.units import NUMBER

MEASURES = (*(f"coverage({ci_prob:g})" for ci_prob in CI_PROBS), "uniformity", "crps", "width")
SHARES = MEASURES[: len(CI_PROBS) + 1]  # coverages and the p-value
PATTERN = re.compile(
    rf"\s*(?P<measure>[\w.()]+)\s*(?:\bin\s+(?P<low>{NUMBER.pattern})\s*\.\.\s*(?P<high>{NUMBER.pattern})"
    rf"|(?P<sign>[<>])\s*(?P<limit>{NUMBER.pattern}))\s*"
)


@dataclass(frozen=True)
class Requirement:
    """A measure of a back-test, and the least and the most that it may be."""

    text: str
    measure: str
    low: float
    high: float

    def find(self, found: Mapping[str, Any]) -> float:
        """Return the measure among the scores of `scores`; NaN where nothing was forecast."""
        if not found["values"]:
            return math.nan
        measures = {f"coverage({row['ci_prob']:g})": row["share"] for row in found["coverage"]}
        measures |= {"uniformity": found["pit"]["uniformity"], "crps": found["crps"]["model"]}
        return float({**measures, "width": found["width"]["median"]}[self.measure])

    def is_met(self, found: Mapping[str, Any]) -> bool:
        """Tell whether the scores meet it."""
        return self.low <= self.find(found) <= self.high


def read_requirements(texts: Iterable[str], name: str) -> list[Requirement]:
    """Read requirements that are given under a name; InputError with every text that is none."""
    problems, read = Problems(), []
    for text in texts:
        with problems.gather():
            read.append(read_requirement(text, Location(name)))
    problems.raise_all()
    return read


def read_requirement(text: str, at: Location) -> Requirement:
    """Read one requirement; InputError if it is none."""
    found = PATTERN.fullmatch(text)
    if found is None:
        raise at.error(
            mismatch(text, "one such as 'coverage(0.9) in 0.8..0.97', 'uniformity > 0.05' or 'crps < 0.3'")
        )
    measure, sign = found["measure"], found["sign"]
    if measure not in MEASURES:
        raise at.error(f"no measure {measure!r}{did_you_mean(measure, MEASURES)} ({', '.join(MEASURES)})")
    low, high, limit = (float((found[key] or "nan").replace("_", "")) for key in ("low", "high", "limit"))
    if sign == ">":
        low, high = math.nextafter(limit, math.inf), math.inf
    elif sign == "<":
        low, high = -math.inf, math.nextafter(limit, -math.inf)
    if not low <= high:
        raise at.error(mismatch(text, "a lower and then a higher number"))
    if low > (1 if measure in SHARES else math.inf) or high < 0:
        raise at.error(f"{measure} is never so: it is from 0 {'to 1' if measure in SHARES else 'up'}, got {text!r}")
    return Requirement(text, measure, low, high)
