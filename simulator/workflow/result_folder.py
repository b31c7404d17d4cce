"""The folder of a scenario's result: stored analyses, new ones, and its files."""

import contextlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import xarray

from simulator.analyses.analysis import subject_digest
from simulator.analyses.settings import RunSettings
from simulator.errors import InputError
from simulator.present.ledger import ledger_markdown
from simulator.present.wording.run import result_json
from simulator.results import RESULT, Content, build_result, load_result, result_bytes, save_files, settings_of
from simulator.sampling.executors import Map
from simulator.scenario import Scenario
from simulator.workflow.bench import Bench
from simulator.workflow.figure_files import FIGURES, figures_of
from simulator.workflow.outcome import Interrupted, Outcome
from simulator.workflow.progress import Progress

PRIORS = "priors.png"


class ResultFolder(Bench):
    """The folder of a scenario's result.

    Attributes
    ----------
    stored_settings : RunSettings or None
        How the draws of the stored result were made.
    """

    def __init__(self, folder: Path, scenario: Scenario, executor: Map | None, progress: Progress) -> None:
        stored, self.stored_settings = {}, None
        with contextlib.suppress(InputError):  # there is none, or it is made anew
            result = load_result(folder)
            stored = {name: node.to_dataset() for name, node in result.children.items()}
            self.stored_settings = settings_of(result)
        super().__init__(scenario, stored, executor, progress)
        self._folder, self._scenario = folder, scenario
        self._saved: Outcome | None = None

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
            if "prior" not in self.groups or not (self.made or self._saved):
                raise
            self.keep_other_rankings()
            saved = self._saved or self.save(settings, figures=False)
            raise Interrupted(saved, self.made or self.reused) from None

    def keep_other_rankings(self) -> None:
        """Take over stored groups of the same scenario, seed and quantity that were not made anew."""
        about, draws = subject_digest(self.subject), self.groups["prior"].attrs
        ranked = self.groups.get("sensitivity")
        for name, data in self.stored.items():
            same = data.attrs.get("subject_digest") == about and data.attrs.get("seed") == draws["seed"]
            same &= data.attrs.get("analysis") not in ("draws", *self.made)
            if (
                name not in self.groups
                and same
                and (ranked is None or first_quantity(data) == first_quantity(ranked))
            ):
                self.groups[name] = data
                self.reused.append(str(data.attrs["analysis"]))

    def save(self, settings: RunSettings, *, figures: bool) -> Outcome:
        """Write the files of the result; figures of what was made anew are drawn, or go."""
        result = build_result(self._scenario, settings, self.groups)
        files: dict[str, Content] = {
            RESULT: result_bytes(result),
            "summary.json": json_bytes(result_json(result)),
            "ledger.md": ledger_markdown(self._scenario).encode(),
        }
        if figures:
            files |= figures_of(result, self._progress)
        kept = {name for name, data in self.groups.items() if data is self.stored.get(name)}
        stale = [file for file, (group, _) in FIGURES.items() if group not in kept]
        stale += [] if "prior" in kept else [PRIORS]
        gone = [file for file in stale if file not in files and (self._folder / file).exists()]
        save_files(self._folder, files, instead_of=gone)
        remarks = self.remarks
        if left := [*(name for name in self.stored if name not in self.groups), *gone]:
            remarks.append(
                f"deleted, as they belong to another scenario, seed, quantity or ranking: {', '.join(left)}"
            )
        self._saved = Outcome(result, self._folder, tuple(files), remarks=tuple(remarks))
        return self._saved


def first_quantity(data: xarray.Dataset) -> str:
    """Return the first quantity of a ranking, or nothing of one that has none."""
    return str(data["quantity"].values[0]) if "quantity" in data.coords else ""


def json_bytes(plain: Mapping[str, Any]) -> bytes:
    """Return plain values as the bytes of a JSON file."""
    return json.dumps(plain, indent=1).encode()
