"""Numbers and shares as text, the same way in all tables, sentences and figures."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from simulator.units import FloatArray, readable_scale

if TYPE_CHECKING:
    import xarray

DIGITS = 3  # significant digits, where the Monte Carlo error allows them
KNOWN_DIGITS = 5  # of a quantity that is the same in every draw
SAME = 1e-12  # of a value: a smaller standard deviation is rounding
MOST_DECIMALS = 6  # beyond them a number is written with a power of ten
FEW, MANY, NEAR = 0.0995, 0.99, 0.02  # shares below, above, and differences below which a digit more is shown


@dataclass(frozen=True)
class Table:
    """A table as text.

    Attributes
    ----------
    headings : tuple of str
        One for each column; where all are empty, the table has none.
    rows : list of tuples of str
        A text for each column.
    bold : set of int
        Rows that stand out.
    columns : str
        A letter for each column: ``l`` of words, to the left, ``n`` of names, to the left and never folded, or ``r``
        of numbers, to the right and never folded; by default words and then numbers.
    title : str
        What the table shows, where that is not said elsewhere.
    spare : tuple of int
        Columns that may be left out where the table is too wide, the first one first.
    """

    headings: tuple[str, ...]
    rows: list[tuple[str, ...]]
    bold: set[int] = field(default_factory=set)
    columns: str = ""
    title: str = ""
    spare: tuple[int, ...] = ()

    def fit_width(self, width: int, gap: int) -> "Table":
        """Return the table without as many spare columns as it takes to fit a width, with gaps between columns."""
        left = list(range(len(self.headings)))
        widths = [max(map(len, cells)) for cells in zip(self.headings, *self.rows, strict=True)]
        for column in self.spare:
            if sum(widths[i] + gap for i in left) - gap > width:
                left.remove(column)
        headings, *rows = (tuple(row[i] for i in left) for row in (self.headings, *self.rows))
        columns = "".join(self.columns[i] for i in left) if self.columns else ""
        return replace(self, headings=headings, rows=rows, columns=columns, spare=())


def number(value: float, error: float = 0.0, digits: int = DIGITS) -> str:
    """Return a number with few significant digits, such as ``29,300`` or ``0.0521``: one, or as its error allows."""
    if not math.isfinite(value):
        return str(value)
    rounded = float(f"{value:.{digits - 1}e}")
    decimals = digits - 1 - math.floor(math.log10(abs(rounded))) if rounded else 0
    if error > 0:
        least = decimals - digits + 1  # what is not 0 is not printed as 0
        decimals = min(decimals, max(-math.floor(math.log10(error)), least))
    if decimals > MOST_DECIMALS:
        mantissa, _, exponent = f"{value:.{digits - 1}e}".partition("e")
        return f"{mantissa}e{int(exponent)}"
    return f"{round(value, decimals):,.{max(decimals, 0)}f}"


def brief(value: float, digits: int = 3) -> str:
    """Return a number that someone gave, by its first digits, without zeros at its end."""
    return f"{float(f'{value:.{digits}g}'):,.10g}"


def index(value: float, sign: str = "z") -> str:
    """Return an index, a correlation or a score, with three decimals; with its sign where `sign` is ``+``."""
    return f"{value:{sign}.3f}"


def estimate_cells(item: "xarray.Dataset", units: str) -> tuple[str, ...]:
    """Return the median of one quantity with its unit, and each of its intervals in the same unit."""
    median, errors = float(item["estimate"]), item["interval_mcse"].values
    factor, unit = readable_scale(units, median)
    is_known = float(item["sd"]) <= SAME * abs(median)
    ends = zip(item["interval"].values / factor, errors / factor, strict=True)
    value = number(median / factor, float(item["estimate_mcse"]) / factor, KNOWN_DIGITS if is_known else DIGITS)
    return f"{value} {unit}".strip(), *("fixed" if is_known else interval(*pair) for pair in ends)


def interval(ends: Sequence[float] | FloatArray, errors: Sequence[float] | FloatArray = (0.0, 0.0)) -> str:
    """Return both ends of an interval, each with the digits that its error allows."""
    return f"{number(ends[0], errors[0])} – {number(ends[1], errors[1])}"


def standard_error(error: float) -> str:
    """Return a Monte Carlo standard error with its leading digit, or two where it starts with 1; nothing for 0."""
    if not error:
        return ""
    lead = math.floor(math.log10(error))
    digits = 1 if error / 10**lead < 2 else 0
    if digits - lead > MOST_DECIMALS:
        return number(error, digits=digits + 1)
    return f"{error:.{max(digits - lead, 0)}f}" if lead < 3 else f"{error:,.0f}"


def percent(share: float) -> str:
    """Return a share that is given, such as the probability of an interval, in per cent."""
    return f"{brief(100 * share, 4)} %"


def percents(*shares: float) -> list[str]:
    """Return estimated shares in per cent, with a decimal where one is small, near all, or near another."""
    among = [share for share in shares if 0 < abs(share) < 1] or [0.5]
    fine = min(map(abs, among)) < FEW or max(among) > MANY or 0 < max(shares) - min(shares) < NEAR
    return [f"{100 * share:.{int(fine)}f} %" for share in shares]


def deviation(error: float) -> str:
    """Return by how much a value is off, such as ``+2.2 % off``, from its relative error."""
    return f"{'+' if error > 0 else ''}{brief(100 * error)} % off"


def probability(share: float, draws: float = math.inf) -> str:
    """Return a share of draws as a probability, no nearer to 0 or 1 than so many draws can tell at 95 %."""
    most = min(0.999, max(1 - 3 / draws, 0.0))
    if share > most:
        return f"above {brief(100 * most)} %"
    return f"below {brief(100 * (1 - most))} %" if share < 1 - most else percents(share)[0]


def count(number_of: int, word: str) -> str:
    """Return a number of things, such as ``1 draw`` or ``2,000 draws``."""
    return f"{number_of:,} {word}{'' if number_of == 1 else 's'}"


def readable(name: object) -> str:
    """Return the name of a quantity or an input in words."""
    return str(name).replace("_", " ")


def with_unit(words: str, unit: str) -> str:
    """Return what a column or an axis shows, with its unit in brackets where it has one."""
    return f"{words} [{unit}]" if unit not in ("", "1") else words
