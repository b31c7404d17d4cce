"""Write `docs/library.md` and its figures: every fitted prior with its data, its fit and its record.

python evidence/report.py
"""

import textwrap
from collections.abc import Iterator

import numpy as np
from fit_priors import KINDS, PRIORS, at_least, fitted_elsewhere, records
from hierarchical import TAILS, Array, Fitted, Record, build, fit_all
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator

import simulator

DOCS = PRIORS.parent / "docs"
FLAGSHIPS = ("gpt4-iowa", "bloom-training", "llama3", "chat-service", "request-large", "request-reasoning")
HEAD = """# The priors that were fitted, and their record

Written by `python evidence/report.py`; the fits are those of `python evidence/fit_priors.py`.

A fitted prior says what a *new* source would report: another operator, team, method or model. It comes from a table
of measurements in `evidence/`, by [one model](../evidence/hierarchical.py): effects of what is known of a
measurement, a deviation of its source, a deviation of its own. The prior contains both deviations, and the
uncertainty of the effects. What is usual between sources is learned from all tables together, so that a table with
few sources gets wide tails.

**The record.** Each source is left out in turn, the model is fitted to the others, and its values are compared with
the prior that results. *Inside* is the share of values within its 90 % interval, *by source* the mean share of a
source's values. *At least* is what a true 90 % interval would exceed with probability 95 %, counted by sources.
*Uniform* is the p-value of ArviZ's test that the probability integral transforms are uniform, on one value of each
source at a time. *Width* is the median width of the intervals and *CRPS* the mean score (lower is better), both on
the scale of the fit: the logarithm of the value, of its excess over 1, or of its odds. *Before* are the priors that
were replaced, which had seen many of these values.

What is left out is an independent source, but for water of electricity (a place), the power of serving and the
energy of a token (a family of models): there one team made most of the measurements, and what is new is a place
or a model. With few sources the record has little power: of a kind whose intervals truly held 70 %, *at least*
would tell with probability 0.2 for three sources, 0.45 for eight and 0.9 for thirty-two. The spreads that are
usual are estimated with all sources; estimated without the one that is left out, they change one kind by 4 points
and others by less.
"""


def record_table(fits: list[Fitted]) -> Iterator[str]:
    """Yield the table of all records, and the sum."""
    heads = "kind, values, sources, inside, by source, at least, uniform, width, CRPS, before: inside, width, CRPS"
    yield f"| {' | '.join(heads.split(', '))} |"
    yield "|---|---|---|---|---|---|---|---|---|---|---|---|"
    values = inside = 0
    for name, now, before in records(fits):
        cells = [name]
        if now is not None:
            values, inside = values + len(now.pit), inside + int(now.inside.sum())
            cells += [
                f"{len(now.pit)}",
                f"{len(now.by_source)}",
                f"{now.inside.mean():.0%}",
                f"{now.by_source.mean():.0%}",
            ]
            cells += [f"{at_least(now):.0%}", f"{now.uniformity:.2f}", *widths_and_score(now)]
        if before is not None:
            cells += [f"{before.inside.mean():.0%}", *widths_and_score(before)]
        yield f"| {' | '.join(cells + [''] * (12 - len(cells)))} |"
    yield ""
    share = f"{inside} of {values} values ({inside / values:.1%})"
    yield f"Over all kinds {share} are within the interval that was fitted without their source."


def widths_and_score(scored: Record) -> list[str]:
    """Return the median width and the mean score of a record, as they are printed."""
    return [f"{np.median(scored.width):.2f}", "" if np.isnan(scored.crps).any() else f"{scored.crps.mean():.2f}"]


def about(one: Fitted) -> Iterator[str]:
    """Yield what is said of one kind, with its figure."""
    levels = [f"{key} ({', '.join([base, *one.levels[key]])})" for key, base in one.kind.levels.items()]
    levels += [f"{key} (its logarithm)" for key in one.kind.numbers]
    yield f"## {one.name[0].upper()}{one.name[1:]}"
    yield ""
    if one.kind.note:
        yield one.kind.note
        yield ""
    sources = sorted(set(one.clusters))
    what = f"Effects of {'; '.join(levels)}. " if levels else ""
    table, scale = f"[Table](../evidence/{one.kind.table}.csv)", one.kind.scale.name
    yield f"{table}. {what}Scale: {scale}. Sources: {', '.join(sources)}."
    yield ""
    yield "| prior | 5 % | median | 95 % | before: 5 % | median | 95 % |"
    yield "|---|---|---|---|---|---|---|"
    for target in one.kind.targets:
        tables = [one.prior(target), *([target.before] if target.before else [])]
        quantiles = [value for table in tables for value in build(table).ppf(np.array([0.05, 0.5, 0.95]))]
        cells = [f"{value:.3g}" for value in quantiles] + [""] * (6 - len(quantiles))
        yield f"| `{target.prior}` | {' | '.join(cells)} |"
    yield ""
    if len(sources) > 1:
        yield f"![{one.name}: values and intervals fitted without their source](library/{slug(one)}.png)"
        yield ""


def slug(one: Fitted) -> str:
    """Return the name of a kind's figure."""
    return one.name.replace(" ", "-").replace("_", "-").replace(",", "")


def draw(one: Fitted) -> Figure:
    """Return the values of a kind with the intervals fitted without their source, and the distribution of the PIT."""
    drawing = Figure(figsize=(9.5, 3.2), dpi=110, layout="constrained")
    left, right = drawing.subplots(1, 2, width_ratios=[3, 1])
    order = np.lexsort((one.values, one.clusters))
    intervals = np.array([build(one.left_out[index]).ppf(TAILS) for index in order])
    places, inside = np.arange(len(order)), one.record.inside[order]
    left.vlines(places, *intervals.T, color="#b9c9dc", linewidth=max(0.6, min(4, 300 / len(order))))
    left.plot(places[inside], one.values[order][inside], "o", color="#1f3a5f", markersize=3)
    left.plot(places[~inside], one.values[order][~inside], "x", color="#c8553d", markersize=5)
    if one.values.max() > 3 * one.values.min() and not one.kind.scale.name.startswith("odds"):
        left.set_yscale("log")
        left.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        left.yaxis.set_major_formatter("{x:g}")
        left.yaxis.set_minor_formatter("")
    left.set_ylabel(one.rows[0]["unit"] if one.rows[0]["unit"] != "1" else "ratio", fontsize=8)
    names, starts = np.unique(np.array(one.clusters)[order], return_index=True)
    told, last = [], -np.inf
    for start, name in sorted(zip(starts, names, strict=True)):
        if start - last >= len(order) / 50:  # names that would overlap are left out
            told.append((start, textwrap.shorten(name, 18, placeholder="…")))
            last = start
    left.set_xticks(*zip(*told, strict=True), rotation=90, fontsize=6)
    left.set_xlim(-1, len(order))
    left.set_title(f"{one.name}: 90 % intervals fitted without the source; × outside", fontsize=9, loc="left")
    draw_pit(right, one.record.pit)
    left.tick_params(axis="y", which="major", labelsize=7)
    return drawing


def draw_pit(axis: Axes, pit: Array) -> None:
    """Draw the empirical distribution of the PIT, and that of a calibrated prior."""
    axis.plot([0, 1], [0, 1], color="#666666", linewidth=0.8)
    axis.step(np.sort(pit), (np.arange(len(pit)) + 1) / len(pit), color="#1f3a5f", where="post")
    axis.set_title("PIT, cumulative", fontsize=9, loc="left")
    axis.tick_params(labelsize=7)


def draw_others() -> Figure:
    """Return the distribution of the PIT of the fits of grids and of the energy of a token."""
    scored = list(fitted_elsewhere())
    drawing = Figure(figsize=(9.5, 3.2), dpi=110, layout="constrained")
    for axis, (name, record) in zip(drawing.subplots(1, len(scored)), scored, strict=True):
        draw_pit(axis, record.pit)
        axis.set_title(f"{name}: PIT", fontsize=9, loc="left")
    return drawing


def others() -> Iterator[str]:
    """Yield what is said of the fits of grids and of the energy of a token."""
    yield "## Grids and the energy of a token"
    yield ""
    yield "These have models of their own: [grids](../evidence/fit_grids.py), where one source of a place is left out"
    yield "at a time, and [the energy of a token](../evidence/fit_tokens.py), where one family of models is. What was"
    yield "fitted, and what is thin, is in [the notes on the data](../evidence/README.md)."
    yield ""
    yield "![PIT of grids, dense models and mixtures of experts](library/grids-and-tokens.png)"


def bases() -> Iterator[str]:
    """Yield how much of the variance of the flagships rests on priors of each basis."""
    yield "## What the flagships rest on"
    yield ""
    yield "Shares of the variance of the first quantity that a run prints (Shapley effects), by the basis of the"
    yield "prior: fitted, read at the sources, cited by others, or judgement."
    yield ""
    yield "| scenario | quantity | fitted | read | cited | judgement |"
    yield "|---|---|---|---|---|---|"
    for name in FLAGSHIPS:
        scenario = simulator.load_scenario(name)
        quantity = scenario.reported[0]
        values = simulator.rank(scenario, quantity)["value"].sel(measure="shapley", quantity=quantity)
        shares = dict.fromkeys(("fitted", "read", "cited", "judgement"), 0.0)
        priors = {item.prior.name: item.prior for item in scenario.inputs.values()}
        priors |= {
            key: item.prior for key, item in scenario.inputs.items()
        }  # inputs of one prior are ranked by its name
        for key, value in zip(values["input"].values, values.values, strict=True):
            prior = priors[str(key)]
            shares["fitted" if prior.record is not None else prior.basis or "judgement"] += float(value)
        yield f"| `{name}` | {quantity} | {' | '.join(f'{share:.0%}' for share in shares.values())} |"


def main() -> None:
    """Write the page and its figures."""
    fits, folder = fit_all(KINDS), DOCS / "library"
    folder.mkdir(exist_ok=True)
    for one in fits:
        if len(set(one.clusters)) > 1:
            draw(one).savefig(folder / f"{slug(one)}.png", metadata={"Software": None})
    draw_others().savefig(folder / "grids-and-tokens.png", metadata={"Software": None})
    parts = [record_table(fits), *map(about, fits), others(), bases()]
    (DOCS / "library.md").write_text(
        f"{HEAD}\n" + "\n\n".join("\n".join(part).rstrip() for part in parts) + "\n", encoding="utf-8"
    )


if __name__ == "__main__":
    main()
