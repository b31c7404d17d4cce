"""What the verbs of the command line do: make what is wanted, use again what is there, write a folder of files.

>>> from simulator import load_scenario, workflow
>>> outcome = workflow.run(load_scenario("gpt4-iowa"), "outputs", draws=1e6)
>>> outcome.result["intervals"]
"""

import contextlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simulator.analyses import backtest as backtests
from simulator.analyses import compare as comparisons
from simulator.analyses.analysis import analyse, digest_of
from simulator.analyses.digest import scenario_digest
from simulator.analyses.run import physical_memory, require_feasible
from simulator.analyses.sensitivity.ranking import quantities_of
from simulator.analyses.sensitivity.ranking import rank as rank_inputs
from simulator.analyses.settings import (
    DEFAULT_N_BASE,
    BacktestSettings,
    CompareSettings,
    RankSettings,
    RunSettings,
)
from simulator.errors import InputError
from simulator.present import figures as drawings
from simulator.present.ledger import ledger
from simulator.present.wording.backtest import backtest_json
from simulator.present.wording.comparison import comparison_json
from simulator.present.wording.ranking import ranking_json
from simulator.present.wording.run import result_json
from simulator.results import (
    RESULT,
    Content,
    DatasetFolder,
    as_bytes,
    build_result,
    load_result,
    require_writable,
    result_bytes,
    save_files,
    settings_of,
)
from simulator.results.schema import DRAWN, RANKED
from simulator.sampling.executors import Map
from simulator.scenario import Scenario

if TYPE_CHECKING:
    import xarray

type Progress = Callable[[str, float], None]

OUTPUTS = Path("outputs")
PARTS = "parts"  # folder of what is done of a comparison
FIGURES = ("intervals.png", "ranking.png", "tornado.png", "response.png")
FIRST_N_BASE = 8192  # for the interval reduction of one input: enough for a sentence
MOST_MEMORY = 0.8  # of the machine's


def silent(task: str, share: float) -> None:
    """Ignore progress."""


@dataclass(frozen=True)
class Outcome:
    """What a verb made.

    Attributes
    ----------
    result : xarray.DataTree or xarray.Dataset
        Of a run or a ranking; of a comparison or a back-test.
    folder : Path
        Where the files are.
    files : tuple of str
        Their names.
    ranking : xarray.Dataset, optional
        What the difference of two compared scenarios depends on.
    remarks : tuple of str
        What was used again, and what was left out as it was out of date.
    """

    result: Any
    folder: Path
    files: tuple[str, ...]
    ranking: "xarray.Dataset | None" = None
    remarks: tuple[str, ...] = ()


class Interrupted(KeyboardInterrupt):
    """An interrupt after which what was finished is kept; its text says what, and where."""


class Bench:
    """Makes analyses of one scenario, or takes them from the files of its folder.

    Parameters
    ----------
    scenario : Scenario
        What to analyse.
    folder : Path
        Of its files.
    executor : Map or None
        Where to compute.
    progress : callable
        Called with a task and the share of it that is done.
    """

    def __init__(self, scenario: Scenario, folder: Path, executor: Map | None, progress: Progress) -> None:
        require_writable(folder)
        self.scenario, self.folder = scenario, folder
        self._executor, self._progress = executor, progress
        self.stored: dict[str, xarray.Dataset] = {}
        self.stored_settings: RunSettings | None = None
        with contextlib.suppress(InputError):  # there is none, or one that is made anew
            result = load_result(folder)
            self.stored = {name: node.to_dataset() for name, node in result.children.items()}
            self.stored_settings = settings_of(result)
        self.groups: dict[str, xarray.Dataset] = {}
        self.made: list[str] = []
        self.reused: list[str] = []

    def make(self, name: str, settings: RunSettings | RankSettings) -> None:
        """Make an analysis, or take the stored one where it rests on the same."""
        digest = digest_of(name, self.scenario, settings)
        same = {group: data for group, data in self.stored.items() if data.attrs["digest"] == digest}
        if same:
            self.reused.append(name)
        else:
            same = analyse(
                name,
                self.scenario,
                settings,
                executor=self._executor,
                progress=lambda share: self._progress(name, share),
            )
            self.made.append(name)
        self.groups |= same

    @contextlib.contextmanager
    def keeping(self, settings: RunSettings) -> Iterator[None]:
        """Write what is finished, and say so, where the rest is interrupted."""
        try:
            yield
        except KeyboardInterrupt:
            if not self.made:
                raise
            self.save(settings, figures=False)
            raise Interrupted(f"stopped; kept in {self.folder}: {', '.join(self.made)}") from None

    def save(self, settings: RunSettings, *, figures: bool) -> Outcome:
        """Write the files of a result: what was made, and what is stored and still holds."""
        seed, about = settings.seed, scenario_digest(self.scenario)
        ranked, stale = self.groups.get("sensitivity"), []
        for name in [name for name in RANKED if name in self.stored and name not in self.groups]:
            data = self.stored[name]
            same = data.attrs["scenario_digest"] == about and data.attrs["seed"] == seed
            if same and (ranked is None or first_quantity(data) == first_quantity(ranked)):
                self.groups[name] = data
            else:
                stale.append(name)
        order = [name for name in (*DRAWN, *RANKED) if name in self.groups]
        result = build_result(self.scenario, settings, {name: self.groups[name] for name in order})
        files: dict[str, Content] = {
            RESULT: result_bytes(result),
            "summary.json": json_bytes(result_json(result)),
            "ledger.md": ledger(self.scenario).encode(),
        }
        if figures:
            files |= figures_of(result)
        save_files(self.folder, files, instead_of=FIGURES)
        remarks = {"used again, as nothing that they rest on has changed": self.reused, "left out, as stale": stale}
        said = tuple(f"{why}: {', '.join(names)}" for why, names in remarks.items() if names)
        return Outcome(result, self.folder, tuple(files), remarks=said)


def first_quantity(data: "xarray.Dataset") -> str:
    """Return the first quantity of a ranking, or nothing of one that has none."""
    return str(data["quantity"].values[0]) if "quantity" in data.coords else ""


def json_bytes(plain: Mapping[str, Any]) -> bytes:
    """Return plain values as the bytes of a JSON file."""
    return json.dumps(plain, indent=1).encode()


def run(
    scenario: Scenario,
    output: str | Path = OUTPUTS,
    *,
    figures: bool = True,
    executor: Map | None = None,
    progress: Progress = silent,
    **settings: Any,
) -> Outcome:
    """Draw a scenario, rank its inputs, and write the files of ``simulator run``.

    Parameters
    ----------
    scenario : Scenario
        What to run.
    output : str or Path
        Folder for the scenario's folder.
    figures : bool
        Whether to draw figures.
    executor : Map, optional
        Where to compute, from `simulator.executor`; by default as many threads as there are processors.
    progress : callable
        Called with a task and the share of it that is done.
    **settings
        As `RunSettings` has them.

    Returns
    -------
    Outcome
        Its result is an `xarray.DataTree`; see `simulator.results.build_result`.

    Raises
    ------
    InputError
        If a setting is out of range.
    ModelError, ClusterError
        If a quantity is not finite in some draw, or the cluster went away.
    OutputError
        If the files cannot be written.
    Interrupted
        If it is interrupted when the draws are done: they are kept.
    """
    asked = RunSettings(**settings)
    ranking = RankSettings(quantity=scenario.reported[:1], seed=asked.seed)
    bench = Bench(scenario, Path(output) / scenario.name, executor, progress)
    with bench.keeping(asked):
        bench.make("draws", asked)
        bench.make("sensitivity", ranking)
        if bench.groups["sensitivity"].data_vars:
            first = str(bench.groups["sensitivity"]["input"].values[0])
            bench.make("interval_reduction", replace(ranking, only=first, n_base=FIRST_N_BASE, budget=None))
    return bench.save(asked, figures=figures)


def rank(
    scenario: Scenario,
    output: str | Path = OUTPUTS,
    *,
    figures: bool = True,
    executor: Map | None = None,
    progress: Progress = silent,
    **settings: Any,
) -> Outcome:
    """Rank the inputs of a scenario every way, and write the files of ``simulator rank``.

    The draws are those that the folder has, made anew as they were where they are of another scenario or seed.

    Parameters
    ----------
    scenario, output, figures, executor, progress
        As `run` takes them.
    **settings
        As `RankSettings` has them.

    Returns
    -------
    Outcome
        As of `run`.

    Raises
    ------
    InputError, ModelError, ClusterError, OutputError, Interrupted
        As `run` does.
    """
    asked = RankSettings(**settings)
    asked = replace(asked, quantity=quantities_of(scenario, asked))
    bench = Bench(scenario, Path(output) / scenario.name, executor, progress)
    drawn = replace(bench.stored_settings or RunSettings(), seed=asked.seed)
    with bench.keeping(drawn):
        bench.make("draws", drawn)
        bench.make("sensitivity", asked)
        if bench.groups["sensitivity"].data_vars:
            if bench.groups["sensitivity"].attrs["method"] != "interval-reduction":
                n_base = min(int(bench.groups["sensitivity"].attrs["n_base"]), DEFAULT_N_BASE)
                bench.make("interval_reduction", replace(asked, n_base=n_base, budget=None))
            bench.make("local", asked)
            bench.make("response", asked)
    for name in set(bench.stored) & set(RANKED):
        del bench.stored[name]  # of another ranking
    return bench.save(drawn, figures=figures)


def compare(
    scenarios: Sequence[Scenario],
    output: str | Path = OUTPUTS,
    *,
    name: str | None = None,
    figures: bool = True,
    executor: Map | None = None,
    progress: Progress = silent,
    **settings: Any,
) -> Outcome:
    """Compare scenarios with the first one, and write the files of ``simulator compare``.

    Parameters
    ----------
    scenarios : sequence of Scenario
        Two or more.
    output, figures, executor, progress
        As `run` takes them.
    name : str, optional
        Of the comparison's folder; by default made of the scenarios' names.
    **settings
        As `CompareSettings` has them.

    Returns
    -------
    Outcome
        Its result is an `xarray.Dataset`; see `simulator.compare`.

    Raises
    ------
    InputError, ModelError, ClusterError, OutputError
        As `run` does. What is done of an interrupted comparison is kept, and the next one goes on from there.
    """
    comparison = comparisons.Comparison(scenarios, CompareSettings(**settings))
    folder = Path(output) / (name or comparison_name([scenario.name for scenario in scenarios]))
    require_writable(folder)
    data = comparisons.compare(
        scenarios,
        DatasetFolder(folder / PARTS),
        executor=executor,
        progress=lambda share: progress("scenarios", share),
        **settings,
    )
    groups, plain = {"/": data}, comparison_json(data)
    ranking = None
    if len(scenarios) == 2:
        both = comparison.contrasts()[1]
        seed = comparison.settings.seed
        ranking = rank_inputs(
            both.model,
            quantity=both.difference,
            seed=seed,
            executor=executor,
            progress=lambda share: progress("sensitivity", share),
        )
        groups["sensitivity"] = ranking
        plain["sensitivity"] = ranking_json(ranking)
    files: dict[str, Content] = {"comparison.nc": as_bytes(groups), "comparison.json": json_bytes(plain)}
    if figures:
        files["comparison.png"] = drawings.as_png(drawings.plot_comparison(data))
    save_files(folder, files, instead_of=["comparison.png"])
    return Outcome(data, folder, tuple(files), ranking)


def comparison_name(names: Sequence[str], start: str = "") -> str:
    """Return the name of a comparison's folder, of the first two of some names."""
    more = f"-and-{len(names) - 2}-more" if len(names) > 2 else ""
    return f"compare-{start}{'-'.join(names[:2])}{more}"


def backtest(
    cases: Sequence[Scenario],
    output: str | Path = OUTPUTS,
    *,
    name: str = "backtest",
    figures: bool = True,
    executor: Map | None = None,
    progress: Progress = silent,
    **settings: Any,
) -> Outcome:
    """Compare published values with what the model says of them, and write the files of ``simulator backtest``.

    Parameters
    ----------
    cases : sequence of Scenario
        From `simulator.load_cases`.
    output, figures, executor, progress
        As `run` takes them.
    name : str
        Of the back-test's folder.
    **settings
        As `BacktestSettings` has them.

    Returns
    -------
    Outcome
        Its result is an `xarray.Dataset`; see `simulator.backtest`.

    Raises
    ------
    InputError, ModelError, ClusterError, OutputError
        As `run` does.
    """
    folder = Path(output) / name
    require_writable(folder)
    data = backtests.forecasts(cases, executor=executor, progress=lambda share: progress("draws", share), **settings)
    files: dict[str, Content] = {
        "backtest.nc": as_bytes({"/": data}),
        "backtest.json": json_bytes(backtest_json(data)),
    }
    if figures:
        files["backtest.png"] = drawings.as_png(drawings.plot_backtest(data))
    save_files(folder, files, instead_of=["backtest.png"])
    return Outcome(data, folder, tuple(files))


def plot(path: str | Path, output: str | Path | None = None) -> Outcome:
    """Draw the figures of a stored result again.

    Parameters
    ----------
    path : str or Path
        A ``result.nc``, or its folder.
    output : str or Path, optional
        Folder for the folder of the figures; by default they go beside the result.

    Returns
    -------
    Outcome
        Its result is the one that was read.

    Raises
    ------
    InputError
        If there is no result that can be read.
    OutputError
        If the files cannot be written.
    """
    result, place = load_result(path), Path(path)
    folder = place if place.is_dir() else place.parent
    folder = Path(output) / folder.resolve().name if output is not None else folder
    files = figures_of(result)
    save_files(folder, files)
    return Outcome(result, folder, tuple(files))


def plot_priors(scenario: Scenario, output: str | Path = OUTPUTS) -> Outcome:
    """Draw the priors of a scenario, with the evidence that they rest on."""
    folder = Path(output) / scenario.name
    save_files(folder, {"priors.png": drawings.as_png(drawings.plot_priors(scenario))})
    return Outcome(scenario, folder, ("priors.png",))


def figures_of(result: "xarray.DataTree") -> dict[str, Content]:
    """Return the figures of a result as files."""
    title = str(result.attrs["title"])
    drawn = {"intervals.png": drawings.plot_intervals(result)}
    for group, file, draw in (
        ("sensitivity", "ranking.png", drawings.plot_ranking),
        ("local", "tornado.png", drawings.plot_tornado),
        ("response", "response.png", drawings.plot_response),
    ):
        if group in result.children:
            drawn[file] = draw(result[group].to_dataset(), title)
    return {name: drawings.as_png(drawing) for name, drawing in drawn.items()}


def require_room(
    scenarios: Sequence[Scenario], settings: Any, *, workers: int, max_memory: float | None = None
) -> None:
    """Raise InputError, before anything is drawn, if what is asked could not end or would not fit in memory.

    Parameters
    ----------
    scenarios : sequence of Scenario
        What would be drawn, one after the other.
    settings : RunSettings, CompareSettings or BacktestSettings
        How.
    workers : int
        Threads or processes.
    max_memory : float, optional
        Bytes; by default 80 % of the machine's.
    """
    most_memory = max_memory or MOST_MEMORY * physical_memory()
    if isinstance(settings, RunSettings):
        for scenario in scenarios:
            require_feasible(scenario, settings, most_memory=most_memory, workers=workers)
        return
    # Each job takes as long as the next.
    whole = RunSettings(draws=settings.draws * len(scenarios), seed=settings.seed, keep=1)
    require_feasible(scenarios[0], whole, most_memory=most_memory, workers=workers)


__all__ = [
    "BacktestSettings",
    "Interrupted",
    "Outcome",
    "backtest",
    "compare",
    "plot",
    "plot_priors",
    "rank",
    "run",
]
