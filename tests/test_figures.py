"""Figures: a published value stands on a row that is its own, titles are whole, scales are named."""

import dataclasses
import io

import numpy as np
import pytest
import xarray
from matplotlib.image import imread

from simulator import load_scenario, run
from simulator.analyses.local import local
from simulator.analyses.response import response
from simulator.distributions import build_distribution
from simulator.model import GaussianCopula
from simulator.present import figures as plots
from simulator.present.figures import style
from simulator.priors import shipped_folder
from simulator.units import one
from tests import models

TWO_STAGES = """
title = "two stages"
pages = [
    "hardware", "training_schedule", "training", "deployment_requests", "deployment_fleet", "deployment", "total",
]
[inputs]
training_gpu_count = 8
training_days = "10 days"
training_pue = 1.1
training_grid_intensity = "300 g/kWh"
training_tdp_fraction = 0.8
deployment_gpu_count = 800
deployment_days = "300 days"
deployment_pue = 1.1
deployment_grid_intensity = "300 g/kWh"
deployment_tdp_fraction = 0.5
deployment_host_overhead = 1.4
gpu_tdp = "400 W"
host_overhead = 1.4
requests_per_hour = "100 requests/hour"
embodied_gpu = "hardware/a100-embodied"
embodied_server = "hardware/a100-server-embodied"
hardware_lifetime = "5 years"
utilisation = 0.7
"""
REFERENCE = '\n[[references]]\nquantity = "{}"\nvalue = {}\nlabel = "{}"\nsource = {{ title = "A report" }}\n'


def two_stages(tmp_path, *published, scenario=TWO_STAGES):
    """Return a result of two stages with these published values, each a quantity, a value and a label."""
    path = tmp_path / "two.toml"
    path.write_text(scenario + "".join(REFERENCE.format(*item) for item in published), encoding="utf-8")
    return run(load_scenario(path), draws=2000, keep=500)


def rows(axis):
    """Return the words of the rows of a panel, by their heights."""
    return {height: text.get_text() for height, text in zip(axis.get_yticks(), axis.get_yticklabels(), strict=True)}


def marks(drawing):
    """Return the words of the row of each diamond, and the diamond's value over the row's median."""
    found = []
    for axis in drawing.axes:
        medians = {line.get_ydata()[0]: line.get_xdata()[0] for line in axis.lines if line.get_marker() == "o"}
        for line in axis.lines:
            if line.get_marker() == "D":
                height = line.get_ydata()[0]
                found.append((rows(axis)[height], line.get_xdata()[0] / medians[height]))
    return found


WITH_REFERENCES = [
    path.stem for path in sorted(shipped_folder("scenarios").glob("*.toml")) if "[[references]]" in path.read_text()
]


@pytest.mark.parametrize("name", WITH_REFERENCES)
def test_every_published_value_is_drawn_beside_the_median_of_its_own_quantity(name):
    result = run(load_scenario(name), draws=300)
    published, draws = result["references"].to_dataset(), result["prior"]
    medians = [float(np.median(draws[str(quantity)])) for quantity in published["quantity"].values]
    drawn = sorted(ratio for _, ratio in marks(plots.plot_intervals(result)))
    assert drawn == pytest.approx(sorted(published["value"].values / medians), rel=1e-6)


def test_what_equals_the_total_in_every_draw_is_marked_on_the_total():
    result = run(load_scenario("bloom-training"), draws=300)
    assert [row for row, _ in marks(plots.plot_intervals(result))] == ["total"]


def test_a_part_of_one_stage_is_not_marked_on_the_row_of_both(tmp_path):
    result = two_stages(tmp_path, ("training_server_footprint", '"30 kg"', "servers"))
    drawing = plots.plot_intervals(result)
    ((row, ratio),) = marks(drawing)
    assert row == "training server footprint"
    assert ratio == pytest.approx(30 / float(result["intervals"]["estimate"].sel(quantity=row.replace(" ", "_"))))
    assert "servers" in rows(drawing.axes[0]).values()  # of both stages, in the same panel
    assert row in rows(drawing.axes[0]).values()


def test_values_of_one_quantity_share_the_row_that_is_added(tmp_path):
    published = [("training_gpu_energy", '"600 kWh"', label) for label in ("one", "other")]
    result = two_stages(tmp_path, *published)
    drawing = plots.plot_intervals(result)
    (row, one), (same, other) = marks(drawing)
    assert row == same == "training gpu energy" and one == other


def test_the_interval_of_an_added_row_is_that_of_all_draws(tmp_path):
    result = two_stages(tmp_path, ("training_server_footprint", '"30 kg"', "servers"))
    axis = plots.plot_intervals(result).axes[0]
    height = min(rows(axis))
    thick, thin = (
        next(line.get_xdata() for line in axis.lines if line.get_ydata()[0] == height and line.get_lw() == width)
        for width in (4.5, 1.4)
    )
    intervals = result["intervals"]["interval"].sel(quantity="training_server_footprint")
    assert result["prior"].sizes["draw"] < result.attrs["draws"]
    scale = axis.lines[-1].get_xdata()[0] / 30  # the diamond, in the unit of the axis
    for ends, ci_prob in ((thick, 0.5), (thin, 0.9)):
        np.testing.assert_allclose(ends, intervals.sel(ci_prob=ci_prob) * scale, rtol=1e-9)


def test_a_value_of_zero_is_drawn_where_a_logarithmic_axis_would_lose_it(tmp_path):
    drawing = plots.plot_intervals(two_stages(tmp_path, ("total_footprint", '"0 kg"', "nothing")))
    assert marks(drawing) == [("total", 0.0)]
    assert drawing.axes[0].get_xscale() == "linear" and "logarithmic" not in drawing.axes[0].get_xlabel()


def test_a_value_is_drawn_even_of_what_is_known_to_be_nothing(tmp_path):
    nothing = TWO_STAGES.replace('training_grid_intensity = "300 g/kWh"', 'training_grid_intensity = "0 g/kWh"')
    published = ("training_electricity_footprint", '"5 kg"', "electricity")
    for scenario, expected in ((nothing, 2), (TWO_STAGES, 3)):  # rows that are called electricity
        without = plots.plot_intervals(two_stages(tmp_path, scenario=scenario))
        assert list(rows(without.axes[0]).values()).count("electricity") == expected
    drawing = plots.plot_intervals(two_stages(tmp_path, published, scenario=nothing))
    diamonds = [line for axis in drawing.axes for line in axis.lines if line.get_marker() == "D"]
    assert [line.get_xdata()[0] for line in diamonds] == [5]


def test_a_title_is_drawn_whole(tmp_path):
    title = " ".join(["Wide Words Without End"] * 8)
    drawing = plots.plot_intervals(two_stages(tmp_path, scenario=TWO_STAGES.replace("two stages", title)))
    picture = imread(io.BytesIO(plots.as_png(drawing)))
    assert picture[:, -3:, :3].min() > 0.99  # nothing runs over the right edge
    box = next(text for text in drawing.texts if text.get_text() == title).get_window_extent()
    assert box.height > 3 * 12 / 72 * drawing.dpi  # lines of 12 points
    assert box.y0 > max(axis.get_tightbbox().y1 for axis in drawing.axes)  # nor over the panels


def test_small_print_is_drawn_whole():
    drawing = style.figure(6, 2)
    drawing.subplots()
    style.entitle(drawing, "a title", " ".join(["wide Words"] * 30))
    picture = imread(io.BytesIO(plots.as_png(drawing)))
    assert picture[:, -3:, :3].min() > 0.99 and drawing.get_supxlabel().count("\n") > 1


@pytest.mark.parametrize(("lowest", "scale"), [(0.5, "log"), (-0.5, "linear")])
def test_the_axes_of_a_comparison_name_a_logarithmic_scale(lowest, scale):
    ends = np.broadcast_to([[1.0, 2.0], [lowest, 3.0]], (2, 2, 2, 2))
    variables = {
        "estimate": (("scenario", "statistic"), np.full((2, 2), 1.5)),
        "interval": (("scenario", "statistic", "ci_prob", "ci_bound"), ends),
    }
    coordinates = {"scenario": ["one", "other"], "statistic": ["value", "ratio"], "ci_prob": [0.5, 0.9]}
    about = {"quantity": "total_footprint", "units": "kgCO2e", "draws": 100, "seed": 1}
    for axis in plots.plot_comparison(xarray.Dataset(variables, coordinates, about)).axes:
        assert axis.get_xscale() == scale
        assert axis.get_xlabel().endswith(", logarithmic scale") == (scale == "log")


def sum_of_two(x1: one, x2: one) -> one:
    return x1 + x2


def test_an_input_that_alone_moves_a_quantity_the_other_way_is_named():
    """Where x2 follows x1 by -0.8 times its double spread, x1 raises the sum alone and lowers it with x2."""
    priors = {f"x{i}": build_distribution("normal", {"mean": 20.0, "sd": float(i)}) for i in (1, 2)}
    model = models.scenario(sum_of_two, **priors).model
    for r, names in ((-0.8, "x1"), (0.8, "")):
        joint = dataclasses.replace(model, copulas=(GaussianCopula(("x1", "x2"), ((1.0, r), (r, 1.0))),))
        moved = response(joint, ["sum_of_two"], draws=4096)
        result = xarray.DataTree.from_dict({"local": local(joint, ["sum_of_two"]), "response": moved})
        result.attrs["title"] = "two"
        drawings = (plots.plot_tornado(result), plots.plot_response(result))
        tornado, follows = (drawing.get_supxlabel().replace("\n", " ") for drawing in drawings)
        for said in (tornado, follows):
            assert (f"{names}: the tornado moves one input alone" in said) == bool(names)
        assert "Line: all at their medians, 40.0; the median of the draws is 40" in tornado
