"""A model: a book of equations, the prior of each input, and the dependence between inputs."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from simulator.book.equations import Book
from simulator.distributions import Distribution, Fixed
from simulator.frozen import freeze
from simulator.model.copula import GaussianCopula, Pairs
from simulator.model.hashing import digest
from simulator.priors import Prior

Origin = Literal["scenario", "library", "default", "constant"]


@dataclass(frozen=True)
class Input:
    """One input of a model: its prior, and the same distribution in the unit the equations take."""

    name: str
    unit: str  # as the equations state it
    prior: Prior  # ``prior.name`` is the key of its stream: inputs of one key share a draw
    distribution: Distribution  # in `unit`
    origin: Origin

    @property
    def place(self) -> str:
        """The file and the key that give its prior."""
        key = self.prior.name.partition(" as ")[0]
        return f"{self.prior.file}: {f'inputs.{key}' if self.origin == 'scenario' else key.partition('/')[2]}"


@dataclass(frozen=True)
class Model:
    """Equations whose inputs have distributions; it cannot be changed, `dataclasses.replace` makes another.

    Attributes
    ----------
    book : Book
        The equations.
    inputs : mapping from str to Input
        Every input of the book, and others that these depend on: what depends on others is drawn with all of them,
        so that it is the same whatever is asked for.
    copulas : tuple of GaussianCopula
        How random variables depend on each other, by their keys.
    further_correlations : mapping from pairs of keys to float
        What is known of pairs of which this model lacks a key, for when it is composed with one that has it.
    """

    book: Book
    inputs: Mapping[str, Input]
    copulas: tuple[GaussianCopula, ...] = ()
    further_correlations: Pairs = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "inputs", freeze(self.inputs))
        object.__setattr__(self, "further_correlations", freeze(self.further_correlations))

    @property
    def uncertain(self) -> dict[str, Input]:
        """The inputs that are not fixed."""
        return {name: item for name, item in self.inputs.items() if not isinstance(item.distribution, Fixed)}

    @property
    def pairs(self) -> dict[frozenset[str], float]:
        """The correlations of pairs of keys."""
        return {pair: score for copula in self.copulas for pair, score in copula.pairs.items()}

    @property
    def keys(self) -> set[str]:
        """The keys of all random variables."""
        return {item.prior.name for item in self.uncertain.values()}

    def subset(self, quantities: Iterable[str]) -> "Model":
        """Return the part of the model that some quantities need; what its inputs depend on stays."""
        book = self.book.subset(quantities)
        keys = {item.prior.name for name, item in self.uncertain.items() if name in book.inputs}
        copulas = tuple(copula for copula in self.copulas if not keys.isdisjoint(copula.keys))
        keys.update(*(copula.keys for copula in copulas))
        inputs = {
            name: item
            for name, item in self.inputs.items()
            if name in book.inputs or (item.prior.name in keys and not isinstance(item.distribution, Fixed))
        }
        return Model(book, inputs, copulas, self.further_correlations)

    @cached_property
    def digest(self) -> str:
        """A name for all that determines its draws: the same in every process."""
        return digest(
            {name: (item.parameters, item.unit, item.function) for name, item in self.book.equations.items()},
            {name: (item.unit, item.prior.name, item.distribution) for name, item in self.inputs.items()},
            self.copulas,
        )
