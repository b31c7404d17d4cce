"""The commands as methods: run new analyses, reuse stored ones, and write a folder of files.

>>> from simulator import Workflow, load_scenario
>>> outcome = Workflow("outputs").run(load_scenario("gpt4-iowa"), draws=1e6)
>>> outcome.result["intervals"]
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import xarray

from simulator.analyses.analysis import analyse
from simulator.analyses.compare import Comparison
from simulator.analyses.sensitivity.methods import METHODS
from simulator.analyses.sensitivity.ranking import quantities_of
from simulator.analyses.settings import (
    DEFAULT_N_BASE,
    BacktestSettings,
    CompareSettings,
    RankSettings,
    RunSettings,
    Settings,
)
from simulator.errors import require_writable
from simulator.present import figures as drawings
from simulator.present.wording.backtest import backtest_json
from simulator.present.wording.comparison import comparison_json
from simulator.present.wording.ranking import ranking_json
from simulator.results import Content, DatasetFolder, as_bytes, build_result, label_groups, save_files
from simulator.sampling import draws
from simulator.sampling.executors import Map
from simulator.scenario import Scenario
from simulator.workflow.bench import Bench, stored_groups
from simulator.workflow.outcome import Outcome
from simulator.workflow.progress import Progress, ignore
from simulator.workflow.result_folder import PRIORS, ResultFolder, json_bytes

PARTS = "parts"  # folder of what is done of a comparison


@dataclass(frozen=True)
class Workflow:
    """The commands of the command line as methods, which write the same files.

    Every method takes the settings of its analysis by name, and raises InputError if one is out of range, ModelError
    or ClusterError if a quantity is not finite in some draw or the cluster went away, and OutputError if the files
    cannot be written. `run` and `rank` raise Interrupted if they are interrupted when something is finished.

    Attributes
    ----------
    output : str or Path
        Folder for the folders of results.
    figures : bool
        Whether to draw figures.
    executor : Map, optional
        Where to compute, from `simulator.executor`; by default as many threads as there are processors.
    progress : callable
        ``progress(task, share)`` is called with the name of an analysis and the share of it that is done.
    """

    output: str | Path = "outputs"
    figures: bool = True
    executor: Map | None = None
    progress: Progress = ignore

    def run(self, scenario: Scenario, **settings: Any) -> Outcome:
        """Draw a scenario, rank its inputs, and write the files of ``simulator run``.

        Parameters
        ----------
        scenario : Scenario
            What to run.
        **settings
            As `RunSettings` has them.

        Returns
        -------
        Outcome
            Its result is an `xarray.DataTree`; see `simulator.results.build_result`.
        """
        drawn = RunSettings(**settings)
        ranking = RankSettings(quantity=scenario.reported[:1], seed=drawn.seed)
        work = self.result_folder(scenario)
        with work.saved_if_interrupted(drawn):
            work.make({"draws": drawn, "sensitivity": ranking})
            work.keep_other_rankings()
            if (first := work.first_input()) is not None and "interval_reduction" not in work.groups:
                one = replace(ranking, only=first, n_base=DEFAULT_N_BASE, budget=None)
                work.make({"interval_reduction": one})
            return work.save(drawn, figures=self.figures)

    def rank(self, scenario: Scenario, **settings: Any) -> Outcome:
        """Rank the inputs of a scenario, with tornado and response, and write the files of ``simulator rank``.

        Stored draws are reused; they are drawn again if the scenario or the seed differs.

        Parameters
        ----------
        scenario : Scenario
            What to rank the inputs of.
        **settings
            As `RankSettings` has them.

        Returns
        -------
        Outcome
            As of `run`.
        """
        asked = RankSettings(**settings)
        asked = replace(asked, quantity=quantities_of(scenario, asked))
        work = self.result_folder(scenario)
        drawn = replace(work.stored_settings or RunSettings(), seed=asked.seed)
        with work.saved_if_interrupted(drawn):
            work.make({"draws": drawn, "sensitivity": asked})
            if work.first_input() is not None:
                further: dict[str, Settings] = {"local": asked, "response": asked}
                ranking = work.groups["sensitivity"].attrs
                if ranking["method"] != "interval-reduction":
                    n_base = min(int(ranking["n_base"]), DEFAULT_N_BASE)
                    only = None if METHODS[ranking["method"]].of_pairs else asked.only
                    further["interval_reduction"] = replace(asked, n_base=n_base, budget=None, only=only)
                work.make(further)
            return work.save(drawn, figures=self.figures)

    def compare(self, scenarios: Sequence[Scenario], *, name: str | None = None, **settings: Any) -> Outcome:
        """Compare scenarios with the first one, and write the files of ``simulator compare``.

        After an interrupt, the next call continues with the scenarios that are missing.

        Parameters
        ----------
        scenarios : sequence of Scenario
            Two or more.
        name : str, optional
            Of the comparison's folder; by default made of the scenarios' names.
        **settings
            As `CompareSettings` has them.

        Returns
        -------
        Outcome
            Its result is an `xarray.Dataset`; see `simulator.compare`.
        """
        asked = CompareSettings(**settings)
        Comparison(scenarios, asked)  # what is wrong is said before anything is written
        folder = self.writable(name or folder_name("compare-", [scenario.name for scenario in scenarios]))
        work = Bench(scenarios, stored_groups(folder / "comparison.nc"), self.executor, self.progress)
        wanted = ["comparison", "difference"] if len(scenarios) == 2 else ["comparison"]
        work.make(dict.fromkeys(wanted, asked), comparison={"parts": DatasetFolder(folder / PARTS)})
        return self.write(folder, "comparison", work, comparison_json, drawings.plot_comparison)

    def backtest(self, cases: Sequence[Scenario], *, name: str = "backtest", **settings: Any) -> Outcome:
        """Test the model against published values, and write the files of ``simulator backtest``.

        Parameters
        ----------
        cases : sequence of Scenario
            From `simulator.load_cases`.
        name : str
            Of the back-test's folder.
        **settings
            As `BacktestSettings` has them.

        Returns
        -------
        Outcome
            Its result is an `xarray.Dataset`; see `simulator.backtest`.
        """
        folder = self.writable(name)
        work = Bench(cases, stored_groups(folder / "backtest.nc"), self.executor, self.progress)
        work.make({"backtest": BacktestSettings(**settings)})
        return self.write(folder, "backtest", work, backtest_json, drawings.plot_backtest)

    def plot_priors(self, scenario: Scenario) -> Outcome:
        """Draw the priors of a scenario, with the values of their sources, into its folder.

        Parameters
        ----------
        scenario : Scenario
            Whose priors to draw.

        Returns
        -------
        Outcome
            Its result is the scenario.
        """
        folder = Path(self.output) / scenario.name
        save_files(folder, {PRIORS: drawings.as_png(drawings.plot_priors(scenario))})
        return Outcome(scenario, folder, (PRIORS,))

    def result_folder(self, scenario: Scenario) -> ResultFolder:
        """Return the folder of a scenario's result."""
        return ResultFolder(self.writable(scenario.name), scenario, self.executor, self.progress)

    def writable(self, name: str) -> Path:
        """Return a folder of the output; OutputError, before anything is computed, if it cannot be written to."""
        folder = Path(self.output) / name.replace("/", "-")  # a variant may be named after a prior
        require_writable(folder)
        return folder

    def write(
        self,
        folder: Path,
        name: str,
        work: Bench,
        say: Callable[[xarray.Dataset], dict[str, Any]],
        draw: Callable[[xarray.Dataset], Any],
    ) -> Outcome:
        """Write what was made: its groups, what the one of this name says as JSON, and its figure."""
        groups = label_groups(folder.name, work.groups)
        ranking = groups.get("sensitivity")
        plain = say(groups[name]) | ({} if ranking is None else {"sensitivity": ranking_json(ranking)})
        files: dict[str, Content] = {f"{name}.nc": as_bytes(groups), f"{name}.json": json_bytes(plain)}
        if self.figures:
            files[f"{name}.png"] = drawings.as_png(draw(groups[name]))
        save_files(folder, files, instead_of=[f"{name}.png"] if work.made else ())
        return Outcome(groups[name], folder, tuple(files), ranking, tuple(work.remarks))


def run(
    scenario: Scenario,
    *,
    executor: Map | None = None,
    progress: draws.Progress = draws.ignore,
    **settings: Any,
) -> xarray.DataTree:
    """Draw a scenario.

    Parameters
    ----------
    scenario : Scenario
        What to run, from `simulator.load_scenario`.
    executor : Map, optional
        Where to draw, from `simulator.executor`; by default as many threads as there are processors. The result does
        not depend on it.
    progress : callable
        Called with the share of rows that is done.
    **settings
        As `RunSettings` has them: `draws`, `seed`, `keep`, `ci_kind`.

    Returns
    -------
    xarray.DataTree
        See `build_result`.

    Raises
    ------
    InputError
        If a setting is out of range.
    ModelError
        If a quantity is not a finite number in some row.
    ClusterError
        If the cluster went away.
    """
    asked = RunSettings(**settings)
    return build_result(scenario, asked, analyse("draws", scenario, asked, executor=executor, progress=progress))


def folder_name(start: str, names: Sequence[str]) -> str:
    """Return the name of a folder for what several names are compared or tested in, of the first two."""
    more = f"-and-{len(names) - 2}-more" if len(names) > 2 else ""
    return f"{start}{'-'.join(names[:2])}{more}"
