"""Digests of values: equal values have the same digest in every process."""

import hashlib
import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from functools import lru_cache
from typing import Any

import numpy as np


def digest(*values: Any) -> str:
    """Return a name for values, the same for the same values in any process.

    Values may be numbers, texts, arrays, dataclasses, functions (by the text of their source) and mappings and
    sequences of these.
    """
    found = hashlib.blake2b(digest_size=16)
    for value in values:
        for piece in pieces(value):
            found.update(len(piece).to_bytes(8, "little") + piece)
    return found.hexdigest()


def pieces(value: Any) -> Iterator[bytes]:
    """Yield a value as bytes."""
    if isinstance(value, np.ndarray):
        yield f"{value.dtype} {value.shape}".encode()
        yield np.ascontiguousarray(value).tobytes()
    elif is_dataclass(value) and not isinstance(value, type):
        yield type(value).__name__.encode()
        for item in fields(value):
            yield item.name.encode()
            yield from pieces(getattr(value, item.name))
    elif isinstance(value, Mapping):
        yield b"{%d" % len(value)
        for key, item in value.items():
            yield from pieces(key)
            yield from pieces(item)
    elif isinstance(value, list | tuple):
        yield b"[%d" % len(value)
        for item in value:
            yield from pieces(item)
    elif inspect.isfunction(value):
        yield source_of(value)
    else:
        yield f"{type(value).__name__} {value!r}".encode()


@lru_cache(maxsize=4096)
def source_of(function: Callable[..., Any]) -> bytes:
    """Return the source of a function, or its name where the source is kept apart, as that of a user's own page."""
    plain = inspect.unwrap(function)
    try:
        return inspect.getsource(plain).encode()
    except (OSError, TypeError):
        return f"{plain.__module__}.{plain.__qualname__}".encode()
