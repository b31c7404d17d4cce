"""Results as text and as plain values: one way to write each kind of number, and the names of the dataset."""

import json
import math
import os
import re
import subprocess
import sys

import numpy as np
import pytest
import xarray

from simulator.analyses.intervals import interval_variables
from simulator.cli.terminal import print_text
from simulator.distributions import build_distribution
from simulator.present.wording import numbers
from simulator.present.wording.library import names_table
from simulator.present.wording.numbers import Table, number, standard_error
from simulator.present.wording.plain import plain_attributes, plain_records, plain_values
from simulator.sampling.draws import summarise
from tests import models

DATA = xarray.Dataset(
    {
        "value": (("quantity", "input"), [[1.0, np.nan], [3.0, np.inf]]),
        "rank": (("quantity", "input", "end"), np.arange(8).reshape(2, 2, 2)),
        "sd": ("quantity", [0.5, 0.25]),
    },
    {"quantity": ["a", "b"], "input": ["x", "y"], "units": ("quantity", ["kg", "1"]), "end": ["low", "high"]},
)


def test_dimensions_become_levels_of_keys_and_what_lacks_them_stands_beside():
    found = plain_values(DATA.variables, "quantity", "input")
    assert found["end"] == ["low", "high"] and set(found) == {"end", "quantity"}
    assert found["quantity"]["b"] == {
        "sd": 0.25,
        "units": "1",
        "input": {"x": {"rank": [4, 5], "value": 3.0}, "y": {"rank": [6, 7], "value": None}},
    }
    assert json.loads(json.dumps(found, allow_nan=False)) == found


def test_records_keep_labels_that_occur_twice():
    twice = DATA[["sd"]].assign_coords(quantity=["a", "a"])
    assert plain_records(twice, "quantity") == [
        {"quantity": "a", "sd": 0.5, "units": "kg"},
        {"quantity": "a", "sd": 0.25, "units": "1"},
    ]


def test_attributes_are_plain_whether_they_were_made_or_read():
    made = {"draws": 5, "title": "", "names": ["a", "b"], "share": 0.5, "none": math.nan}
    read = {
        "draws": np.int64(5),
        "title": "",
        "names": np.array(["a", "b"]),
        "share": np.float64(0.5),
        "none": np.nan,
    }
    assert plain_attributes(made) == plain_attributes(read) == {**made, "none": None}


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (numbers.percent(0.9), "90 %"),
        (numbers.percent(0.07), "7 %"),
        (numbers.percent(0.999), "99.9 %"),
        (numbers.deviation(0.0223456), "+2.23 % off"),
        (numbers.deviation(-0.5), "-50 % off"),
        (numbers.brief(29_345.6, 4), "29,350"),
        (numbers.brief(1e6, 6), "1,000,000"),
        (numbers.index(-0.0001), "0.000"),
        (numbers.index(0.25, "+"), "+0.250"),
        (numbers.count(1, "draw"), "1 draw"),
        (numbers.count(2000, "draw"), "2,000 draws"),
        (numbers.with_unit("total", "kt"), "total [kt]"),
        (numbers.with_unit("ratio", "1"), "ratio"),
    ],
)
def test_numbers_are_written_one_way(text, wanted):
    assert text == wanted


def test_every_row_of_a_table_has_a_cell_for_each_column():
    table = names_table(["grid/fr", "grid/us", "zone/no1"])
    assert table.rows == [("grid/", "2", "fr  us"), ("zone/", "1", "no1")]
    assert all(len(row) == len(table.columns) == len(table.headings) for row in table.rows)


def test_a_table_too_wide_loses_its_spare_columns_and_never_a_name():
    table = Table(("", "median", "50 %", "90 %"), [("a long name", "1.00 kt", "0.9 – 1.1", "0.5 – 2.0")], spare=(2,))
    assert table.fit_width(80, 2).headings == table.headings
    assert table.fit_width(42, 2).headings == table.headings
    narrow = table.fit_width(41, 2)
    assert narrow.headings == ("", "median", "90 %") and narrow.rows == [("a long name", "1.00 kt", "0.5 – 2.0")]
    assert table.fit_width(5, 2).headings == narrow.headings


@pytest.mark.parametrize("columns", [60, 80])
def test_no_name_is_folded(columns, tmp_path):
    """Flights of a single request: numbers of many digits beside names of parts."""
    command = [sys.executable, "-m", "simulator", "run", "request-large", "--as", "flights", "--no-plots"]
    done = subprocess.run(
        [*command, "--draws", "1e4", "--output", str(tmp_path)],
        env={**os.environ, "COLUMNS": str(columns)},
        capture_output=True,
        text=True,
        check=True,
    )
    lines = [line.rstrip() for line in done.stdout.splitlines()]
    for name in ("  electricity ", "    network, storage ", "as flights "):
        assert any(line.startswith(name) and any(map(str.isdigit, line)) for line in lines), name
    assert any(" token_energy_discrepancy  0." in line.replace("   ", "  ") for line in lines)  # in the ranking


@pytest.mark.parametrize("columns", range(12, 80))
def test_a_number_stays_on_one_line_with_its_unit(columns, monkeypatch, capsys):
    """At every width, and what is printed has plain spaces."""
    monkeypatch.setenv("COLUMNS", str(columns))
    text = "x ranks first with probability above 99.9 %; next is y, 18 %: -10.7 kt CO2e (-18.7 to -6.11)."
    print_text(text)
    lines = capsys.readouterr().out.splitlines()
    assert " ".join(lines) == text
    assert max(map(len, lines)) <= max(columns, len("-10.7 kt CO2e"))
    assert not any(re.search(r"\d$", line) or line.startswith("CO2e") for line in lines)


def test_small_numbers_are_written_with_a_power_of_ten():
    assert [number(value) for value in (0.00312, 3.12e-4, 3.12e-5, -3.12e-7)] == [
        "0.00312",
        "0.000312",
        "3.12e-5",
        "-3.12e-7",
    ]


def test_what_is_not_zero_is_not_written_as_zero():
    assert [number(value, 5.0) for value in (0.0764, -0.0764, 4.0, 0.0)] == ["0.08", "-0.08", "4", "0"]


@pytest.mark.parametrize("draws", [100_000, 200_000])  # values are kept, or counted in bins
def test_fixed_is_what_is_the_same_in_every_draw(draws):
    """A discrete quantity whose quantiles are all 2, without Monte Carlo error, and one that is always 2."""
    values = build_distribution("discrete", {"values": [0.5, 1.0, 2.5], "weights": [0.02, 0.96, 0.02]})
    for x1, wanted in ((values, ("2.00 kg", "2.00 – 2.00", "2.00 – 2.00")), (1.0, ("2.0000 kg", "fixed", "fixed"))):
        model = models.scenario(models.alone, x1=x1).model
        summary = summarise(model, ["alone"], draws=draws, seed=1)["alone"]
        item = xarray.Dataset(interval_variables([summary], "quantity")).isel(quantity=0)
        assert numbers.estimate_cells(item, "kg") == wanted


@pytest.mark.parametrize(
    ("error", "text"), [(4.2e-8, "4e-8"), (1.26e-11, "1.3e-11"), (0.0004, "0.0004"), (14.2, "14")]
)
def test_a_small_standard_error_has_a_power_of_ten(error, text):
    assert standard_error(error) == text
