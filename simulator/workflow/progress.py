"""Progress of several tasks at a time."""

from collections.abc import Callable

type Progress = Callable[[str, float], None]  # called with the name of a task and the share of it that is done


def ignore(task: str, share: float) -> None:
    """Ignore progress."""
