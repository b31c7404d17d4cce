"""What a comparison says."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from simulator.present.wording.numbers import Table, interval, number, probability, words
from simulator.units import readable_scale

if TYPE_CHECKING:
    import xarray

MOST_SENTENCES = 10
FIELDS = {
    "median": "estimate",
    "median_mcse": "estimate_mcse",
    "mean": "average",
    "interval": "interval",
    "interval_mcse": "interval_mcse",
}
SHARES = ("below_first", "below_first_mcse", "above_first", "above_first_mcse")


def heading(data: "xarray.Dataset") -> tuple[str, str]:
    """Return what is compared, and how it was made."""
    title = f"The {words(data.attrs['quantity'])} of {data.sizes['scenario']} scenarios"
    draws, seed = int(data.attrs["draws"]), int(data.attrs["seed"])
    return title, f"{draws:,} common draws · seed {seed} · equal-tailed (eti) intervals"


def table(data: "xarray.Dataset") -> Table:
    """Return each scenario's intervals, and its ratio to the first."""
    rows = []
    for place, name in enumerate(data["scenario"].values):
        item = data.isel(scenario=place)
        value, ratio = item.sel(statistic="value"), item.sel(statistic="ratio")
        median, error = float(value["estimate"]), float(value["estimate_mcse"])
        factor, unit = readable_scale(data.attrs["units"], median)
        ends = zip(value["interval"].values / factor, value["interval_mcse"].values / factor, strict=True)
        rows.append(
            (
                str(name),
                f"{number(median / factor, error / factor)} {unit}".strip(),
                *(interval(*pair) for pair in ends),
                number(float(ratio["estimate"]), float(ratio["estimate_mcse"])) if place else "",
            )
        )
    return Table(("", "median", "50 % interval", "90 % interval", "of the first"), rows)


def sentences(data: "xarray.Dataset") -> Iterator[str]:
    """Yield what is drawn apart, and how the scenarios lie to the first."""
    for name in data.attrs["drawn_apart"][:MOST_SENTENCES]:
        yield f"{name} has another prior than in the first, and is drawn apart; `as` can join them."
    for place in range(1, min(data.sizes["scenario"], MOST_SENTENCES + 1)):
        yield sentence(data, place)
    if (more := data.sizes["scenario"] - MOST_SENTENCES - 1) > 0:
        yield f"How sure the other {more} are is in comparison.json."


def sentence(data: "xarray.Dataset", place: int) -> str:
    """Return how one scenario lies to the first."""
    item, first = data.isel(scenario=place), str(data["scenario"].values[0])
    name = str(item["scenario"].values)
    if float(item["below_first"]) + float(item["above_first"]) == 0:
        return f"{name} is the same as {first} in every draw."
    difference, ratio = (item.sel(statistic=statistic, ci_prob=0.9) for statistic in ("difference", "ratio"))
    median = float(difference["estimate"])
    side = "below" if median < 0 else "above"
    factor, unit = readable_scale(data.attrs["units"], median)
    errors = difference["interval_mcse"].values / factor
    low, high = difference["interval"].values / factor
    by = f"by {number(abs(median) / factor, float(difference['estimate_mcse']) / factor)} {unit}".strip()
    if low * high > 0:
        nearer = sorted(zip(map(abs, (low, high)), errors, strict=True))
        by += f" ({' to '.join(number(*end) for end in nearer)})"
    else:
        by += f", from {number(low, errors[0])} to {number(high, errors[1])}"
    lowest, highest = (
        number(*end) for end in zip(ratio["interval"].values, ratio["interval_mcse"].values, strict=True)
    )
    times = f"{number(float(ratio['estimate']), float(ratio['estimate_mcse']))} times as much ({lowest} to {highest})"
    sure = probability(float(item[f"{side}_first"]), data.attrs["draws"])
    return f"{name} is {side} {first} with probability {sure}: {by}; it has {times}."


def comparison_json(data: "xarray.Dataset") -> dict[str, Any]:
    """Return a comparison as plain values."""
    scenarios = {}
    for place, name in enumerate(data["scenario"].values):
        item = data.isel(scenario=place)
        said: dict[str, Any] = {"title": str(item["title"].values)} | {key: float(item[key]) for key in SHARES}
        for statistic in map(str, data["statistic"].values):
            one = item.sel(statistic=statistic)
            said[statistic] = {key: one[field].values.tolist() for key, field in FIELDS.items()}
        scenarios[str(name)] = said
    about = {key: getattr(value, "tolist", lambda value=value: value)() for key, value in data.attrs.items()}
    return about | {"ci_probs": data["ci_prob"].values.tolist(), "scenarios": scenarios}
