"""The figure of a comparison: the intervals of each scenario, and of its ratio to the first."""

from typing import TYPE_CHECKING

import numpy as np

from simulator.present.figures import style
from simulator.present.wording.comparison import title
from simulator.present.wording.numbers import count, readable, with_unit
from simulator.units import readable_scale

if TYPE_CHECKING:
    import xarray
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SHOWN = 300  # scenarios that are drawn
IN_ORDER = 10  # scenarios up to which they keep the order in which they were given
LEAST_HEIGHT = 2.6


def plot_comparison(data: "xarray.Dataset") -> "Figure":
    """Draw the scenarios of a comparison's dataset, many of them in order of their medians."""
    shown = data.isel(scenario=slice(SHOWN))
    medians = shown["estimate"].sel(statistic="value")
    if shown.sizes["scenario"] > IN_ORDER:
        shown = shown.isel(scenario=np.argsort(medians.values, kind="stable"))
    drawing = style.figure(10, max(LEAST_HEIGHT, style.ROW * shown.sizes["scenario"] + 1.4))
    values, ratios = drawing.subplots(1, 2, sharey=True, width_ratios=[1.5, 1])
    factor, unit = readable_scale(data.attrs["units"], float(medians.median()))
    first = str(data["scenario"].values[0])
    draw_scenarios(values, shown, "value", factor, first)
    draw_scenarios(ratios, shown, "ratio", 1.0, first)
    ratios.axvline(1, color=style.LINE, lw=1, zorder=1)
    style.label_values(values, with_unit(readable(data.attrs["quantity"]), unit))
    style.label_values(ratios, f"ratio to first ({first})")
    left_out = data.sizes["scenario"] - shown.sizes["scenario"]
    more = f" {count(left_out, 'more scenario')} not drawn." if left_out else ""
    draws = count(int(data.attrs["draws"]), "common draw")
    style.entitle(
        drawing,
        title(str(data.attrs["quantity"]), data.sizes["scenario"]),
        f"{style.ROW_LEGEND}. {draws}, seed {int(data.attrs['seed'])}.{more}",
    )
    return drawing


def draw_scenarios(axis: "Axes", data: "xarray.Dataset", statistic: str, factor: float, first: str) -> None:
    """Draw a row a scenario; on a logarithmic axis where all is above zero."""
    item = data.sel(statistic=statistic)
    names = [str(name) for name in item["scenario"].values]
    for position, name in enumerate(names):
        ends, median = (item[key].values[position] / factor for key in ("interval", "estimate"))
        style.draw_row(axis, -position, ends, median, style.ACCENT if name == first else style.INK)
    if float(item["interval"].min()) > 0:
        style.use_log_scale(axis)
    style.name_rows(axis, names)
