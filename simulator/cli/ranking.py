"""The verb that tests which assumption dominates."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from simulator.cli.app import app
from simulator.cli.options import Equivalences, Impacts, Output, Pages, Quiet, Seed, all_pages, count
from simulator.cli.terminal import print_changes, print_ranking, print_written, progress_bar
from simulator.cli.verbs import FIGURES, figures

if TYPE_CHECKING:
    import xarray

    from simulator.results import Content
    from simulator.scenario import Scenario

STEPS = 100  # of the bar
LEFT = "% of the ranking; nothing was written"
LARGER_BUDGET = 10_000_000
RANKINGS = ("sensitivity", "shrinkage", "local", "response")


@app.command()
def rank(
    scenario: Annotated[str, typer.Argument(metavar="SCENARIO", help="Scenario file, or name of a shipped one.")],
    of: Annotated[
        list[str] | None, typer.Option("--of", metavar="QUANTITY", help="May be given again. Default: the total.")
    ] = None,
    method: Annotated[
        str | None,
        typer.Option("--method", metavar="NAME", help="Default: sobol; shapley for correlated inputs."),
    ] = None,
    groups: Annotated[
        bool, typer.Option("--groups", help="Rank groups: the scenario's, or by file of the library.")
    ] = False,
    base: Annotated[
        int | None,
        typer.Option("--base", parser=count, metavar="N", help="Rows of the design, which is then not doubled."),
    ] = None,
    until_separated: Annotated[
        bool,
        typer.Option("--until-separated", help="Go on doubling the design until the first place is decided."),
    ] = False,
    budget: Annotated[
        int, typer.Option("--budget", parser=count, metavar="N", help="Evaluations that this may take.")
    ] = LARGER_BUDGET,
    seed: Seed = 1,
    output: Output = Path("outputs"),
    plots: Annotated[bool, typer.Option("--plots/--no-plots", help="Draw the figures.")] = True,
    as_json: Annotated[bool, typer.Option("--json", help="Print the ranking as JSON, and nothing else.")] = False,
    pages: Pages = None,
    impact: Impacts = None,
    compare_as: Equivalences = None,
    quiet: Quiet = False,
) -> None:
    """Test which inputs a quantity depends on, and how sure that is."""
    import xarray

    from simulator.analyses.sensitivity import (
        DEFAULT_BASE,
        DEFAULT_BUDGET,
        groups_of,
        local,
        rank,
        rank_until_separated,
        response,
    )
    from simulator.present.ledger import ledger
    from simulator.present.wording import as_json as as_plain
    from simulator.present.wording import ranking_json
    from simulator.results import RESULT, require_writable, result_bytes, save_files
    from simulator.scenario import load_scenario

    loaded = load_scenario(scenario, all_pages(pages, impact, compare_as))
    require_writable(output / loaded.name)
    quantities = [full_name(name, loaded) for name in of or loaded.reported[:1]]
    options: dict[str, Any] = {"groups": groups_of(loaded) if groups else None, "seed": seed}
    with progress_bar(STEPS, f"{loaded.title}: ranking", quiet or as_json, LEFT) as progress:
        options["progress"] = lambda share: progress(round(STEPS * share))
        if base is not None and not until_separated:
            ranked = rank(loaded, quantities, method=method, base=base, **options)
        else:
            design = {"base": base or DEFAULT_BASE, "budget": budget if until_separated else DEFAULT_BUDGET}
            ranked = rank_until_separated(loaded, quantities, method=method, **design, **options)
    tree = result_of(output / loaded.name, loaded, seed)
    found = {"sensitivity": ranked}
    knowing = min(int(ranked.attrs["base"]), DEFAULT_BASE)
    if ranked.data_vars:
        if ranked.attrs["method"] != "shrinkage":
            found["shrinkage"] = rank(loaded, quantities, method="shrinkage", base=knowing, **options)
        found |= {"local": local(loaded, quantities), "response": response(loaded, quantities, seed=seed)}
    for name in RANKINGS:
        if name in tree.children:  # of another ranking
            del tree[name]
    for name, data in found.items():
        tree[name] = xarray.DataTree(data)
    if as_json:
        rankings = {name: ranking_json(found[name]) for name in ("sensitivity", "shrinkage") if name in found}
        typer.echo(json.dumps(rankings, indent=1))
    elif not quiet:
        print_ranking(ranked, found.get("shrinkage"))
        if "response" in found:
            print_changes(found["response"])
    # All of a folder is of one scenario as it is now, whichever verb wrote it.
    files: dict[str, Content] = {
        RESULT: result_bytes(tree),
        "summary.json": json.dumps(as_plain(tree), indent=1).encode(),
        "ledger.md": ledger(loaded).encode(),
    }
    if plots:
        files |= figures(tree)
    save_files(output / loaded.name, files, instead_of=FIGURES)
    if not quiet and not as_json:
        print_written(output / loaded.name, files)


def result_of(folder: Path, scenario: "Scenario", seed: int) -> "xarray.DataTree":
    """Return the result that a folder holds, drawn anew as it was where it is of another scenario or seed."""
    from simulator.analyses.run import run, scenario_digest
    from simulator.errors import InputError
    from simulator.results import load_result

    try:
        found = load_result(folder)
    except InputError:
        return run(scenario, seed=seed)
    if found.attrs.get("digest") == scenario_digest(scenario) and found.attrs["seed"] == seed:
        return found
    draws, keep = int(found.attrs["draws"]), int(found["prior"].sizes["draw"])
    kind = str(found["intervals"].attrs["interval_kind"])
    return run(scenario, draws=draws, seed=seed, keep=keep, kind=kind)


def full_name(name: str, scenario: "Scenario") -> str:
    """Return a quantity by its name, or by what comes before ``_footprint``."""
    longer = f"{name}_footprint"
    return longer if name not in scenario.book.equations and longer in scenario.book.equations else name
