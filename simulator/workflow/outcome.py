"""The outcome of a command, complete or interrupted."""

from collections.abc import Sequence
from dataclasses import dataclass
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
