"""The command line. Each verb parses, loads, calls, prints and writes."""

import contextlib
import json
import os
import re
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

if TYPE_CHECKING:
    import xarray
    from rich.console import Console

    from simulator.executors import Map
    from simulator.results import Content
    from simulator.scenario import Scenario

app = typer.Typer(
    help="How uncertain is the carbon footprint of a language model, and which assumption makes it so?",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
MOST_LINES = 60  # problems that are printed of one bad input


def count(text: str | int) -> int:
    """Read a count such as 1_000_000, 1e6 or 1,000,000; typer also passes the default."""
    plain = str(text).replace("_", "").replace(",", "")
    if not re.fullmatch(r"[0-9]{1,19}(\.[0-9]{1,9})?([eE]\+?[0-9]{1,2})?", plain) or float(plain) != int(
        float(plain)
    ):
        raise typer.BadParameter(f"{text!r} is not a count such as 1_000_000 or 1e6")
    number = int(plain) if plain.isdigit() else int(float(plain))
    if number < 1:
        raise typer.BadParameter("must be at least 1")
    return number


def count_or_all(text: str | int) -> int:
    """Read a count, or ``all`` as 0."""
    return 0 if text == "all" else count(text)


def seed_number(text: str | int) -> int:
    """Read a seed: a whole number from 0 to 2**63 - 1."""
    plain = str(text).replace("_", "")
    if not re.fullmatch(r"[0-9]{1,19}", plain) or int(plain) >= 2**63:
        raise typer.BadParameter(f"{text!r} is not a whole number from 0 to 2**63 - 1")
    return int(plain)


def memory(text: str | float) -> float:
    """Read an amount of memory such as 4GB as bytes."""
    match = re.fullmatch(r"\s*([0-9]{1,12}(?:\.[0-9]{1,9})?)\s*([kMGT]?i?)B?\s*", str(text))
    if match is None:
        raise typer.BadParameter(f"{text!r} is not an amount of memory such as 4GB")
    powers = {"": 1.0, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "Ki": 2.0**10, "ki": 2.0**10}
    powers |= {"Mi": 2.0**20, "Gi": 2.0**30, "Ti": 2.0**40}
    if match[2] not in powers:
        raise typer.BadParameter(f"{text!r} is not an amount of memory such as 4GB")
    return float(match[1]) * powers[match[2]]


Scenarios = Annotated[list[str], typer.Argument(metavar="SCENARIO", help="Scenario files, or names of shipped ones.")]
Draws = Annotated[int, typer.Option("--draws", parser=count, metavar="N", help="Draws, such as 1e6.")]
Seed = Annotated[int, typer.Option("--seed", parser=seed_number, metavar="N", help="Governs every draw.")]
Output = Annotated[Path, typer.Option("--output", metavar="DIR", help="Folder for the scenarios' folders.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="Print nothing but problems.")]


def console() -> "Console":
    """Return the terminal to print on; 80 columns where there is none."""
    from rich.console import Console

    return Console(highlight=False, markup=False, emoji=False)


def load_all(files: list[str], load: "Callable[[str], Scenario]") -> "list[Scenario]":
    """Load every file; the problems of all are raised together."""
    from simulator.errors import InputError, Problem

    problems, loaded = [], []
    for file in files:
        try:
            loaded.append(load(file))
        except InputError as error:
            problems += error.problems
    names = [scenario.name for scenario in loaded]
    for name in {name for name in names if names.count(name) > 1}:
        problems.append(Problem(name, "", "two scenario files have this name, so they would share a folder"))
    if problems:
        raise InputError(problems)
    return loaded


@app.command()
def run(
    scenarios: Scenarios,
    draws: Draws = 1_000_000,
    seed: Seed = 1,
    output: Output = Path("outputs"),
    keep: Annotated[
        int, typer.Option("--keep", parser=count_or_all, metavar="N|all", help="Draws kept in the result.")
    ] = 10_000,
    threads: Annotated[
        int | None, typer.Option("--threads", min=1, metavar="N", help="Or processes. Default: all processors.")
    ] = None,
    on: Annotated[
        str, typer.Option("--on", metavar="WHERE", help="threads, dask, or a scheduler such as tcp://host:8786.")
    ] = "threads",
    max_memory: Annotated[
        float | None, typer.Option("--max-memory", parser=memory, metavar="SIZE", help="Such as 4GB. Default: 80 %.")
    ] = None,
    interval: Annotated[str, typer.Option("--interval", metavar="eti|hdi", help="Kind of interval.")] = "eti",
    plots: Annotated[bool, typer.Option("--plots/--no-plots", help="Draw the figures.")] = True,
    quiet: Quiet = False,
) -> None:
    """Draw a scenario and print, plot and save its credible intervals and its ranking."""
    from simulator.executors import executor
    from simulator.results import INTERVAL_KINDS
    from simulator.scenario import load_scenario
    from simulator.simulate import default_threads, physical_memory, require_feasible

    if interval not in INTERVAL_KINDS:
        raise typer.BadParameter(f"{interval!r} is neither eti nor hdi", param_hint="--interval")
    loaded = load_all(scenarios, load_scenario)
    workers = threads or default_threads()
    most_memory = max_memory or 0.8 * physical_memory()
    kept = keep or None
    for scenario in loaded:
        require_feasible(scenario, draws=draws, keep=kept, most_memory=most_memory, workers=workers)
    with executor(on, workers) as where:
        for scenario in loaded:
            run_one(scenario, draws, seed, output / scenario.name, kept, where, interval, plots, quiet)


def run_one(
    scenario: "Scenario",
    draws: int,
    seed: int,
    folder: Path,
    keep: int | None,
    on: "Map",
    interval: str,
    plots: bool,
    quiet: bool,
) -> None:
    """Run one scenario, print and write."""
    import xarray

    from simulator.results import RESULT, result_bytes, save_files
    from simulator.sensitivity import rank
    from simulator.simulate import run
    from simulator.summary import as_json

    with progress_bar(draws, scenario.title, quiet) as progress:
        result = run(scenario, draws=draws, seed=seed, keep=keep, kind=interval, on=on, progress=progress)
    ranked = rank(scenario, scenario.reported[0], seed=seed)
    result["sensitivity"] = xarray.DataTree(ranked)
    if not quiet:
        print_result(result)
        print_ranking(ranked)
    files: dict[str, Content] = {
        RESULT: result_bytes(result),
        "summary.json": json.dumps(as_json(result), indent=1).encode(),
    }
    if plots:
        files |= figures(result)
    save_files(folder, files)
    if not quiet:
        print_origins(result)
        console().print(f"wrote {folder}/: {'  '.join(files)}", soft_wrap=True)


@app.command()
def check(files: Annotated[list[str], typer.Argument(metavar="FILE", help="Scenario files.")]) -> None:
    """Check scenario files, their priors and the units of their equations, without drawing."""
    from simulator.errors import printable
    from simulator.scenario import check_scenario

    for scenario, file in zip(load_all(files, check_scenario), files, strict=True):
        uncertain = len(scenario.uncertain)
        console().print(
            f"{printable(file)}: good: {len(scenario.book.equations)} equations, {len(scenario.inputs)} inputs, "
            f"{uncertain} of them uncertain"
        )


@app.command()
def rank(
    scenario: Annotated[str, typer.Argument(metavar="SCENARIO", help="Scenario file, or name of a shipped one.")],
    of: Annotated[str | None, typer.Option("--of", metavar="QUANTITY", help="Default: the total.")] = None,
    method: Annotated[str, typer.Option("--method", metavar="sobol|spearman", help="Method.")] = "sobol",
    base: Annotated[int, typer.Option("--base", parser=count, metavar="N", help="Rows of the design.")] = 16_384,
    seed: Seed = 1,
) -> None:
    """Print which inputs a quantity depends on."""
    from simulator.scenario import load_scenario
    from simulator.sensitivity import rank

    loaded = load_scenario(scenario)
    quantity = loaded.reported[0] if of is None else of
    if of is not None and of not in loaded.book.equations and f"{of}_footprint" in loaded.book.equations:
        quantity = f"{of}_footprint"
    print_ranking(rank(loaded, quantity, method=method, base=base, seed=seed))


@app.command()
def plot(
    result: Annotated[Path, typer.Argument(metavar="RESULT", help="A result.nc, or the folder that holds it.")],
) -> None:
    """Draw the figures again from a result alone."""
    from simulator.results import load_result, save_files

    tree = load_result(result)
    folder = result if result.is_dir() else result.parent
    files = figures(tree)
    save_files(folder, files)
    console().print(f"wrote {folder}/: {'  '.join(files)}", soft_wrap=True)


def figures(result: "xarray.DataTree") -> "dict[str, Content]":
    """Return the figures of a result as files."""
    from simulator import plots

    files: dict[str, Content] = {"intervals.png": plots.as_png(plots.intervals(result))}
    if "sensitivity" in result.children:
        ranked = result["sensitivity"].to_dataset()
        files["ranking.png"] = plots.as_png(plots.ranking(ranked, str(result.attrs["title"])))
    return files


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
    table.add_column(overflow="fold")
    table.add_column(justify="right", no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    largest = max(abs(float(value)) for value in ranked[leading])
    beside = max(len(str(name)) for name in ranked["input"].values) + len("99  ") + len("  0.000  [0.000, 0.000]  ")
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


def command_line() -> int:
    """Run the command line and return its exit code: 2 after bad input, 1 if a result cannot be made or written."""
    from simulator.errors import ClusterError, InputError, ModelError, OutputError

    try:
        app(prog_name="simulator")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 0
    except InputError as error:
        lines = [str(problem) for problem in error.problems]
        sys.stderr.write("\n".join(lines[:MOST_LINES]) + "\n")
        if len(lines) > MOST_LINES:
            sys.stderr.write(f"and {len(lines) - MOST_LINES} more\n")
        return 2
    except (ClusterError, ModelError, OutputError) as error:
        sys.stderr.write(f"{error}\n")
    except (Stopped, KeyboardInterrupt) as error:
        sys.stderr.write(f"{error or 'stopped; nothing was written'}\n")
        return 130
    except MemoryError:
        sys.stderr.write("not enough memory: ask for fewer draws, or keep fewer\n")
    return 1


def main() -> NoReturn:
    """Run the command line and end the process at once: Python's clean-up would take a tenth of a second."""
    try:
        code = command_line()
        sys.stdout.flush()
    except OSError as error:  # of printing: files that cannot be written are OutputErrors
        if not isinstance(error, BrokenPipeError):  # a reader, a pager say, that has seen enough
            sys.stderr.write(f"cannot print: {error.strerror}\n")
        code = 1
    os._exit(code)
