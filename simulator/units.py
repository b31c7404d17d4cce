"""Units: the array types that the equation book is annotated with, and conversion at the border.

Inside the simulator a quantity is a plain array in the unit that its annotation names. Text with a unit is
converted here, once, when a file is read; numbers get a human-readable unit here, when they are printed.
"""

import math
import re
import sys
from datetime import date, time
from functools import lru_cache
from typing import Annotated, Any, NamedTuple, get_args, get_origin

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


class Limits(NamedTuple):
    """What an input cannot go beyond: stated in an annotation, after the unit that it is in."""

    low: float
    high: float


class Usual(NamedTuple):
    """What the median of an input usually lies between, stated likewise: beyond it a unit may be wrong.

    The upper end may be the name of another input, whose median it is.
    """

    low: float
    high: float | str


ABOVE_ZERO = sys.float_info.min
one = Annotated[FloatArray, "1"]
count = Annotated[FloatArray, "1", Limits(ABOVE_ZERO, math.inf)]
parameters_used = Annotated[FloatArray, "1", Limits(ABOVE_ZERO, math.inf), Usual(0.0, "total_parameters")]
share = Annotated[FloatArray, "1", Limits(0.0, 1.0)]
overhead = Annotated[FloatArray, "1", Limits(1.0, math.inf)]  # a whole over its part
pue = Annotated[FloatArray, "1", Limits(1.0, math.inf), Usual(1.0, 3.0)]
fraction_of_tdp = Annotated[FloatArray, "1", Limits(0.0, 2.0)]  # above 1 where a measurement has the host in it
hour = Annotated[FloatArray, "hour"]
day = Annotated[FloatArray, "day"]
year = Annotated[FloatArray, "year"]
per_hour = Annotated[FloatArray, "1/hour"]
hour_per_day = Annotated[FloatArray, "hour/day"]
hour_per_year = Annotated[FloatArray, "hour/year"]
kW = Annotated[FloatArray, "kW"]
tdp = Annotated[FloatArray, "kW", Usual(0.01, 5.0)]
kWh = Annotated[FloatArray, "kWh"]
kg = Annotated[FloatArray, "kg"]
kgCO2e = Annotated[FloatArray, "kgCO2e"]
kgCO2e_per_hour = Annotated[FloatArray, "kgCO2e/hour"]
kgCO2e_per_day = Annotated[FloatArray, "kgCO2e/day"]
grid_intensity = Annotated[FloatArray, "kgCO2e/kWh", Usual(0.0, 2.0)]
flop = Annotated[FloatArray, "FLOP"]
flop_per_second = Annotated[FloatArray, "FLOP/s"]
second_per_hour = Annotated[FloatArray, "s/hour"]
cm = Annotated[FloatArray, "cm"]
cm2 = Annotated[FloatArray, "cm^2"]
per_cm2 = Annotated[FloatArray, "1/cm^2"]
cm2_per_GB = Annotated[FloatArray, "cm^2/GB"]
GB_per_cm2 = Annotated[FloatArray, "GB/cm^2"]
kgCO2e_per_cm2 = Annotated[FloatArray, "kgCO2e/cm^2"]
kWh_per_cm2 = Annotated[FloatArray, "kWh/cm^2"]
GB = Annotated[FloatArray, "GB"]
kgCO2e_per_GB = Annotated[FloatArray, "kgCO2e/GB"]
kW_per_GB = Annotated[FloatArray, "kW/GB"]
per_second = Annotated[FloatArray, "1/s"]
kgCO2e_per_kg = Annotated[FloatArray, "kgCO2e/kg"]
litre = Annotated[FloatArray, "litre"]
litre_per_kWh = Annotated[FloatArray, "litre/kWh"]
MJ = Annotated[FloatArray, "MJ"]
MJ_per_kWh = Annotated[FloatArray, "MJ/kWh"]
kgSb = Annotated[FloatArray, "kgSb"]
kgSb_per_kWh = Annotated[FloatArray, "kgSb/kWh"]
kilometre = Annotated[FloatArray, "km"]
kgCO2e_per_km = Annotated[FloatArray, "kgCO2e/km"]

NOTHING: Any = 0.0  # what a part that a scenario leaves out adds

NUMBER = re.compile(r"[+-]?(?:\d[\d_]*(?:\.[\d_]*)?|\.\d[\d_]*)(?:[eE][+-]?\d{1,3})?", re.ASCII)
LONGEST_UNIT, LONGEST_QUANTITY = 60, 200
UNIT = re.compile(r"%|(?:1?/)?[A-Za-zµ°][A-Za-zµ°_/*^() \d-]*", re.ASCII)
# A digit is the power of a name, of one place, and no power has a power: what pint reads cannot compute for long.
NO_UNIT = re.compile(r"//|\d[\d^]|(?<![A-Za-zµ^-])\d|\^(?!-?\d)|-(?!\d)", re.ASCII)
SPELLINGS = {"**": "^", "·": "*", "μ": "µ", "CO₂": "CO2", "GPU-h": "GPU*h"}
AMBIGUOUS = {"ton": "t, 1000 kg", "tons": "t, 1000 kg", "rpm": "requests/minute"}


class UnitError(ValueError):
    """A text that is not a quantity, an unknown unit, or a unit of the wrong dimension."""


def unit_of(annotation: Any) -> str:
    """Return the unit that an annotation such as ``kWh`` carries."""
    return str(get_args(annotation)[1])


def stated_in[Kind: (Limits, Usual)](annotation: Any, kind: type[Kind]) -> Kind | None:
    """Return the limits that an annotation such as ``share`` carries, or the usual values."""
    return next((part for part in get_args(annotation) if isinstance(part, kind)), None)


@lru_cache(maxsize=1)
def registry() -> Any:
    """Return the pint registry, with the names that footprints use (kgCO2e is a kilogram)."""
    import pint

    units = pint.UnitRegistry(cache_folder=None)
    for definition in ("gCO2e = gram = gCO2eq = gCO2", "tCO2e = tonne = tCO2eq = tCO2"):
        units.define(definition)
    units.define("kilotonne = 1000 * tonne = kt")  # not knots
    units.define("kgSb = [antimony] = kgSbe")  # of abiotic depletion, which is no mass of anything
    units.define("gSb = 0.001 * kgSb")
    for name in ("GPU", "server", "request", "prompt", "token", "person", "passenger", "search", "FLOP", "parameter"):
        units.define(f"{name} = []")
    return units


# Conversions that shipped files need, into each unit, so that reading them does not wait for pint; a test holds each
# against pint.
CONVERSIONS = {
    "1": {"token": 1.0, "kg/kg": 1.0},
    "1/hour": {"requests/hour": 1.0, "1/day": 1 / 24},
    "hour": {"hours": 1.0, "s": 1 / 3600},
    "day": {"days": 1.0, "hours": 1 / 24},
    "year": {"years": 1.0},
    "kW": {"W": 1e-3},
    "kW/GB": {"W/GB": 1e-3},
    "kWh": {"Wh": 1e-3, "MWh": 1e3, "TWh": 1e9, "J": 1 / 3.6e6, "Wh/request": 1e-3},
    "kgCO2e": {
        "kg": 1.0,
        "g": 1e-3,
        "t": 1e3,
        "kt": 1e6,
        "gCO2e": 1e-3,
        "kgCO2e/passenger": 1.0,
        "tCO2e/person": 1e3,
    },
    "kg": {"g": 1e-3, "t": 1e3},
    "kgCO2e/hour": {"kg/hour": 1.0},
    "kgCO2e/day": {"kg/day": 1.0},
    "kgCO2e/kWh": {"gCO2e/kWh": 1e-3, "g/kWh": 1e-3},
    "kgCO2e/cm^2": {"gCO2e/cm^2": 1e-3},
    "litre": {"L": 1.0},
    "litre/kWh": {"L/kWh": 1.0},
    "FLOP/s": {"TFLOP/s": 1e12},
}
COMMON_UNITS = {unit for units in CONVERSIONS.values() for unit in units} | {
    unit_of(item) for item in list(globals().values()) if get_origin(item) is Annotated
}


def require_unit(unit: str) -> None:
    """Raise UnitError unless a text is a unit."""
    if unit not in COMMON_UNITS:
        conversion_factor(unit, f"{unit} ")  # not the same text, so that it is read


@lru_cache(maxsize=4096)
def conversion_factor(unit: str, target: str) -> float:
    """Return the number that turns a value in `unit` into one in `target`.

    Raises
    ------
    UnitError
        If `unit` is unknown or of another dimension.
    """
    if unit == target:
        return 1.0
    if unit in CONVERSIONS.get(target, {}):
        return CONVERSIONS[target][unit]
    if unit.strip() == target:
        return 1.0
    if unit.strip() == "1":  # to pint an hour a day is a number too, but someone forgot to say of what
        raise UnitError("a unit is missing")
    if len(unit) > LONGEST_UNIT:
        raise UnitError(f"{shorten(unit)} is not a unit")
    plain = unit
    for spelling, standard in SPELLINGS.items():
        plain = plain.replace(spelling, standard)
    plain = re.sub(r"\s*([/*^])\s*", r"\1", " ".join(plain.split()))
    plain = re.sub(r"\b([km]?g|[kM]?t) CO2", r"\1CO2", plain)
    for word in re.findall(r"[A-Za-z]+", plain):
        if word in AMBIGUOUS:
            raise UnitError(f"{word!r} means different things; write {AMBIGUOUS[word]}")
    if not UNIT.fullmatch(plain) or NO_UNIT.search(plain.removeprefix("1")):
        raise UnitError(f"{shorten(unit)} is not a unit")
    plain = f"1{plain}" if plain.startswith("/") else plain.replace("%", "percent")
    import pint

    try:
        parsed = measure(1.0, plain)
        factor = float(parsed.to("" if target == "1" else target).magnitude)
        offset = float((parsed * 0).to("" if target == "1" else target).magnitude)
    except pint.DimensionalityError as error:
        raise UnitError(f"{unit!r} has the wrong dimension") from error
    except Exception as error:  # pint raises its tokenizer's and its registry's own errors alike
        raise UnitError(f"{shorten(unit)} is not a known unit") from error
    if not (np.isfinite(factor) and factor > 0 and offset == 0):
        raise UnitError(f"{shorten(unit)} cannot be converted to {target}")
    return factor


def measure(value: float, unit: str) -> Any:
    """Return a value as a pint quantity, to check an equation with."""
    return registry().Quantity(value, "" if unit == "1" else unit)


def looks_like_quantity(text: str) -> bool:
    """Tell whether a text starts as a number does, so that it is meant as a quantity and not as a name."""
    return bool(re.match(r"\s*[+-]?\.?\d", text))


def parse_quantity(text: str, target: str) -> float:
    """Read a quantity with its unit, such as ``400 W`` or ``206 g/kWh``, in the unit `target`.

    Raises
    ------
    UnitError
        If the text is not a quantity, its unit is missing or unknown, or of another dimension than `target`.
    """
    plain = text.strip() if len(text) <= LONGEST_QUANTITY else ""
    number = NUMBER.match(plain)
    if number is None:
        raise UnitError(f"{shorten(text)} is not a number with a unit")
    value, unit = float(number[0].replace("_", "")), plain[number.end() :].strip()
    if unit.startswith(","):
        raise UnitError("write decimals with a point and thousands without a comma, such as 1.4 and 1_000")
    if re.match(r"(-|–|to\b|\.\.)\s*[\d.]", unit):
        raise UnitError("a range is a distribution, such as uniform with low and high")
    if not np.isfinite(value):
        raise UnitError(f"{shorten(text)} is too large")
    if not unit and target != "1":
        raise UnitError(f"{shorten(text)} has no unit")
    converted = value * conversion_factor(unit or "1", target)
    if not np.isfinite(converted):
        raise UnitError(f"{shorten(text)} is too large")
    return converted


def shorten(value: object, length: int = 60) -> str:
    """Return a value as printable text of bounded length, for messages."""
    try:
        text = repr(value)
        if isinstance(value, bool | date | time):
            text = str(value).lower()  # as a file has it
    except ValueError:  # whole numbers of thousands of digits are not written out
        return "a number of thousands of digits"
    return text if len(text) <= length else text[: length - 1] + "…"


# Scales to print in: (lower limit of the magnitude, factor, name), largest first.
MASSES = [(1e9, "Mt"), (1e6, "kt"), (1e3, "t"), (1.0, "kg"), (1e-3, "g"), (1e-6, "mg")]
SCALES: dict[str, list[tuple[float, str]]] = {
    "kg": MASSES,
    "kgCO2e": [(factor, f"{name} CO2e") for factor, name in MASSES],
    "kWh": [(1e9, "TWh"), (1e6, "GWh"), (1e3, "MWh"), (1.0, "kWh"), (1e-3, "Wh"), (1e-6, "mWh")],
    "kW": [(1e3, "MW"), (1.0, "kW"), (1e-3, "W")],
    "kgCO2e/kWh": [(1e-3, "g CO2e/kWh")],
    "litre": [(1e9, "GL"), (1e6, "ML"), (1e3, "kL"), (1.0, "L"), (1e-3, "mL")],
    "MJ": [(1e9, "PJ"), (1e6, "TJ"), (1e3, "GJ"), (1.0, "MJ"), (1e-3, "kJ")],
    "kgSb": [(1e3, "tSb"), (1.0, "kgSb"), (1e-3, "gSb"), (1e-6, "mgSb"), (1e-9, "µgSb")],
    "km": [(1e9, "G km"), (1e6, "M km"), (1.0, "km")],
    "day": [(1.0, "days")],
    "hour": [(1e9, "G hours"), (1e6, "M hours"), (1.0, "hours")],
    "1": [(1e9, "G"), (1e6, "M"), (1.0, "")],
}


def readable_scale(unit: str, magnitude: float) -> tuple[float, str]:
    """Return the factor and the name of a human-readable unit for a value of this size.

    A value divided by the factor is in the unit of that name; ``7.8e6`` kgCO2e gives ``(1e6, "kt CO2e")``.
    """
    scales = SCALES.get(unit, [(1.0, "" if unit == "1" else unit)])
    for factor, name in scales:
        if abs(magnitude) >= factor or (magnitude == 0 and factor == 1.0):
            return factor, name
    return scales[-1]
