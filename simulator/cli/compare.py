"""The verb that holds scenarios beside each other."""

import json
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
)
from simulator.cli.ranking import full_name
from simulator.cli.terminal import console, print_ranking, print_written, progress_bar

if TYPE_CHECKING:
    import xarray

    from simulator.analyses.compare import Comparison

MOST_SENTENCES = 10
PARTS = "parts"  # folder of what is done of a comparison
LEFT = "scenarios; what is done is kept, and the same command goes on from there"


@app.command()
def compare(
    scenarios: Scenarios,
    of: Annotated[
        str | None, typer.Option("--of", metavar="QUANTITY", help="Default: the first that is reported.")
    ] = None,
    vary: Annotated[
        list[str] | None,
        typer.Option("--vary", metavar="INPUT=A,B…", help="Scenarios from one; grid/* is all of a file."),
    ] = None,
    draws: Draws = 1_000_000,
    seed: Seed = 1,
    output: Output = Path("outputs"),
    threads: Threads = None,
    on: On = "threads",
    plots: Annotated[bool, typer.Option("--plots/--no-plots", help="Draw the figure.")] = True,
    pages: Pages = None,
    impact: Impacts = None,
    compare_as: Equivalences = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the comparison as JSON, and nothing else.")] = False,
    quiet: Quiet = False,
) -> None:
    """Hold scenarios beside the first on common random numbers; a folder stands for its files."""
    import xarray

    from simulator.analyses.compare import Comparison, compare
    from simulator.analyses.compare import as_json as plain
    from simulator.analyses.run import physical_memory, require_feasible
    from simulator.present import figures
    from simulator.results import DatasetFolder, require_writable, result_bytes, save_files
    from simulator.sampling.executors import default_threads, executor
    from simulator.scenario import load_scenario
    from simulator.scenario.variants import scenarios_of, variants

    beside = all_pages(pages, impact, compare_as)
    if vary:
        if len(scenarios) != 1:
            raise typer.BadParameter("it varies one scenario", param_hint="--vary")
        loaded = variants(scenarios[0], vary, beside)
    else:
        loaded = scenarios_of(scenarios, partial(load_scenario, pages=beside))
    common = [name for name in loaded[0].reported if all(name in other.book.equations for other in loaded)]
    quantity = full_name(of, loaded[0]) if of else (common or loaded[0].reported)[0]
    comparison = Comparison(loaded, quantity, draws, seed)
    folder = output / name_of(scenarios, vary, comparison)
    require_writable(folder)
    jobs, workers = len(loaded), threads or default_threads()
    # Each job takes as long as the next.
    require_feasible(loaded[0], draws=draws * jobs, keep=1, most_memory=0.8 * physical_memory(), workers=workers)
    with executor(on, workers) as where, progress_bar(jobs, folder.name, quiet or as_json, LEFT) as progress:
        data = compare(comparison, DatasetFolder(folder / PARTS), on=where, progress=progress)
    text = json.dumps(plain(data), indent=1)
    files = {"comparison.nc": result_bytes(xarray.DataTree(data)), "comparison.json": text.encode()}
    if plots:
        files["comparison.png"] = figures.as_png(figures.comparison(data))
    if as_json:
        typer.echo(text)
    elif not quiet:
        print_comparison(data)
        if jobs == 2:
            print_dependence(comparison)
    save_files(folder, files)
    if not quiet and not as_json:
        print_written(folder, files)


def name_of(given: list[str], vary: list[str] | None, comparison: "Comparison") -> str:
    """Return the name of a comparison's folder."""
    if len(given) == 1 and not vary:
        return f"compare-{Path(given[0]).resolve().name}"
    names = [one.partition("=")[0] for one in vary or ()] or [scenario.name for scenario in comparison.scenarios]
    start = f"{Path(given[0]).stem}-by-" if vary else ""
    more = f"-and-{len(names) - 2}-more" if len(names) > 2 else ""
    return f"compare-{start}{'-'.join(names[:2])}{more}"


def print_comparison(data: "xarray.Dataset") -> None:
    """Print each scenario's intervals, and how it lies to the first."""
    from rich.table import Table

    from simulator.analyses.compare import in_words
    from simulator.errors import printable
    from simulator.units import readable_scale, three_digits

    terminal = console()
    words = str(data.attrs["quantity"]).replace("_", " ")
    terminal.print(f"The {words} of {data.sizes['scenario']} scenarios", style="bold")
    terminal.print(
        f"{int(data.attrs['draws']):,} common draws · seed {int(data.attrs['seed'])} · equal-tailed (eti) intervals",
        style="dim",
    )
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    table.add_column("", overflow="fold")
    for heading in ("median", "50 % interval", "90 % interval", "of the first"):
        table.add_column(heading, justify="right", no_wrap=True)
    for place in range(data.sizes["scenario"]):
        item = data.isel(scenario=place)
        value = item.sel(statistic="value")
        factor, unit = readable_scale(data.attrs["unit"], float(value["median"]))
        table.add_row(
            printable(str(item["scenario"].values)),
            f"{three_digits(float(value['median']) / factor)} {unit}".strip(),
            *(" – ".join(three_digits(float(end) / factor) for end in ends) for ends in value["interval"]),
            three_digits(float(item["median"].sel(statistic="ratio"))) if place else "",
        )
    terminal.print(table)
    for name in data.attrs["drawn_apart"][:MOST_SENTENCES]:
        terminal.print(
            f"{printable(name)} has another prior than in the first, and is drawn apart; `as` can join them."
        )
    for place in range(1, min(data.sizes["scenario"], MOST_SENTENCES + 1)):
        terminal.print(printable(in_words(data, place)))
    if (more := data.sizes["scenario"] - MOST_SENTENCES - 1) > 0:
        terminal.print(f"How sure the other {more} are is in comparison.json.")


def print_dependence(comparison: "Comparison") -> None:
    """Print what the difference of two scenarios depends on."""
    from simulator.analyses.sensitivity import rank_until_separated
    from simulator.scenario import Scenario

    first, second = comparison.scenarios
    both = comparison.contrasts()[1]
    pair = Scenario(
        name=f"{first.name} and {second.name}", title=f"{second.title} and {first.title}", model=both.model
    )
    ranked = rank_until_separated(pair, both.difference, seed=comparison.seed)
    print_ranking(ranked)
