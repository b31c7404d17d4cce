"""A scenario and its model cannot be changed, and travel to other processes as they are."""

import copy
import dataclasses
import pickle
from operator import delitem, setitem

import numpy as np
import pytest

from simulator import load_scenario, run
from tests import own_page_module

IOWA = load_scenario("gpt4-iowa")


@pytest.fixture
def own(tmp_path):
    """Return a scenario with a group and a page of its own."""
    inputs = "".join(f'x{i} = {{ distribution = "uniform", low = 1, high = 2 }}\n' for i in (1, 2, 3))
    path = tmp_path / "model.toml"
    path.write_text(f'title = "x"\ngroups = {{ pair = ["x1", "x2"] }}\n[inputs]\n{inputs}')
    return load_scenario(path, [own_page_module])


def test_no_item_and_no_attribute_can_be_assigned_or_deleted(own):
    for mapping in (own.inputs, own.model.inputs, own.groups, own.own_pages, own.model.further_correlations):
        key = next(iter(mapping), "x")
        with pytest.raises(TypeError):
            setitem(mapping, key, 1.2)
        with pytest.raises(TypeError):
            delitem(mapping, key)
    for thing, name in [(own, "inputs"), (own, "groups"), (own, "own_pages"), (own, "title"), (own.model, "inputs")]:
        with pytest.raises(AttributeError):
            setattr(thing, name, {})
    with pytest.raises(AttributeError):
        own.groups["pair"].append("x3")


def test_what_it_was_made_of_does_not_change_it(own):
    inputs, groups = dict(own.inputs), {"pair": ["x1", "x2"]}
    other = dataclasses.replace(own, model=dataclasses.replace(own.model, inputs=inputs), groups=groups)
    inputs.clear()
    groups["pair"].append("x3")
    assert other.inputs == own.inputs and other.groups == {"pair": ("x1", "x2")}


@pytest.mark.parametrize(
    "made_again",
    [lambda x: pickle.loads(pickle.dumps(x)), copy.copy, copy.deepcopy, dataclasses.replace],
    ids=["pickle", "copy", "deepcopy", "replace"],
)
def test_a_copy_is_the_same_gives_the_same_bits_and_cannot_be_changed_either(made_again):
    other = made_again(IOWA)
    assert other == IOWA and other.model.digest == IOWA.model.digest and list(other.inputs) == list(IOWA.inputs)
    with pytest.raises(TypeError):
        setitem(other.inputs, "training_pue", 1.2)
    one, two = (run(scenario, draws=1000, seed=3) for scenario in (IOWA, other))
    for name, values in one["prior"].data_vars.items():
        np.testing.assert_array_equal(values, two["prior"][name])
    np.testing.assert_array_equal(one["intervals"]["estimate"], two["intervals"]["estimate"])


def test_groups_and_the_names_of_pages_are_copied(own):
    groups, pages = pickle.loads(pickle.dumps((own.groups, own.own_pages)))
    assert groups == own.groups and pages == own.own_pages
