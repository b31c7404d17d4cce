"""Results as plain values for JSON, with the names of the dataset."""

import re
from collections.abc import Hashable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import xarray

# Attributes that say nothing of the numbers.
OF_THE_FILE = re.compile(r"created_at|sampling_time|creation_.*|sample_dims")


def plain_value(value: Any) -> Any:
    """Return an array or an attribute as (lists of) plain values; what is not finite is None, as JSON has no word."""
    array = np.asarray(value)
    if array.dtype.kind == "f":
        array = array.astype(object)
        array[~np.isfinite(value)] = None
    return array.tolist()


def plain_attributes(attributes: Mapping[Any, Any]) -> dict[str, Any]:
    """Return the attributes of a dataset or of a variable as plain values."""
    return {str(key): plain_value(value) for key, value in attributes.items() if not OF_THE_FILE.fullmatch(str(key))}


def plain_values(variables: "Mapping[Hashable, xarray.Variable]", *dimensions: str) -> dict[str, Any]:
    """Return the variables of a dataset as plain values.

    Each of some dimensions becomes a level of keys, under its own name, every other one a list: under ``quantity``
    and the name of each quantity is what depends on the quantity, beside it what depends on none of the dimensions.
    """
    shared = {str(name): plain_value(item) for name, item in variables.items() if not {*item.dims} & {*dimensions}}
    shared = dict(sorted(shared.items()))  # what was read from a file is in another order
    if not dimensions:
        return shared
    first, *others = dimensions
    nested = {name: item for name, item in variables.items() if name not in shared and name != first}
    levels = {}
    for position, label in enumerate(variables[first].values):
        level = {name: item.isel({first: position}, missing_dims="ignore") for name, item in nested.items()}
        levels[str(label)] = plain_values(level, *others)
    return shared | {first: levels}


def plain_records(data: "xarray.Dataset", dimension: str) -> list[dict[str, Any]]:
    """Return what a dataset says of each label of a dimension, for labels that may occur more than once."""
    return [plain_values(data.isel({dimension: position}).variables) for position in range(data.sizes[dimension])]
