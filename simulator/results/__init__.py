"""Results: what a file holds, and files that are written whole or not at all."""

from simulator.results.storage import (
    RESULT,
    Content,
    DatasetFolder,
    load_result,
    require_writable,
    result_bytes,
    save_files,
    save_result,
)

__all__ = [
    "RESULT",
    "Content",
    "DatasetFolder",
    "load_result",
    "require_writable",
    "result_bytes",
    "save_files",
    "save_result",
]
