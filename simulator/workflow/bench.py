"""Run analyses in parallel, or reuse stored ones."""

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

from simulator.analyses.analysis import Subject, analyse, digest_of
from simulator.analyses.run import Groups
from simulator.analyses.settings import Settings
from simulator.results import read_groups
from simulator.sampling.executors import Map
from simulator.workflow.progress import Progress


class Bench:
    """Makes analyses of a subject, or takes the stored ones that rest on the same.

    Attributes
    ----------
    stored : dict from str to xarray.Dataset
        The groups that the file has.
    groups : dict from str to xarray.Dataset
        Those that were made, or taken.
    made, reused : list of str
        The names of these analyses.
    """

    def __init__(self, subject: Subject, stored: Groups, executor: Map | None, progress: Progress) -> None:
        self.subject, self.stored = subject, stored
        self._executor, self._progress = executor, progress
        self.groups: Groups = {}
        self.made: list[str] = []
        self.reused: list[str] = []

    def make(self, wanted: Mapping[str, Settings], **more: Mapping[str, Any]) -> None:
        """Make analyses beside each other, or take stored ones; `more` is what an analysis takes beside, by its name.

        An interrupt stops them all at their next step; what was finished is in `groups`.
        """
        tasks = {}
        for name, settings in wanted.items():
            digest = digest_of(name, self.subject, settings)
            same = {group: data for group, data in self.stored.items() if data.attrs.get("digest") == digest}
            if same and all(data.attrs.get("done", 1) == 1 for data in same.values()):
                self.groups |= same
                self.reused.append(name)
            else:
                known = {"executor": self._executor, **more.get(name, {})}
                tasks[name] = partial(analyse, name, self.subject, settings, **known)
        made: dict[str, Groups] = {}
        try:
            make_beside(tasks, self._progress, made)
        finally:
            for name, groups in made.items():
                self.groups |= groups
                self.made.append(name)

    @property
    def remarks(self) -> list[str]:
        """Which stored analyses were reused, as a sentence."""
        return [f"reused, as they are up to date: {', '.join(self.reused)}"] if self.reused else []


def make_beside[Made](tasks: Mapping[str, Callable[..., Made]], progress: Progress, made: dict[str, Made]) -> None:
    """Do tasks beside each other, and put what each made under its name.

    Each is called with what it reports its `progress` to. An error or an interrupt stops the others there; what was
    finished is in `made` all the same.
    """
    stopping = threading.Event()

    def report(name: str, share: float) -> None:
        if stopping.is_set():
            raise KeyboardInterrupt
        progress(name, share)

    with ThreadPoolExecutor(max(len(tasks), 1)) as pool:
        running = {name: pool.submit(task, progress=partial(report, name)) for name, task in tasks.items()}
        try:
            for future in running.values():
                future.result()
        finally:
            stopping.set()
            pool.shutdown()
            made |= {name: future.result() for name, future in running.items() if future.exception() is None}


def stored_groups(file: Path) -> Groups:
    """Return the groups of a file, or none where it cannot be read: what it should have is made anew."""
    try:
        return {name: data for name, data in read_groups(file).items() if name != "/"}
    except Exception:  # HDF5, netCDF and xarray each have their own
        return {}
