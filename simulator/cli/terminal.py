"""What is printed."""

import contextlib
import sys
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import xarray
    from rich.console import Console

WIDEST_NAME = 38  # of a ranking; a longer one is folded


def console() -> "Console":
    """Return the terminal to print on; 80 columns where there is none."""
    from rich.console import Console

    return Console(highlight=False, markup=False, emoji=False)


class Stopped(Exception):
    """A run that was interrupted, with how far it got."""


@contextlib.contextmanager
def progress_bar(total: int, title: str, quiet: bool) -> Iterator[Callable[[int], None]]:
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
        raise Stopped(f"stopped after {done:,} of {total:,} draws; nothing was written") from None
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

    from simulator import summary

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
    for sentence in summary.references(result):
        terminal.print(sentence, soft_wrap=True)


def print_ranking(ranked: "xarray.Dataset") -> None:
    """Print a ranking with its intervals as bars."""
    from rich.table import Table

    terminal = console()
    quantity = str(ranked.attrs["quantity"]).replace("_", " ")
    if ranked.attrs["words"]:
        terminal.print(f"No ranking: {ranked.attrs['words']}")
        return
    leading = str(ranked.attrs["leading"])
    names = {"total": "Sobol' total index", "spearman": "Spearman's rank correlation"}
    probability = f"{100 * float(ranked.attrs['interval_probability']):.0f} %"
    terminal.print(f"What the {quantity} depends on ({names.get(leading, leading)}, {probability} interval)")
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(justify="right", no_wrap=True)
    table.add_column(overflow="fold", max_width=WIDEST_NAME)
    table.add_column(justify="right", no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    largest = max(abs(float(value)) for value in ranked[leading])
    beside = (
        min(max(len(str(name)) for name in ranked["input"].values), WIDEST_NAME)
        + len("99  ")
        + len("  0.000  [0.000, 0.000]  ")
    )
    widest = min(max(terminal.width - beside, 6), 16)
    for place, name in enumerate(ranked["input"].values, 1):
        item = ranked.sel(input=name)
        value = float(item[leading])
        low, high = (float(end) for end in item[f"{leading}_interval"])
        bar = "█" * round(widest * abs(value) / largest) or "▏"
        table.add_row(str(place), str(name), f"{value:.3f}", f"[{low:.3f}, {high:.3f}]", bar)
    terminal.print(table)


def print_origins(result: "xarray.DataTree") -> None:
    """Print where the inputs came from."""
    from simulator.summary import origins

    console().print(origins(result))
