"""The verbs that make results: each parses options, calls one method of the workflow, and prints."""

import contextlib
import json
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from simulator.cli.app import app, import_xarray
from simulator.cli.options import (
    Draws,
    Equivalences,
    Executor,
    Impacts,
    Json,
    Output,
    Pages,
    Plots,
    Quiet,
    Scenarios,
    Seed,
    Threads,
    all_pages,
    count,
    count_or_all,
    memory,
)
from simulator.cli.terminal import (
    Stopped,
    print_changes,
    print_ranking,
    print_result,
    print_table,
    print_text,
    print_title,
    print_written,
    progress_bar,
)

if TYPE_CHECKING:
    import xarray

    from simulator.scenario import Scenario
    from simulator.workflow.outcome import Interrupted, Outcome
    from simulator.workflow.verbs import Workflow

NOTHING_WRITTEN = "nothing was written"
UNFINISHED = "finished scenarios are kept; the same command continues from there"


def share_of_draws(draws: int) -> dict[str, str]:
    """Return the text of a progress bar that counts draws."""
    return {"draws": f"{{share}} of {draws:,} draws"}


@contextlib.contextmanager
def workflow(
    title: str,
    output: Path,
    plots: bool,
    executor: str,
    threads: int | None,
    *,
    silent: bool,
    words: dict[str, str] | None = None,
    left: str = NOTHING_WRITTEN,
) -> "Iterator[Workflow]":
    """Give a workflow on an executor that is started for it, with a progress bar."""
    import_xarray()
    from simulator.sampling.executors import executor as start
    from simulator.workflow.verbs import Workflow

    with start(executor, threads) as where, progress_bar(title, silent, words or {}, left) as progress:
        yield Workflow(output, plots, where, progress)


def groups_of(made: "Outcome") -> "dict[str, xarray.Dataset]":
    """Return the groups of a result by their names."""
    return {name: node.to_dataset() for name, node in made.result.children.items()}


def kept(verb: "Callable[..., Outcome]", *subject: Any, **settings: Any) -> "tuple[Outcome, Interrupted | None]":
    """Return what a verb made, and the interrupt after which it is only what was finished."""
    from simulator.workflow.outcome import Interrupted

    try:
        return verb(*subject, **settings), None
    except Interrupted as interrupt:
        return interrupt.outcome, interrupt


@app.command()
def run(
    scenarios: Scenarios,
    draws: Draws = 1_000_000,
    seed: Seed = 1,
    output: Output = Path("outputs"),
    keep: Annotated[
        int,
        typer.Option("--keep", parser=count_or_all, metavar="N|all", help="Number of draws to store in the result."),
    ] = 10_000,
    threads: Threads = None,
    executor: Executor = "local",
    max_memory: Annotated[
        float | None,
        typer.Option(
            "--max-memory",
            parser=memory,
            metavar="SIZE",
            help="Refuse to use more, such as 4GB. Default: 80 % of the machine's.",
        ),
    ] = None,
    ci_kind: Annotated[
        str, typer.Option("--ci-kind", metavar="eti|hdi", help="Equal-tailed or highest-density intervals.")
    ] = "eti",
    plots: Plots = True,
    pages: Pages = None,
    impact: Impacts = None,
    compare_as: Equivalences = None,
    quiet: Quiet = False,
) -> None:
    """Simulate scenarios; print and save intervals and a ranking."""
    from simulator.analyses.feasibility import require_feasible
    from simulator.analyses.settings import RunSettings
    from simulator.errors import require_writable
    from simulator.sampling.executors import default_threads
    from simulator.scenario import load_scenario
    from simulator.scenario.variants import load_scenarios

    asked: dict[str, Any] = {"draws": draws, "seed": seed, "keep": keep or None, "ci_kind": ci_kind}
    load = partial(load_scenario, pages=all_pages(pages, impact, compare_as))
    loaded = list(load_scenarios(scenarios, load).values())
    for scenario in loaded:
        require_writable(output / scenario.name)
    require_feasible(loaded, RunSettings(**asked), workers=threads or default_threads(), most_memory=max_memory)
    print_title(loaded[0].title, quiet)  # before what takes a while to import
    import_xarray()
    from simulator.present.wording.run import origins
    from simulator.sampling.executors import executor as start
    from simulator.workflow.verbs import Workflow

    written: list[str] = []
    with start(executor, threads) as where:
        for scenario in loaded:
            if written:
                print_title(scenario.title, quiet)
            left = f"{NOTHING_WRITTEN} of it; {', '.join(written)} is written" if written else NOTHING_WRITTEN
            with progress_bar(scenario.title, quiet, share_of_draws(draws), left) as progress:
                made, interrupt = kept(Workflow(output, plots, where, progress).run, scenario, **asked)
            if not quiet:
                groups = groups_of(made)
                print_result(made.result)
                if "sensitivity" in groups:
                    print_ranking(groups["sensitivity"], groups.get("interval_reduction"))
                print_text(origins(made.result))
                print_written(made.folder, made.files, made.remarks)
            if interrupt is not None:
                raise Stopped(str(interrupt))
            written.append(scenario.name)


@app.command()
def rank(
    scenario: Annotated[str, typer.Argument(metavar="SCENARIO", help="Scenario file, or name of a shipped one.")],
    quantity: Annotated[
        list[str] | None,
        typer.Option(
            "--quantity",
            metavar="NAME",
            help="Quantity to rank inputs for; may be given again. Default: the first that run prints.",
        ),
    ] = None,
    method: Annotated[
        str | None,
        typer.Option(
            "--method",
            metavar="NAME",
            help="A method of docs/sensitivity.md. Default: shapley if inputs are correlated, else sobol.",
        ),
    ] = None,
    groups: Annotated[
        bool,
        typer.Option("--groups", help="Rank groups of inputs: those of the scenario, or one for each library file."),
    ] = False,
    n_base: Annotated[
        int | None,
        typer.Option(
            "--n-base",
            parser=count,
            metavar="N",
            help="Base rows of the design; without it the design is doubled as needed.",
        ),
    ] = None,
    budget: Annotated[
        int | None,
        typer.Option(
            "--budget", parser=count, metavar="N", help="Most model evaluations when the design is doubled."
        ),
    ] = None,
    seed: Seed = 1,
    output: Output = Path("outputs"),
    threads: Threads = None,
    executor: Executor = "local",
    plots: Plots = True,
    as_json: Json = False,
    pages: Pages = None,
    impact: Impacts = None,
    compare_as: Equivalences = None,
    quiet: Quiet = False,
) -> None:
    """Rank inputs by sensitivity, with confidence intervals."""
    from simulator.analyses.sensitivity.groups import groups_of as groups_to_rank
    from simulator.errors import require_writable
    from simulator.present.wording.ranking import ranking_json
    from simulator.scenario import load_scenario

    loaded = load_scenario(scenario, all_pages(pages, impact, compare_as))
    asked: dict[str, Any] = {"method": method, "n_base": n_base, "budget": budget, "seed": seed}
    asked |= {"quantity": [full_name(name, loaded) for name in quantity or ()]}
    asked |= {"groups": groups_to_rank(loaded) if groups else {}}
    require_writable(output / loaded.name)
    print_title(loaded.title, quiet or as_json)
    with workflow(loaded.title, output, plots, executor, threads, silent=quiet or as_json) as work:
        made, interrupt = kept(work.rank, loaded, **asked)
    found = groups_of(made)
    if as_json:
        rankings = {
            name: ranking_json(found[name]) for name in ("sensitivity", "interval_reduction") if name in found
        }
        typer.echo(json.dumps(rankings, indent=1))
    elif not quiet:
        if "sensitivity" in found:
            print_ranking(found["sensitivity"], found.get("interval_reduction"))
        if "response" in found:
            print_changes(found["response"])
        print_written(made.folder, made.files, made.remarks)
    if interrupt is not None:
        raise Stopped(str(interrupt))


def full_name(name: str, scenario: "Scenario") -> str:
    """Return a quantity by its name, or by what comes before ``_footprint``."""
    longer = f"{name}_footprint"
    return longer if name not in scenario.book.equations and longer in scenario.book.equations else name


@app.command()
def compare(
    scenarios: Scenarios,
    quantity: Annotated[
        str | None,
        typer.Option("--quantity", metavar="NAME", help="Quantity to compare. Default: the first that run prints."),
    ] = None,
    vary: Annotated[
        list[str] | None,
        typer.Option(
            "--vary",
            metavar="INPUT=A,B…",
            help="Make scenarios by replacing an input; grid/* takes every prior of that file.",
        ),
    ] = None,
    draws: Draws = 1_000_000,
    seed: Seed = 1,
    output: Output = Path("outputs"),
    threads: Threads = None,
    executor: Executor = "local",
    plots: Plots = True,
    pages: Pages = None,
    impact: Impacts = None,
    compare_as: Equivalences = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Compare scenarios with the first one, on the same random draws.

    A folder takes all scenarios in it.
    """
    from simulator.analyses.compare import Comparison
    from simulator.analyses.feasibility import require_feasible
    from simulator.analyses.settings import CompareSettings
    from simulator.errors import require_writable
    from simulator.present.wording import comparison
    from simulator.sampling.executors import default_threads
    from simulator.scenario import load_scenario
    from simulator.scenario.variants import load_scenarios, variants

    beside = all_pages(pages, impact, compare_as)
    if vary and len(scenarios) != 1:
        raise typer.BadParameter("takes exactly one scenario", param_hint="--vary")
    load = partial(load_scenario, pages=beside)
    loaded = variants(scenarios[0], vary, beside) if vary else list(load_scenarios(scenarios, load).values())
    asked: dict[str, Any] = {"quantity": quantity and full_name(quantity, loaded[0]), "draws": draws, "seed": seed}
    settings = CompareSettings(**asked)
    about = Comparison(loaded, settings).quantity  # errors are told before a cluster is started
    require_feasible(loaded, settings, workers=threads or default_threads())
    words = {"comparison": f"{{share}} of {len(loaded):,} scenarios"}
    name, silent = comparison_folder(scenarios, vary, [scenario.name for scenario in loaded]), quiet or as_json
    require_writable(output / name)
    print_title(comparison.title(about, len(loaded)), silent)
    with workflow(name, output, plots, executor, threads, silent=silent, words=words, left=UNFINISHED) as work:
        made = work.compare(loaded, name=name, **asked)
    if as_json:
        typer.echo((made.folder / "comparison.json").read_text(encoding="utf-8"))
    elif not quiet:
        print_text(comparison.heading(made.result), style="dim")
        print_table(comparison.table(made.result))
        for sentence in comparison.sentences(made.result):
            print_text(sentence)
        if made.ranking is not None:
            print_ranking(made.ranking)
        print_written(made.folder, made.files, made.remarks)


def comparison_folder(given: list[str], vary: list[str] | None, names: list[str]) -> str:
    """Return the name of a comparison's folder: of the folder given, of what is varied, or of the scenarios."""
    from simulator.workflow.verbs import folder_name

    if len(given) == 1 and not vary:
        return f"compare-{Path(given[0]).resolve().name}"
    if vary:
        return folder_name(f"compare-{Path(given[0]).stem}-by-", [one.partition("=")[0] for one in vary])
    return folder_name("compare-", names)


@app.command()
def backtest(
    folders: Annotated[
        list[Path],
        typer.Argument(metavar="FOLDER", help="Folders of scenarios that have [[observed]] values."),
    ],
    require: Annotated[
        list[str] | None,
        typer.Option(
            "--require",
            metavar="CONDITION",
            help="Exit with 1 unless it is met: 'coverage(0.9) in 0.8..0.97', 'uniformity > 0.05', 'crps < 0.3'.",
        ),
    ] = None,
    draws: Draws = 100_000,
    seed: Seed = 1,
    output: Output = Path("outputs"),
    threads: Threads = None,
    executor: Executor = "local",
    plots: Plots = True,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Test the model against published values its inputs do not use.

    The folders in a folder belong to it, but for its priors.
    """
    from simulator.analyses.backtest_requirements import read_requirements
    from simulator.analyses.backtest_scores import scores
    from simulator.analyses.feasibility import require_feasible
    from simulator.analyses.settings import BacktestSettings
    from simulator.present.wording import backtest
    from simulator.sampling.executors import default_threads
    from simulator.scenario.cases import load_cases
    from simulator.workflow.verbs import folder_name

    requirements = read_requirements(require or (), "--require")
    cases = load_cases(*folders)
    asked = {"draws": draws, "seed": seed}
    require_feasible(cases, BacktestSettings(**asked), workers=threads or default_threads())
    name, silent = folder_name("backtest-", [folder.resolve().name for folder in folders]), quiet or as_json
    words = {"backtest": share_of_draws(draws * len(cases))["draws"]}
    with workflow(name, output, plots, executor, threads, silent=silent, words=words) as work:
        made = work.backtest(cases, name=name, **asked)
    found = scores(made.result)
    if as_json:
        typer.echo((made.folder / "backtest.json").read_text(encoding="utf-8"))
    elif not quiet:
        print_table(backtest.table(made.result))
        print_text(backtest.LEGEND, style="dim")
        for sentence in backtest.sentences(found):
            print_text(sentence)
        print_written(made.folder, made.files, made.remarks)
    failed = list(backtest.failures(requirements, found))
    for line in failed:
        typer.echo(line, err=True)
    if failed:
        raise typer.Exit(1)
