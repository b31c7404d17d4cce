"""The verbs of the library: what it holds, what it rests on, and the schemas of files."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from simulator.cli.app import app
from simulator.cli.options import Output, Pages
from simulator.cli.terminal import console

if TYPE_CHECKING:
    from simulator.priors import Library, Prior

SHOWN = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)  # quantiles


@app.command()
def priors(
    words: Annotated[
        list[str] | None,
        typer.Argument(metavar="[WORD]… | show NAME", help="Words to search for, or the prior to show."),
    ] = None,
    plot: Annotated[bool, typer.Option("--plot", help="With show: draw it, with the evidence marked.")] = False,
    output: Output = Path("outputs"),
) -> None:
    """List the priors of the library, search them, or show one with its sources."""
    from simulator.priors import library_beside

    library = library_beside(Path("scenario.toml"))
    given = words or []
    if given[:1] == ["show"]:
        if len(given) != 2:
            raise typer.BadParameter("show takes one name, such as: simulator priors show hardware/a100-embodied")
        show(library, given[1], output if plot else None)
    elif plot:
        raise typer.BadParameter("it goes with show: simulator priors show hardware/a100-embodied --plot")
    elif given:
        print_found(library.search(given), given)
    else:
        print_names(library.names())


def print_names(names: list[str]) -> None:
    """Print the names of all priors, file by file."""
    from itertools import groupby

    from rich.table import Table

    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    for stem, group in groupby(names, key=lambda name: name.split("/")[0]):
        keys = [name.removeprefix(f"{stem}/") for name in group]
        table.add_row(f"{stem}/", str(len(keys)), "  ".join(keys))
    console().print(table)
    console().print("\nsimulator priors WORD… searches; simulator priors show NAME shows one.")


def print_found(found: "list[Prior]", words: list[str]) -> None:
    """Print the priors that were found, with median and 90 % interval."""
    import numpy as np
    from rich.table import Table

    from simulator.errors import InputError, Problem
    from simulator.present.wording.numbers import brief

    if not found:
        raise InputError([Problem(" ".join(words), "", "no prior of the library has all of these words")])
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    table.add_column("", overflow="fold")
    for heading in ("median", "90 % interval"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("unit", no_wrap=True)
    for prior in found:
        low, median, high = prior.distribution.ppf(np.array([0.05, 0.5, 0.95]))
        interval = f"{brief(low)} – {brief(high)}" if low < high else "known"
        table.add_row(prior.name, brief(median), interval, prior.unit.replace("1", "", prior.unit == "1"))
    console().print(table)


def show(library: "Library", name: str, folder: Path | None) -> None:
    """Print one prior; draw it into a folder where one is given."""
    import numpy as np
    from rich.table import Table

    from simulator.errors import InputError, Problem, did_you_mean
    from simulator.present.ledger import BASES
    from simulator.present.wording.numbers import brief

    prior = library.find(name)
    if prior is None:
        raise InputError([Problem(name, "", f"no prior of this name{did_you_mean(name, library.names())}")])
    terminal = console()
    unit = "" if prior.unit == "1" else f" [{prior.unit}]"
    terminal.print(f"{prior.name}{unit}", style="bold", soft_wrap=True)
    quantiles = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    for probability in SHOWN:
        quantiles.add_column(f"{100 * probability:g} %", justify="right", no_wrap=True)
    quantiles.add_row(*map(brief, prior.distribution.ppf(np.array(SHOWN))))
    terminal.print(quantiles)
    about = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    about.add_row("prior", prior.description)
    if prior.target_quantiles:
        about.add_row("fit", fit_in_words(prior))
    about.add_row("scope", prior.scope)
    about.add_row("basis", BASES[prior.basis])
    about.add_row("note", prior.note)
    for source in prior.sources:
        said = ", ".join(map(brief, source.values or ()))
        about.add_row("source", "; ".join(filter(None, (str(source), source.detail, said and f"says {said}"))))
    for sentence in correlations_of(library, name):
        about.add_row("goes with", sentence)
    about.add_row("file", prior.file)
    terminal.print(about)
    if folder is not None:
        from simulator.present import figures as plots
        from simulator.results import save_files

        file = f"{name.replace('/', '-')}.png"
        save_files(folder / "priors", {file: plots.as_png(plots.plot_prior(prior))})
        terminal.print(f"wrote {folder / 'priors' / file}", soft_wrap=True)


def fit_in_words(prior: "Prior") -> str:
    """Return how far the quantiles are from those that were asked for."""
    import numpy as np

    from simulator.present.wording.numbers import brief

    probabilities = np.array([float(f"0.{name[1:]}") for name in prior.target_quantiles])
    asked = np.array(list(prior.target_quantiles.values()))
    got = prior.distribution.ppf(probabilities)
    if np.allclose(got, asked, rtol=1e-4, atol=1e-4 * np.ptp(asked)):
        return f"has the {len(asked)} quantiles that were asked for"
    pairs = zip(prior.target_quantiles, got, asked, strict=True)
    return "; ".join(f"{name} is {brief(one)}, asked for {brief(other)}" for name, one, other in pairs)


def correlations_of(library: "Library", name: str) -> list[str]:
    """Return what the library says goes together with a prior."""
    from simulator.scenario import default_correlations

    sentences = []
    for table in default_correlations(library):
        if name in table.between:
            others = ", ".join(other for other in table.between if other != name)
            how = f"rank {table.rank:g}" if table.rank is not None else "a factor that they share"
            sentences.append(f"{others} ({how if table.linear is None else f'linear {table.linear:g}'})")
    return sentences


@app.command()
def cite(
    scenario: Annotated[str, typer.Argument(metavar="SCENARIO", help="Scenario file, or name of a shipped one.")],
    pages: Pages = None,
) -> None:
    """Print the works that a scenario rests on, once each, and what rests on each of them."""
    from rich.table import Table

    from simulator.present.ledger import citations, on_judgement
    from simulator.scenario import load_scenario

    loaded = load_scenario(scenario, pages or ())
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column(justify="right")
    for place, citation in enumerate(citations(loaded), 1):
        table.add_row(f"{place}.", citation.text)
        table.add_row("", ", ".join(citation.used_by), style="dim")
    console().print(table)
    if names := on_judgement(loaded):
        console().print(f"No work is named for: {', '.join(names)}")


@app.command()
def schema(
    kind: Annotated[str, typer.Argument(metavar="scenario|priors", help="What kind of file.")],
) -> None:
    """Print the JSON Schema of scenario or prior files, with which editors complete and underline."""
    import json

    from simulator.scenario.schema import KINDS, schema

    if kind not in KINDS:
        raise typer.BadParameter(f"{kind!r} is neither {' nor '.join(KINDS)}")
    typer.echo(json.dumps(schema(kind), indent=2))
