"""Read-only mappings that can be pickled."""

import copyreg
from collections.abc import Mapping
from types import MappingProxyType


def freeze[Key, Value](mapping: Mapping[Key, Value]) -> MappingProxyType[Key, Value]:
    """Return a copy of a mapping, in its order, that raises TypeError where an item is assigned."""
    return MappingProxyType(dict(mapping))


# Python neither pickles nor copies such a mapping by itself.
copyreg.pickle(MappingProxyType, lambda mapping: (freeze, (dict(mapping),)))
