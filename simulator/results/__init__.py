"""Results: the schema of a result, and files that are written completely or not at all."""

from simulator.results.schema import build_result, intervals, label_groups, settings_of
from simulator.results.storage import (
    RESULT,
    Content,
    DatasetFolder,
    as_bytes,
    load_result,
    read_groups,
    result_bytes,
    save_files,
    save_result,
)

__all__ = [
    "RESULT",
    "Content",
    "DatasetFolder",
    "as_bytes",
    "build_result",
    "intervals",
    "label_groups",
    "load_result",
    "read_groups",
    "result_bytes",
    "save_files",
    "save_result",
    "settings_of",
]
