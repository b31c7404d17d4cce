"""Printing to the terminal: sentences, tables, progress."""

import contextlib
import re
import sys
import textwrap
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from pathlib import Path

    import xarray
    from rich.console import Console
    from rich.progress import Progress

    from simulator.present.wording.numbers import Table
    from simulator.units import FloatArray

GAP = 2  # letters between columns
LONGEST_CELL = 100_000  # letters
SHORTEST_BAR, LONGEST_BAR = 6, 16  # of a ranking
TINY = sys.float_info.min  # so that no bar is divided by nothing
SILENCE = 2.0  # seconds after which a bar appears
INSEPARABLE = re.compile(r"(?<=\d) (?=\S)| (?=CO2e)")  # the space between a number and its unit
NO_BREAK = "\N{NO-BREAK SPACE}"  # where textwrap, unlike rich, breaks no line


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
    """Show a progress bar for work over two seconds, on a terminal; tell how far interrupted work got.

    `words` say for each task how much of it is done, with ``{share}`` where the share stands; `left` what an
    interrupt leaves.
    """
    from simulator.present.wording.numbers import percents, readable

    started, done = time.monotonic(), ""
    bar = rich_bar(title) if not quiet and sys.stderr.isatty() else None

    def progress(task: str, share: float) -> None:
        nonlocal done
        done = words.get(task, f"{{share}} of the {readable(task)}").format(share=percents(share)[0])
        if bar is not None and time.monotonic() - started > SILENCE:
            bar.start()
            bar.update(bar.task_ids[0], completed=share, description=f"{title}: {readable(task)}")

    try:
        yield progress
    except KeyboardInterrupt as interrupt:
        raise Stopped(str(interrupt) or f"stopped{f' after {done}' if done else ''}; {left}") from None
    finally:
        if bar is not None:
            bar.stop()


def rich_bar(title: str) -> "Progress":
    """Return a bar of one task on standard error, not yet shown."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    description = TextColumn("{task.description}", markup=False)
    columns = (description, BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    bar = Progress(*columns, console=Console(stderr=True), transient=True)
    bar.add_task(title, total=1.0)
    return bar


def print_title(title: str, silent: bool) -> None:
    """Print the title of the work before it starts, unless silent."""
    if not silent:
        console().print(title, style="bold")
        sys.stdout.flush()  # a pipe would keep it


def print_text(text: str, style: str = "") -> None:
    """Print sentences as wide as the terminal; a number stays on one line with its unit."""
    terminal = console()
    for line in text.splitlines():
        kept = INSEPARABLE.sub(NO_BREAK, line)
        indent = line[: len(line) - len(line.lstrip())]
        folded = textwrap.fill(
            kept, terminal.width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
        )
        terminal.print(folded.replace(NO_BREAK, " "), style=style, soft_wrap=True)


def print_table(table: "Table") -> None:
    """Print a table under its title: words to the left, numbers to the right."""
    from rich.table import Table as Grid

    from simulator.errors import printable

    terminal = console()
    table = table.fit_width(terminal.width, GAP)
    has_headings = any(table.headings)
    grid = Grid(box=None, pad_edge=False, show_header=has_headings, header_style="dim", padding=(0, GAP, 0, 0))
    columns = table.columns or "l" + "r" * (len(table.headings) - 1)
    for heading, column in zip(table.headings, columns, strict=True):
        justify: Literal["left", "right"] = "right" if column == "r" else "left"
        grid.add_column(heading, justify=justify, no_wrap=column != "l", overflow="fold")
    for number, row in enumerate(table.rows):
        cells = (printable(cell, LONGEST_CELL) for cell in row)
        grid.add_row(*cells, style="bold" if number in table.bold else "")
    if table.title:
        print_text(table.title)
    terminal.print(grid)


def print_result(result: "xarray.DataTree") -> None:
    """Print how a result was made, the table of its intervals and where the published values lie."""
    from simulator.present.wording import run

    print_text(run.heading(result), style="dim")
    print_table(run.table(result))
    for sentence in (*run.missing(result), *run.references(result)):
        print_text(sentence)


def print_ranking(ranked: "xarray.Dataset", reduction: "xarray.Dataset | None" = None) -> None:
    """Print a ranking for each quantity, and which input dominates the first."""
    from simulator.present.wording import ranking

    if not ranked.data_vars:
        print_text(ranking.remark(ranked))
        return
    for quantity in ranked["quantity"].values:
        item = ranked.sel(quantity=quantity, measure=ranked.attrs["primary"])
        print_table(with_bars(ranking.table_of(item), abs(item.sortby("position")["value"].values), console().width))
    print_text(ranking.dominance(ranked, reduction))
    if remark := ranking.remark(ranked):
        print_text(remark)


def with_bars(table: "Table", sizes: "FloatArray", width: int) -> "Table":
    """Return the table of a ranking with a bar at the end of each row, on a terminal of some width."""
    beside = sum(2 + max(map(len, column)) for column in zip(*table.rows, strict=True))
    longest = min(width - beside - 2, LONGEST_BAR)
    if longest < SHORTEST_BAR:  # names before bars
        return table
    bars = ("█" * round(longest * size / max(sizes.max(), TINY)) or "▏" for size in sizes)
    rows = [(*row, bar) for row, bar in zip(table.rows, bars, strict=True)]
    return replace(table, headings=(*table.headings, ""), rows=rows, columns=f"{table.columns}l")


def print_changes(response: "xarray.Dataset") -> None:
    """Print how the first quantity changes with the width and the position of its most important priors."""
    from simulator.present.wording import ranking

    for table in ranking.changes_tables(response):
        print_table(table)


def print_written(folder: "Path", files: Iterable[str], remarks: Iterable[str] = ()) -> None:
    """Print which files were written to a folder, after remarks on them."""
    from simulator.errors import printable

    for remark in remarks:
        print_text(printable(remark), style="dim")
    console().print(f"wrote {printable(str(folder))}/: {'  '.join(files)}", soft_wrap=True)
