"""The verbs that only read files: check scenarios, draw figures again."""

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from simulator.cli.app import app, import_xarray
from simulator.cli.options import Pages
from simulator.cli.terminal import console, print_written, progress_bar


@app.command()
def check(
    files: Annotated[list[str], typer.Argument(metavar="FILE", help="Scenario files.")], pages: Pages = None
) -> None:
    """Validate scenario files; report every error; run nothing."""
    from simulator.errors import printable
    from simulator.scenario import check_scenario
    from simulator.scenario.variants import load_scenarios

    for file, scenario in load_scenarios(files, partial(check_scenario, pages=pages or ())).items():
        console().print(
            f"{printable(file)}: valid: {len(scenario.book.equations)} equations, {len(scenario.inputs)} inputs, "
            f"{len(scenario.uncertain)} of them uncertain"
        )


@app.command()
def plot(
    what: Annotated[Path, typer.Argument(metavar="RESULT", help="A result.nc, or the folder that holds it.")],
    priors: Annotated[
        bool, typer.Option("--priors", help="Draw the priors of a scenario; give the scenario instead of a result.")
    ] = False,
    pages: Pages = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", metavar="DIR", help="Folder to write into. Default: beside the result, or outputs."),
    ] = None,
) -> None:
    """Draw the figures of a result again, or the priors of a scenario."""
    if pages and not priors:
        raise typer.BadParameter(
            "is only for --priors; a result contains everything that its figures need", param_hint="--pages"
        )
    import_xarray()
    if priors:
        from simulator.scenario import load_scenario
        from simulator.workflow.verbs import Workflow

        made = Workflow(output or "outputs").plot_priors(load_scenario(what, pages or ()))
    else:
        from simulator.workflow.figure_files import plot

        with progress_bar(str(what), False, {}) as progress:
            made = plot(what, output, progress=progress)
    print_written(made.folder, made.files)
