"""The verbs of scenarios and results: each parses, loads, calls, prints and writes."""

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from simulator.cli.app import app
from simulator.cli.options import (
    Draws,
    Equivalences,
    Impacts,
    On,
    Output,
    Pages,
    Quiet,
    Scenarios,
    Seed,
    Threads,
    all_pages,
    count_or_all,
    memory,
)
from simulator.cli.terminal import console, print_origins, print_ranking, print_result, print_written, progress_bar

if TYPE_CHECKING:
    import xarray

    from simulator.results import Content
    from simulator.sampling.executors import Map
    from simulator.scenario import Scenario


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


FIGURES = ("intervals.png", "ranking.png", "tornado.png", "response.png")
SHRINKAGE_BASE = 8192  # enough for a sentence; `rank` takes more


@app.command()
def run(
    scenarios: Scenarios,
    draws: Draws = 1_000_000,
    seed: Seed = 1,
    output: Output = Path("outputs"),
    keep: Annotated[
        int, typer.Option("--keep", parser=count_or_all, metavar="N|all", help="Draws kept in the result.")
    ] = 10_000,
    threads: Threads = None,
    on: On = "threads",
    max_memory: Annotated[
        float | None, typer.Option("--max-memory", parser=memory, metavar="SIZE", help="Such as 4GB. Default: 80 %.")
    ] = None,
    interval: Annotated[str, typer.Option("--interval", metavar="eti|hdi", help="Kind of interval.")] = "eti",
    plots: Annotated[bool, typer.Option("--plots/--no-plots", help="Draw the figures.")] = True,
    pages: Pages = None,
    impact: Impacts = None,
    compare_as: Equivalences = None,
    quiet: Quiet = False,
) -> None:
    """Draw a scenario and print, plot and save its credible intervals and its ranking."""
    from simulator.analyses.run import INTERVAL_KINDS, physical_memory, require_feasible
    from simulator.results import require_writable
    from simulator.sampling.executors import default_threads, executor
    from simulator.scenario import load_scenario

    if interval not in INTERVAL_KINDS:
        raise typer.BadParameter(f"{interval!r} is neither eti nor hdi", param_hint="--interval")
    loaded = load_all(scenarios, partial(load_scenario, pages=all_pages(pages, impact, compare_as)))
    for scenario in loaded:
        require_writable(output / scenario.name)
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

    from simulator.analyses.run import run
    from simulator.analyses.sensitivity import rank, rank_until_separated
    from simulator.present.ledger import ledger
    from simulator.present.wording import as_json
    from simulator.results import RESULT, result_bytes, save_files

    with progress_bar(draws, scenario.title, quiet) as progress:
        result = run(scenario, draws=draws, seed=seed, keep=keep, kind=interval, on=on, progress=progress)
    ranked = rank_until_separated(scenario, scenario.reported[0], seed=seed)
    first = str(ranked["input"].values[0]) if ranked.data_vars else None
    shrinkage = rank(scenario, scenario.reported[0], method="shrinkage", only=first, base=SHRINKAGE_BASE, seed=seed)
    result["sensitivity"], result["shrinkage"] = xarray.DataTree(ranked), xarray.DataTree(shrinkage)
    for name, data in earlier_rankings(folder, result, scenario.reported[0]).items():
        result[name] = data
    if not quiet:
        print_result(result)
        print_ranking(ranked, shrinkage)
    files: dict[str, Content] = {
        RESULT: result_bytes(result),
        "summary.json": json.dumps(as_json(result), indent=1).encode(),
        "ledger.md": ledger(scenario).encode(),
    }
    if plots:
        files |= figures(result)
    save_files(folder, files, instead_of=FIGURES)
    if not quiet:
        print_origins(result)
        print_written(folder, files)


def earlier_rankings(folder: Path, result: "xarray.DataTree", quantity: str) -> "dict[str, xarray.DataTree]":
    """Return what `rank` left in a folder of the same scenario, seed and quantity, beside what a run makes anew."""
    from simulator.errors import InputError
    from simulator.results import load_result

    try:
        found = load_result(folder)
    except InputError:
        return {}
    same = all(found.attrs.get(key) == result.attrs[key] for key in ("digest", "seed"))
    groups = {name: found.children[name] for name in ("local", "response") if same and name in found.children}
    return {name: group for name, group in groups.items() if str(group.coords["quantity"].values[0]) == quantity}


@app.command()
def check(
    files: Annotated[list[str], typer.Argument(metavar="FILE", help="Scenario files.")], pages: Pages = None
) -> None:
    """Check scenario files, their priors and the units of their equations, without drawing."""
    from simulator.errors import printable
    from simulator.scenario import check_scenario

    for scenario, file in zip(load_all(files, partial(check_scenario, pages=pages or ())), files, strict=True):
        uncertain = len(scenario.uncertain)
        console().print(
            f"{printable(file)}: good: {len(scenario.book.equations)} equations, {len(scenario.inputs)} inputs, "
            f"{uncertain} of them uncertain"
        )


@app.command()
def plot(
    what: Annotated[Path, typer.Argument(metavar="RESULT", help="A result.nc, or the folder that holds it.")],
    priors: Annotated[
        bool, typer.Option("--priors", help="Draw the priors of a scenario, given in the place of a result.")
    ] = False,
    pages: Pages = None,
    output: Annotated[
        Path | None, typer.Option("--output", metavar="DIR", help="Folder for the folder of the figures.")
    ] = None,
) -> None:
    """Draw the figures again from a result alone, or the priors of a scenario."""
    from simulator.present import figures as plots
    from simulator.results import load_result, save_files
    from simulator.scenario import load_scenario

    if priors:
        scenario = load_scenario(what, pages or ())
        folder = (output or Path("outputs")) / scenario.name
        files: dict[str, Content] = {"priors.png": plots.as_png(plots.priors(scenario))}
    elif pages:
        raise typer.BadParameter(
            "it goes with --priors; a result holds all that its figures need", param_hint="--pages"
        )
    else:
        folder = what if what.is_dir() else what.parent
        folder = output / folder.resolve().name if output else folder
        files = figures(load_result(what))
    save_files(folder, files)
    print_written(folder, files)


def figures(result: "xarray.DataTree") -> "dict[str, Content]":
    """Return the figures of a result as files."""
    from simulator.present import figures as plots

    title = str(result.attrs["title"])
    drawn = {}
    if "intervals" in result.children:
        drawn["intervals.png"] = plots.intervals(result)
    if "sensitivity" in result.children:
        drawn["ranking.png"] = plots.ranking(result["sensitivity"].to_dataset(), title)
    if "local" in result.children:
        drawn["tornado.png"] = plots.tornado(result["local"].to_dataset(), title)
    if "response" in result.children:
        drawn["response.png"] = plots.response(result["response"].to_dataset(), title)
    return {name: plots.as_png(drawing) for name, drawing in drawn.items()}
