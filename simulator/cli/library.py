"""The verbs of the library: its priors, their sources, and the JSON Schemas of files."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from simulator.cli.app import app
from simulator.cli.options import Output, Pages
from simulator.cli.terminal import console, print_table, print_text, print_written

if TYPE_CHECKING:
    from simulator.priors import Library


@app.command("priors")
def list_priors(
    words: Annotated[
        list[str] | None,
        typer.Argument(metavar="[WORD]… | show NAME", help="Words to search for, or the prior to show."),
    ] = None,
    plot: Annotated[
        bool, typer.Option("--plot", help="With show: draw the prior with the values of its sources.")
    ] = False,
    output: Output = Path("outputs"),
) -> None:
    """List, search or show the priors of the library."""
    from simulator.errors import Location
    from simulator.present.wording import library as wording
    from simulator.priors import library_beside

    library = library_beside(Path("scenario.toml"))
    given = words or []
    if given[:1] == ["show"]:
        if len(given) != 2:
            raise typer.BadParameter("show takes one name, such as: simulator priors show hardware/a100-embodied")
        show_prior(library, given[1], output if plot else None)
    elif plot:
        raise typer.BadParameter("is only for show: simulator priors show hardware/a100-embodied --plot")
    elif not given:
        print_table(wording.names_table(library.names()))
        console().print("\nSearch with: simulator priors WORD…; show one with: simulator priors show NAME")
    elif found := library.search(given):
        print_table(wording.found_table(found))
    else:
        near = library.suggest(" ".join(given))
        hint = f"; nearest is {near!r}" if near else ""
        raise Location(" ".join(given)).error(f"no prior of the library contains all of these words{hint}")


def show_prior(library: "Library", name: str, folder: Path | None) -> None:
    """Print one prior, and draw it if a folder is given."""
    from simulator.errors import Location
    from simulator.present.wording import library as wording

    prior = library.find(name)
    if prior is None:
        near = library.suggest(name)
        hint = f"; did you mean {near!r}?" if near else ""
        raise Location(name).error(f"no prior of this name{hint}")
    console().print(wording.heading(prior), style="bold", soft_wrap=True)
    print_table(wording.quantiles_table(prior))
    print_table(wording.about_table(prior, library))
    if folder is not None:
        from simulator.present.figures import as_png, plot_prior
        from simulator.results import save_files

        file = f"{name.replace('/', '-')}.png"
        save_files(folder / "priors", {file: as_png(plot_prior(prior))})
        print_written(folder / "priors", [file])


@app.command()
def cite(
    scenario: Annotated[str, typer.Argument(metavar="SCENARIO", help="Scenario file, or name of a shipped one.")],
    pages: Pages = None,
) -> None:
    """List the works that a scenario cites."""
    from simulator.present.ledger import citations
    from simulator.present.wording import library as wording
    from simulator.scenario import load_scenario

    loaded = load_scenario(scenario, pages or ())
    print_table(wording.citations_table(citations(loaded)))
    if remark := wording.remark(loaded):
        print_text(remark)


@app.command("schema")
def print_schema(
    kind: Annotated[str, typer.Argument(metavar="scenario|priors", help="The kind of file.")],
) -> None:
    """Print the JSON Schema of scenario or prior files, for editors."""
    import json

    from simulator.scenario.schema import KINDS, schema

    if kind not in KINDS:
        raise typer.BadParameter(f"{kind!r} is neither {' nor '.join(KINDS)}")
    typer.echo(json.dumps(schema(kind), indent=2))
