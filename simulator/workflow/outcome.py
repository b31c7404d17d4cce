"""What a verb made, and several analyses beside each other."""

import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import xarray


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
    ranking: xarray.Dataset | None = None
    remarks: tuple[str, ...] = ()


class Interrupted(KeyboardInterrupt):
    """An interrupt after which what was finished is kept; its text says what, and where.

    Attributes
    ----------
    outcome : Outcome
        What was finished.
    """

    def __init__(self, outcome: Outcome, finished: Sequence[str]) -> None:
        super().__init__(f"stopped; kept in {outcome.folder}: {', '.join(finished)}")
        self.outcome = outcome


def make_beside[Made](
    tasks: Mapping[str, Callable[[Callable[[float], None]], Made]],
    progress: Callable[[str, float], None],
    made: dict[str, Made],
) -> None:
    """Do tasks beside each other, and put what each made under its name.

    Each is called with what it reports its progress to. An error or an interrupt stops the others there; what was
    finished is in `made` all the same.
    """
    stopping = threading.Event()

    def report(name: str, share: float) -> None:
        if stopping.is_set():
            raise KeyboardInterrupt
        progress(name, share)

    with ThreadPoolExecutor(max(len(tasks), 1)) as pool:
        running = {name: pool.submit(task, partial(report, name)) for name, task in tasks.items()}
        try:
            for future in running.values():
                future.result()
        finally:
            stopping.set()
            pool.shutdown()
            made |= {name: future.result() for name, future in running.items() if future.exception() is None}
