"""Whatever a scenario file holds, it is a scenario or an InputError; and whatever loads, runs or says why not."""

import datetime
import json
import math
import tomllib

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from simulator import run
from simulator.book.equations import PAGES, bind
from simulator.distributions import FAMILIES
from simulator.errors import InputError, ModelError
from simulator.priors import shipped_folder
from simulator.scenario import Scenario, load_scenario

PROBES = np.array([1e-9, 0.25, 0.5, 0.75, 1 - 1e-9])
SETTINGS = settings(
    max_examples=150,
    derandomize=True,
    deadline=None,
    database=None,
    phases=[Phase.explicit, Phase.generate, Phase.shrink],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    return tmp_path_factory.mktemp("scenarios") / "any.toml"


def loaded(file, content):
    """Return the scenario of a file of this content, or its InputError, which must be fit to print."""
    file.write_bytes(content)
    try:
        scenario = load_scenario(file)
    except InputError as error:
        assert error.problems
        for problem in error.problems:
            assert problem.file and problem.message and str(problem).isprintable()
        return error
    assert isinstance(scenario, Scenario)
    for item in scenario.inputs.values():
        assert all(math.isfinite(float(end)) for end in item.distribution.ppf(PROBES))
    return scenario


def outcome(scenario):
    """Return the result of a run, or its ModelError in one line."""
    try:
        result = run(scenario, draws=200, keep=50)
    except ModelError as error:
        assert str(error) and "\n" not in str(error)
        return error
    medians = result["intervals"]["estimate"].values
    assert len(medians) >= len(scenario.reported) and all(map(math.isfinite, medians.tolist()))
    return result


# A writer of TOML for the values that tests make up.


HUGE_INTEGER = "an integer that Python does not write in decimal"


def toml(value):
    """Return a value as TOML."""
    match value:
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float():
            return repr(value)
        case str() if value == HUGE_INTEGER:
            return "0x1" + "0" * 5000
        case str():
            # JSON escapes as TOML does, but for surrogates, which no file in UTF-8 has, and for DEL.
            return json.dumps(value.encode(errors="replace").decode(), ensure_ascii=False).replace("\x7f", "\\u007F")
        case datetime.date() | datetime.time():
            return value.isoformat()
        case list():
            return f"[{', '.join(map(toml, value))}]"
        case dict():
            return "{" + ", ".join(f"{toml(str(key))} = {toml(item)}" for key, item in value.items()) + "}"
    raise TypeError(type(value))


def toml_file(table):
    return "".join(f"{toml(str(key))} = {toml(value)}\n" for key, value in table.items()).encode()


def test_the_writer_writes_what_is_read_again():
    table = {
        "a b\n": [1, -2.5, True, 10**4000, "é\x1b\x7f\"'\\"],
        "c": {"d": {}, "e": [[]]},
        "f": [datetime.date(1979, 5, 27), math.inf],
    }
    assert tomllib.loads(toml_file(table).decode()) == table


# What files are made of.

NAMES = sorted(name for page in PAGES for name in {*bind([page]).inputs, *bind([page]).equations})
LIBRARY = ["grid/us-ia", "grid/fr", "hardware/a100-tdp", "hardware/utilisation", "facility/pue-hyperscaler"]
UNITS = [
    "1",
    "",
    "kg",
    "t",
    "g/kWh",
    "kW",
    "W",
    "day",
    "year",
    "hour/day",
    "1/hour",
    "requests/hour",
    "%",
    "degC",
    "\x1b",
]
PARAMETERS = sorted({name for family in FAMILIES.values() for name in family.parameters})
EXTREMES = [0, 5e-324, 1e-300, 1e-9, 0.5, 1, 1.0000000000000002, 2, 1e9, 1e300, 1.7e308, -1, -1.7e308, -0.0]
HUGE = [HUGE_INTEGER, 10**309, 2**63]

numbers = st.one_of(
    st.sampled_from(EXTREMES), st.sampled_from(EXTREMES + HUGE), st.floats(), st.floats(0, 1e6), st.integers(-3, 30)
)
anything = st.recursive(
    st.one_of(
        numbers,
        st.booleans(),
        st.text(max_size=20),
        st.dates(),
        st.times(),
        st.datetimes(),
        st.sampled_from(NAMES + LIBRARY + list(PAGES) + list(FAMILIES)),
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
mutated = st.builds(
    lambda text, place, put: text[: place % (len(text) + 1)] + put + text[place % (len(text) + 1) + 1 :],
    st.sampled_from(NAMES + LIBRARY + list(PAGES) + ["title", "pages", "inputs", "references", "distribution"]),
    st.integers(0, 40),
    st.sampled_from(["", "s", "/", "..", "_", " ", "\x1b", "\n", "\u202e"]),
)
quantities = st.builds("{}{}{}".format, numbers, st.sampled_from(["", " ", "  "]), st.sampled_from(UNITS))
sources = st.sampled_from(["judgement", "me", [], {}, {"title": "A"}, {"title": "A", "year": "x"}, [{"title": 1}]])


@st.composite
def distributions(draw):
    """Return a table of a distribution: mostly one of the family's forms, with numbers of any size."""
    family = draw(st.sampled_from(list(FAMILIES)))
    form = draw(st.sampled_from(list(FAMILIES[family].forms)))
    names = [*form, *draw(st.lists(st.sampled_from(PARAMETERS), max_size=1))]
    given = draw(st.lists(numbers, min_size=len(names), max_size=len(names)))
    if draw(st.booleans()):
        given.sort(key=str if HUGE_INTEGER in given else None)
    table = {"distribution": family, **dict(zip(names, given, strict=True))}
    extras = {"unit": st.sampled_from(UNITS), "source": sources, "note": st.text(max_size=5), "x": anything}
    extras["bounds"] = st.lists(numbers, min_size=1, max_size=3)
    for key in draw(st.lists(st.sampled_from(list(extras)), max_size=2)):
        table[key] = draw(extras[key])
    return table


values = st.one_of(
    anything,
    quantities,
    distributions(),
    distributions(),
    distributions(),
    st.sampled_from(LIBRARY),
    mutated,
    st.fixed_dictionaries(
        {"prior": st.sampled_from(LIBRARY) | anything}, optional={"as": st.text(max_size=3) | anything}
    ),
)
references = st.fixed_dictionaries(
    {},
    optional={
        "quantity": st.sampled_from(NAMES) | mutated | anything,
        "value": quantities | anything,
        "label": st.text(max_size=9) | anything,
        "source": sources,
        "x": anything,
    },
)
files = st.fixed_dictionaries(
    {
        "title": st.text(max_size=9) | anything,
        "pages": st.lists(st.sampled_from(list(PAGES)), max_size=4, unique=True) | anything,
        "inputs": st.dictionaries(st.sampled_from(NAMES) | mutated, values, max_size=6) | anything,
    },
    optional={"references": st.lists(references, max_size=3) | anything, "description": anything, "x": anything},
)


@SETTINGS
@given(files)
def test_any_table_is_a_scenario_or_an_input_error(file, table):
    got = loaded(file, toml_file(table))
    if isinstance(got, Scenario):
        outcome(got)


GOOD = {
    "deployment_reported_footprint": ("19 kg/day", "kg/day"),
    "deployment_days": ("18 days", "day"),
    "requests_per_hour": ("558 requests/hour", "1/hour"),
    "hours_per_day": ("24 hour/day", "hour/day"),
}


def good_file(**inputs):
    given = {key: text for key, (text, _) in GOOD.items()}
    return {"title": "x", "pages": ["deployment_requests", "deployment_reported", "total"], "inputs": given | inputs}


@SETTINGS
@given(st.sampled_from(list(GOOD)), values)
def test_any_value_of_one_input_is_taken_or_is_that_inputs_problem(file, name, value):
    got = loaded(file, toml_file(good_file(**{name: value})))
    if isinstance(got, InputError):
        assert all(problem.key.startswith(f"inputs.{name}") for problem in got.problems)
    else:
        outcome(got)


@st.composite
def plausible(draw):
    """Return the table of a distribution whose numbers are above 0 and in order, of any magnitude."""
    family = draw(st.sampled_from([name for name in FAMILIES if name != "fixed"]))
    form = draw(st.sampled_from(list(FAMILIES[family].forms)))
    magnitude = 10.0 ** draw(st.one_of(st.integers(-6, 6), st.integers(-320, 308)))
    given = sorted(draw(st.lists(st.floats(1e-3, 9), min_size=len(form), max_size=len(form), unique=True)))
    scaled = {key: value if key in SHAPES else magnitude * value for key, value in zip(form, given, strict=True)}
    if family == "beta":
        scaled |= {} if "alpha" in form else {"low": 0.0, "high": magnitude * 10}
    table = {"distribution": family, **scaled}
    if family == "normal" or form == ("mean", "sd"):
        table["bounds"] = [0.0, math.inf]
    return table


SHAPES = {"mu", "sigma", "gsd", "alpha", "beta", "shape"}


@SETTINGS
@given(st.sampled_from(list(GOOD)), plausible())
def test_distributions_of_any_magnitude_run_or_say_why_not(file, name, table):
    got = loaded(file, toml_file(good_file(**{name: {**table, "unit": GOOD[name][1]}})))
    assume(isinstance(got, Scenario))
    outcome(got)


SHIPPED = [path.read_bytes() for path in sorted(shipped_folder("scenarios").glob("*.toml"))]
edits = st.lists(
    st.tuples(
        st.sampled_from(["delete", "double", "swap", "put"]),
        st.floats(0, 1),
        st.integers(1, 40),
        st.binary(max_size=2),
    ),
    min_size=1,
    max_size=4,
)


def edited(text, changes):
    """Return a text after some bytes of it were deleted, doubled, swapped with their neighbours or overwritten."""
    for change, where, width, new in changes:
        start = int(where * len(text))
        piece, after = text[start : start + width], text[start + width :]
        match change:
            case "delete":
                piece = b""
            case "double":
                piece += piece
            case "swap":
                piece, after = after[:width] + piece, after[width:]
            case "put":
                piece = new
        text = text[:start] + piece + after
    return text


@SETTINGS
@given(st.sampled_from(SHIPPED), edits)
def test_a_damaged_shipped_scenario_is_a_scenario_or_an_input_error(file, text, changes):
    got = loaded(file, edited(text, changes))
    if isinstance(got, Scenario):
        outcome(got)


@pytest.mark.parametrize(
    "pages", [["total"], ["hardware"], ["training"], ["training_schedule"], ["deployment_reported"]]
)
def test_pages_alone_are_a_scenario_that_runs_or_an_input_error(file, pages):
    inputs = {name: f"2 {unit}" if unit != "1" else 2 for name, unit in bind(pages).inputs.items()}
    got = loaded(file, toml_file({"title": "x", "pages": pages, "inputs": inputs}))
    if isinstance(got, Scenario):
        assert not isinstance(outcome(got), ModelError)
