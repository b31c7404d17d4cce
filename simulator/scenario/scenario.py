"""A scenario: a model, and what its file says about it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from simulator.book.equations import TOTAL, Book
from simulator.frozen import freeze
from simulator.lifecycle import Shown
from simulator.model import Input, Model, digest
from simulator.priors import Source
from simulator.scenario.correlations import CorrelatedInputs


@dataclass(frozen=True)
class Reference:
    """A published value of a quantity, in the quantity's own unit.

    Attributes
    ----------
    quantity : str
        Its name.
    value : float
        The value, or the middle of its range.
    label : str
        How it is marked.
    sources : tuple of Source
        Where it is published.
    note : str
        What is said of it.
    error : float
        Half of its range: it lies anywhere in it.
    together : str
        A name for values that depend on each other, though their sources are different.
    """

    quantity: str
    value: float
    label: str
    sources: tuple[Source, ...]
    note: str = ""
    error: float = 0.0
    together: str = ""

    @property
    def range(self) -> tuple[float, float]:
        """The ends of the range in which it lies."""
        return self.value - self.error, self.value + self.error


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """A checked scenario: a model, and what its file says about it.

    It cannot be changed; `dataclasses.replace` makes another.

    Attributes
    ----------
    name : str
        Name of the file, without its ending; what is not printable in it is escaped.
    title, description : str
        Of the file.
    model : Model
        The pages that it names, bound, with the prior of every input.
    references : tuple of Reference
        Published values to mark.
    observed : tuple of Reference
        Published values that a back-test tests the scenario against; each has a source.
    text : str
        The file as it was read.
    correlations : tuple of CorrelatedInputs
        Inputs that depend on each other, with the sources of that.
    groups : mapping from str to sequence of str
        Groups of inputs for rankings, by name.
    own_pages : mapping from str to str
        Source of each page of the user's own, by its name.
    """

    name: str
    title: str
    model: Model
    description: str = ""
    references: tuple[Reference, ...] = ()
    observed: tuple[Reference, ...] = ()
    text: str = ""
    correlations: tuple[CorrelatedInputs, ...] = ()
    groups: Mapping[str, Sequence[str]] = field(default_factory=dict)
    own_pages: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        groups = {name: tuple(members) for name, members in self.groups.items()}
        object.__setattr__(self, "groups", freeze(groups))
        object.__setattr__(self, "own_pages", freeze(self.own_pages))

    @property
    def book(self) -> Book:
        """The equations of the model."""
        return self.model.book

    @property
    def inputs(self) -> Mapping[str, Input]:
        """Every input of the model."""
        return self.model.inputs

    @property
    def uncertain(self) -> dict[str, Input]:
        """The inputs that are not fixed."""
        return self.model.uncertain

    @cached_property
    def digest(self) -> str:
        """A name for what the file says: the model, with where its priors come from, and published values."""
        return digest(self.model.digest, self.title, self.text, self.inputs, self.reference_values)

    @property
    def reference_values(self) -> tuple[Reference, ...]:
        """Every published value: those to mark, and those that a back-test uses."""
        return (*self.references, *self.observed)

    @cached_property
    def reported(self) -> tuple[str, ...]:
        """The quantities that a run summarises: those that pages show, or all that no other one needs.

        What a user's own page computes and no other quantity needs, but as a share, is always one of them.
        """
        book = self.book.equations
        stages = {name: self.find_shown(name).stage for name in self.book.shown}
        repeated = len({*stages.values(), ""}) == 2 and TOTAL in book  # by the rows of the only stage
        names = [name for name, stage in stages.items() if not (stage and repeated)]
        used = {self.find_shown(name).share for name in names}.union(*(item.parameters for item in book.values()))
        last = [
            name for name, item in book.items() if (item.page in self.own_pages or not names) and name not in used
        ]
        return tuple(dict.fromkeys([*names, *last]))

    def find_shown(self, name: str) -> Shown:
        """Return how a quantity is shown: as its page says, or in the words of its name."""
        return self.book.equations[name].shown or Shown(name.replace("_", " "))

    @cached_property
    def shares(self) -> Mapping[str, str]:
        """For each reported footprint that has one, the quantity that is its share of the total."""
        shares = {name: self.find_shown(name).share for name in self.reported}
        return freeze({name: share for name, share in shares.items() if share in self.book.equations})
