"""What is printed."""

import contextlib
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

    import xarray
    from rich.console import Console

MOST_CHANGES = 3  # priors whose changes are printed
WIDEST_NAME = 38  # of a ranking; a longer one is folded


def console() -> "Console":
    """Return the terminal to print on; 80 columns where there is none."""
    from rich.console import Console

    return Console(highlight=False, markup=False, emoji=False)


class Stopped(Exception):
    """A run that was interrupted, with how far it got."""


@contextlib.contextmanager
def progress_bar(
    total: int, title: str, quiet: bool, left: str = "draws; nothing was written"
) -> Iterator[Callable[[int], None]]:
    """Show a bar on runs of over two seconds, where the terminal is one; say how far a stopped run got."""
    done, started = 0, time.monotonic()
    show = progress_shower(total, title) if not quiet and sys.stderr.isatty() else None

    def progress(rows: int) -> None:
        nonlocal done
        done = rows
        if show is not None and time.monotonic() - started > 2:
            show(rows)

    try:
        yield progress
    except KeyboardInterrupt:
        raise Stopped(f"stopped after {done:,} of {total:,} {left}") from None
    finally:
        if show is not None:
            show(None)


def progress_shower(total: int, title: str) -> Callable[[int | None], None]:
    """Return what draws a bar on the terminal for a number of rows, and takes it away for None."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(),
    )
    bar = Progress(*columns, console=Console(stderr=True), transient=True)
    task = bar.add_task(title, total=total)

    def show(rows: int | None) -> None:
        if rows is None:
            bar.stop()
        else:
            bar.start()
            bar.update(task, completed=rows)

    return show


def print_result(result: "xarray.DataTree") -> None:
    """Print the table of intervals and where the published values lie."""
    from rich.table import Table

    from simulator.present import wording as summary

    data = summary.intervals(result)
    kind = str(data.attrs["interval_kind"])
    names = {"eti": "equal-tailed", "hdi": "highest-density"}
    terminal = console()
    terminal.print(str(result.attrs["title"]), style="bold")
    terminal.print(
        f"{int(result.attrs['draws']):,} draws · seed {int(result.attrs['seed'])} · "
        f"{float(result.attrs['sampling_time']):.1f} s · {names[kind]} ({kind}) intervals",
        style="dim",
    )
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    table.add_column("")
    for heading in (
        "median",
        *(f"{100 * float(p):.0f} % interval" for p in data["probability"]),
        "± MCSE",
        "share",
    ):
        table.add_column(heading, justify="right", no_wrap=True)
    for row in summary.rows(result):
        label = "  " * row.level + row.label
        table.add_row(label, row.median, *row.intervals, row.error, row.share, style="bold" if not row.level else "")
    terminal.print(table)
    for sentence in (*summary.missing(result), *summary.references(result)):
        terminal.print(sentence, soft_wrap=True)


def print_ranking(ranked: "xarray.Dataset", shrinkage: "xarray.Dataset | None" = None) -> None:
    """Print a ranking of each quantity, and in words what dominates the first."""
    from simulator.present.wording import dominance

    if ranked.data_vars:
        for quantity in ranked["quantity"].values:
            print_ranking_of(ranked.sel(quantity=quantity, index=ranked.attrs["leading"]))
        console().print(dominance(ranked, shrinkage))
        if ranked.attrs["done"] < 1:
            done = f"{100 * ranked.attrs['done']:.0f} %"
            console().print(f"Stopped after {done} of the design; the intervals allow for it.")
        elif not ranked.attrs.get("separated", 1):
            advice = "a larger --budget of simulator rank may"
            evaluations = f"{int(ranked.attrs['evaluations']):,} evaluations"
            console().print(f"The first place is not decided at 95 % with {evaluations}; {advice}.")
    else:
        console().print(f"No ranking: {dominance(ranked)}")


def print_ranking_of(item: "xarray.Dataset") -> None:
    """Print one index of the inputs of one quantity, with intervals and bars."""
    from rich.table import Table

    terminal = console()
    probability = f"{100 * float(item.attrs['interval_probability']):.0f} %"
    words = str(item["quantity"].values).replace("_", " ")
    terminal.print(f"What the {words} depends on ({item['title'].values}, {probability} intervals)")
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(justify="right", no_wrap=True)
    table.add_column(overflow="fold", max_width=WIDEST_NAME)
    table.add_column(justify="right", no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    item = item.sortby("rank")
    largest = float(abs(item["value"]).max())
    names = [str(name) for name in item["input"].values]
    beside = min(max(map(len, names)), WIDEST_NAME) + len("10–11  ") + len("  0.000  [0.000, 0.000]  ")
    widest = min(max(terminal.width - beside, 6), 16)
    for name in names:
        one = item.sel(input=name)
        value, (low, high) = float(one["value"]), one["interval"].values
        first, last = one["rank_interval"].values
        place = f"{first}" if first == last else f"{first}–{last}"
        bar = "█" * round(widest * abs(value) / largest) if largest else ""
        table.add_row(place, name, f"{value:z.3f}", f"[{low:z.3f}, {high:z.3f}]", bar or "▏")
    terminal.print(table)


def print_changes(response: "xarray.Dataset") -> None:
    """Print how the first quantity would move if the priors that matter most were other than they are."""
    from rich.table import Table

    from simulator.units import readable_scale, three_digits

    terminal = console()
    item = response.isel(quantity=0)
    base = item["quantiles"]
    factor, unit = readable_scale(str(item["unit"].values), float(base.sel(quantile=0.5)))
    words = str(item["quantity"].values).replace("_", " ")

    def interval(quantiles: "xarray.DataArray") -> str:
        low, _, high = (three_digits(float(value) / factor) for value in quantiles)
        return f"{low} – {high}"

    def median(quantiles: "xarray.DataArray") -> str:
        return three_digits(float(quantiles.sel(quantile=0.5)) / factor)

    shown = f"{words} ({f'{median(base)}, {interval(base)} {unit}'.strip()})"
    terminal.print(
        f"The {shown} if a prior were 0.8 or 1.25 times as wide (90 % interval), or lower or higher by half its "
        "standard deviation (median)"
    )
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    table.add_column("")
    for change in ("if narrower", "if wider", "if lower", "if higher"):
        table.add_column(change, justify="right", no_wrap=True)
    reach = abs(item["reweighted"] - base).max(("change", "quantile")).values
    for place in np.argsort(-reach, kind="stable")[:MOST_CHANGES]:
        row = item["reweighted"].isel(input=place)
        intervals = (interval(row.sel(change=change)) for change in ("narrower", "wider"))
        medians = (median(row.sel(change=change)) for change in ("lower", "higher"))
        table.add_row(str(row["input"].values), *intervals, *medians)
    terminal.print(table)


def print_origins(result: "xarray.DataTree") -> None:
    """Print where the inputs came from."""
    from simulator.present.wording import origins

    console().print(origins(result))


def print_written(folder: "Path", files: Iterable[str]) -> None:
    """Print which files are now in a folder."""
    from simulator.errors import printable

    console().print(f"wrote {printable(str(folder))}/: {'  '.join(files)}", soft_wrap=True)
