"""What is printed."""

import contextlib
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    import xarray
    from rich.console import Console

    from simulator.present.wording.numbers import Table

WIDEST_NAME = 38  # of a ranking; a longer one is folded
LONGEST_BAR = 16  # of a ranking
SILENCE = 2.0  # seconds after which a bar appears


def console() -> "Console":
    """Return the terminal to print on; 80 columns where there is none."""
    from rich.console import Console

    return Console(highlight=False, markup=False, emoji=False)


class Stopped(Exception):
    """A verb that was interrupted, with how far it got."""


@contextlib.contextmanager
def progress_bar(
    title: str, quiet: bool, words: dict[str, str], left: str = "nothing was written"
) -> Iterator[Callable[[str, float], None]]:
    """Show a bar on what takes over two seconds, where the terminal is one; say how far what was stopped got.

    Parameters
    ----------
    title : str
        What is under way.
    quiet : bool
        Whether to show none.
    words : dict from str to str
        For each task how much of it is done, with ``{share}`` where the share stands.
    left : str
        What an interrupt leaves.
    """
    started, done = time.monotonic(), ""
    show = progress_shower(title) if not quiet and sys.stderr.isatty() else None

    def progress(task: str, share: float) -> None:
        nonlocal done
        done = words.get(task, f"{{share:.0%}} of the {task.replace('_', ' ')}").format(share=share)
        if show is not None and time.monotonic() - started > SILENCE:
            show(task, share)

    try:
        yield progress
    except KeyboardInterrupt as interrupt:
        raise Stopped(str(interrupt) or f"stopped{f' after {done}' if done else ''}; {left}") from None
    finally:
        if show is not None:
            show("", None)


def progress_shower(title: str) -> Callable[[str, float | None], None]:
    """Return what draws a bar for the share of a task that is done, and takes it away for None."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(),
    )
    bar = Progress(*columns, console=Console(stderr=True), transient=True)
    number = bar.add_task(title, total=1.0)

    def show(task: str, share: float | None) -> None:
        if share is None:
            bar.stop()
        else:
            bar.start()
            bar.update(number, completed=share, description=f"{title}: {task.replace('_', ' ')}")

    return show


def print_table(table: "Table") -> None:
    """Print a table: names to the left, numbers to the right."""
    from rich.table import Table as Grid

    from simulator.errors import printable

    grid = Grid(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    grid.add_column(table.headings[0], overflow="fold")
    for heading in table.headings[1:]:
        grid.add_column(heading, justify="right", no_wrap=True)
    for number, row in enumerate(table.rows):
        grid.add_row(*map(printable, row), style="bold" if number in table.bold else "")
    console().print(grid)


def print_result(result: "xarray.DataTree") -> None:
    """Print the table of intervals and where the published values lie."""
    from simulator.present.wording import run

    terminal = console()
    terminal.print(str(result.attrs["title"]), style="bold")
    terminal.print(run.heading(result), style="dim")
    print_table(run.table(result))
    for sentence in (*run.missing(result), *run.references(result)):
        terminal.print(sentence, soft_wrap=True)


def print_ranking(ranked: "xarray.Dataset", reduction: "xarray.Dataset | None" = None) -> None:
    """Print a ranking of each quantity, and in words what dominates the first."""
    from simulator.present.wording import ranking

    terminal = console()
    if not ranked.data_vars:
        terminal.print(f"No ranking: {ranking.dominance(ranked)}")
        return
    for quantity in ranked["quantity"].values:
        print_bars(ranked.sel(quantity=quantity, measure=ranked.attrs["primary"]))
    terminal.print(ranking.dominance(ranked, reduction))
    if said := ranking.remark(ranked):
        terminal.print(said)


def print_bars(item: "xarray.Dataset") -> None:
    """Print one measure of the inputs of one quantity, with intervals and bars."""
    from rich.table import Table as Grid

    from simulator.present.wording import ranking

    terminal, table = console(), ranking.table_of(item)
    terminal.print(ranking.heading_of(item))
    grid = Grid(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    grid.add_column(justify="right", no_wrap=True)
    grid.add_column(overflow="fold", max_width=WIDEST_NAME)
    grid.add_column(justify="right", no_wrap=True)
    grid.add_column(no_wrap=True)
    grid.add_column(no_wrap=True)
    sizes = abs(item.sortby("position")["value"].values)
    names = min(max(len(row[1]) for row in table.rows), WIDEST_NAME)
    beside = names + len("10–11  ") + len("  0.000  [0.000, 0.000]  ")
    longest = min(max(terminal.width - beside, 6), LONGEST_BAR)
    for row, size in zip(table.rows, sizes, strict=True):
        bar = "█" * round(longest * size / sizes.max()) if sizes.max() else ""
        grid.add_row(*row, bar or "▏")
    terminal.print(grid)


def print_changes(response: "xarray.Dataset") -> None:
    """Print how the first quantity would move if the priors that matter most were other than they are."""
    from simulator.present.wording import ranking

    console().print(ranking.changes_heading(response))
    print_table(ranking.changes_table(response))


def print_written(folder: "Path", files: Iterable[str], remarks: Iterable[str] = ()) -> None:
    """Print which files are now in a folder, and what is to be said of them."""
    from simulator.errors import printable

    for remark in remarks:
        console().print(printable(remark), style="dim", soft_wrap=True)
    console().print(f"wrote {printable(str(folder))}/: {'  '.join(files)}", soft_wrap=True)
