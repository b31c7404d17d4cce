"""The folder of a scenario's result: what it has, what is made for it, and its files."""

import contextlib
import json
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import xarray

from simulator.analyses.analysis import analyse, digest_of, subject_digest
from simulator.analyses.run import Groups
from simulator.analyses.settings import RunSettings, Settings
from simulator.errors import InputError
from simulator.present import figures as drawings
from simulator.present.ledger import ledger_markdown
from simulator.present.wording.run import result_json
from simulator.results import (
    RESULT,
    Content,
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
from simulator.workflow.outcome import Interrupted, Outcome, make_beside

FIGURES = ("intervals.png", "ranking.png", "tornado.png", "response.png")


class ResultFolder:
    """The folder of a scenario's result: makes analyses, or takes them from the file that is there.

    Attributes
    ----------
    groups : dict from str to xarray.Dataset
        What the result will have.
    stored_settings : RunSettings or None
        How the draws of the stored result were made.
    """

    def __init__(
        self, folder: Path, scenario: Scenario, executor: Map | None, progress: Callable[[str, float], None]
    ) -> None:
        require_writable(folder)
        self.folder, self.scenario = folder, scenario
        self.executor, self.progress = executor, progress
        self.groups: Groups = {}
        self.stored_settings: RunSettings | None = None
        self.stored: Groups = {}
        with contextlib.suppress(InputError):  # there is none, or it is made anew
            result = load_result(self.folder)
            self.stored = {name: node.to_dataset() for name, node in result.children.items()}
            self.stored_settings = settings_of(result)
        self.made: list[str] = []
        self.reused: list[str] = []

    def make(self, wanted: Mapping[str, Settings]) -> None:
        """Make analyses beside each other, or take the stored ones that rest on the same.

        An interrupt stops them all at their next step; what was finished is in `groups`.
        """
        tasks = {}
        for name, settings in wanted.items():
            digest = digest_of(name, self.scenario, settings)
            same = {group: data for group, data in self.stored.items() if data.attrs["digest"] == digest}
            if same and all(data.attrs.get("done", 1) == 1 for data in same.values()):
                self.groups |= same
                self.reused.append(name)
            else:
                tasks[name] = partial(self.make_one, name, settings)
        made: dict[str, Groups] = {}
        try:
            make_beside(tasks, self.progress, made)
        finally:
            for name, groups in made.items():
                self.groups |= groups
                self.made.append(name)

    def make_one(self, name: str, settings: Settings, progress: Callable[[float], None]) -> Groups:
        """Make one analysis."""
        return analyse(name, self.scenario, settings, executor=self.executor, progress=progress)

    def first_input(self) -> str | None:
        """Return the input that ranks first, or None where there is nothing to rank."""
        ranking = self.groups["sensitivity"]
        return str(ranking["input"].values[0]) if ranking.data_vars else None

    @contextlib.contextmanager
    def saved_if_interrupted(self, settings: RunSettings) -> Iterator[None]:
        """Write what is finished, and say so, where the rest is interrupted: a result has its draws at least."""
        try:
            yield
        except KeyboardInterrupt:
            if "prior" not in self.groups or not self.made:
                raise
            self.keep_other_rankings()
            raise Interrupted(self.save(settings, figures=False), self.made) from None

    def keep_other_rankings(self) -> None:
        """Take over stored groups of the same scenario, seed and quantity that were not made anew."""
        about, seed = subject_digest(self.scenario), self.groups["prior"].attrs["seed"]
        ranked = self.groups.get("sensitivity")
        for name in RANKED:
            if name in self.stored and name not in self.groups:
                data = self.stored[name]
                same = data.attrs["subject_digest"] == about and data.attrs["seed"] == seed
                if same and (ranked is None or first_quantity(data) == first_quantity(ranked)):
                    self.groups[name] = data

    def save(self, settings: RunSettings, *, figures: bool) -> Outcome:
        """Write the files of the result."""
        order = [name for name in (*DRAWN, *RANKED) if name in self.groups]
        result = build_result(self.scenario, settings, {name: self.groups[name] for name in order})
        files: dict[str, Content] = {
            RESULT: result_bytes(result),
            "summary.json": json_bytes(result_json(result)),
            "ledger.md": ledger_markdown(self.scenario).encode(),
        }
        if figures:
            files |= figures_of(result)
        save_files(self.folder, files, instead_of=FIGURES)
        stale = [name for name in RANKED if name in self.stored and name not in self.groups]
        remarks = {"used again, as nothing that they rest on has changed": self.reused, "left out, as stale": stale}
        said = tuple(f"{why}: {', '.join(names)}" for why, names in remarks.items() if names)
        return Outcome(result, self.folder, tuple(files), remarks=said)


def figures_of(result: xarray.DataTree) -> dict[str, Content]:
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


def first_quantity(data: xarray.Dataset) -> str:
    """Return the first quantity of a ranking, or nothing of one that has none."""
    return str(data["quantity"].values[0]) if "quantity" in data.coords else ""


def json_bytes(plain: Mapping[str, Any]) -> bytes:
    """Return plain values as the bytes of a JSON file."""
    return json.dumps(plain, indent=1).encode()
