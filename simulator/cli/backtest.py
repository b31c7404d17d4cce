"""The verb that holds the model to the published record."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from simulator.cli.app import app
from simulator.cli.options import Draws, On, Output, Quiet, Seed, Threads
from simulator.cli.terminal import console, print_written, progress_bar

if TYPE_CHECKING:
    import xarray


@app.command()
def backtest(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Folder of scenarios with [[observed]].")],
    draws: Draws = 100_000,
    seed: Seed = 1,
    output: Output = Path("outputs"),
    threads: Threads = None,
    on: On = "threads",
    as_json: Annotated[bool, typer.Option("--json", help="Print the back-test as JSON, and nothing else.")] = False,
    quiet: Quiet = False,
) -> None:
    """Compare published values with what the model says without having seen them."""
    import xarray

    from simulator.analyses import backtest, backtest_scores
    from simulator.analyses.run import physical_memory, require_feasible
    from simulator.present import figures as plots
    from simulator.results import require_writable, result_bytes, save_files
    from simulator.sampling.executors import default_threads, executor
    from simulator.scenario.cases import load_cases

    cases = load_cases(folder)
    workers = threads or default_threads()
    for case in cases:
        require_feasible(case, draws=draws, keep=1, most_memory=0.8 * physical_memory(), workers=workers)
    name = f"backtest-{folder.resolve().name}"
    require_writable(output / name)
    with executor(on, workers) as where, progress_bar(draws * len(cases), name, quiet or as_json) as progress:
        data = backtest.forecasts(cases, draws=draws, seed=seed, on=where, progress=progress)
    text = json.dumps(backtest_scores.as_json(data), indent=1)
    files = {
        "backtest.nc": result_bytes(xarray.DataTree(data)),
        "backtest.json": text.encode(),
        "backtest.png": plots.as_png(plots.backtest(data)),
    }
    if as_json:
        typer.echo(text)
    elif not quiet:
        print_cases(data)
        for sentence in backtest_scores.in_words(backtest_scores.scores(data)):
            console().print(sentence)
    save_files(output / name, files)
    if not quiet and not as_json:
        print_written(output / name, files)


def share_in_words(share: float) -> str:
    """Return a share of draws in per cent, with a digit after the point near none and near all."""
    if not 0 < share < 1:
        return "all" if share else "none"
    if not 0.001 <= share <= 0.999:
        return "< 0.1 %" if share < 0.5 else "> 99.9 %"
    return f"{100 * share:.{int(not 0.01 <= share <= 0.99)}f} %"


def print_cases(data: "xarray.Dataset") -> None:
    """Print each observed value beside the median and the 90 % interval of the model, under the name of its file."""
    from rich.table import Table

    from simulator.analyses.backtest_scores import REPRODUCED, is_inside
    from simulator.errors import printable
    from simulator.units import readable_scale, three_digits

    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    table.add_column("", overflow="fold")
    for heading in ("published", "median", "90 % interval", "lies above"):
        table.add_column(heading, justify="right", no_wrap=True)
    before = None
    for place, inside in enumerate(is_inside(data, 0.9)):
        item = data.isel(case=place)
        scenario = str(item["scenario"].values)
        if scenario != before:
            table.add_row(printable(scenario), style="bold")
            before = scenario
        observed = float(item["observed"])
        factor, unit = readable_scale(str(item["unit"].values), observed)
        low, high = (three_digits(float(end) / factor) for end in item["interval"].sel(probability=0.9))
        off = float(item["off"])
        if bool(item["known"]):
            lies = "reproduced" if abs(off) <= REPRODUCED else f"{100 * off:+.3g} % off"
        else:
            lies = f"{'' if inside else '* '}{share_in_words(float(item['pit']))}"
        table.add_row(
            f"  {str(item['quantity'].values).replace('_', ' ')}",
            f"{observed / factor:,.4g} {unit}".strip(),
            three_digits(float(item["median"]) / factor),
            "known" if bool(item["known"]) else f"{low} – {high}",
            lies,
        )
    console().print(table)
    console().print("lies above: this share of the draws; *: outside the 90 % interval", style="dim")
