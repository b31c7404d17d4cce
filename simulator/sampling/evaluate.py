"""Evaluate a model on rows: unit cube -> quantiles -> equations, here or on any executor."""

import pickle
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, partial
from importlib.metadata import version
from typing import Any

import numpy as np

from simulator.book import modules_of
from simulator.errors import ClusterError, ModelError
from simulator.model import Model
from simulator.sampling.executors import Map, Threads, pickle_by_value
from simulator.sampling.sampler import Sampler
from simulator.units import FloatArray

PROGRAM = "llm-footprint-simulator"


class Evaluator:
    """The part of a model that some quantities need, made ready to be evaluated.

    Parameters
    ----------
    model : Model
        Equations whose inputs have distributions; as an attribute, what the quantities need of it.
    quantities : iterable of str
        Quantities of its book; as an attribute, a tuple.

    Attributes
    ----------
    sampler : Sampler
        From rows of the unit cube to the inputs, each in the unit that its equations take.
    """

    def __init__(self, model: Model, quantities: Iterable[str]) -> None:
        self.quantities = tuple(quantities)
        self.model = model.subset(self.quantities)
        self.sampler = Sampler(self.model)

    def values(self, inputs: dict[str, Any], others: Iterable[str] = ()) -> dict[str, Any]:
        """Return the quantities, and others, by name and in their units, for inputs of one shape, or numbers.

        The dict of inputs is used up, so that memory is free again, and still in the cache, as early as can be.
        """
        with np.errstate(all="ignore"):  # what is not finite is found and named later, see `not_finite`
            self.model.book.evaluate(inputs, {*self.quantities, *others})
        return inputs

    def outputs(self, columns: Sequence[FloatArray]) -> FloatArray:
        """Return the quantities, of shape (quantities, …), for columns of the sampler that broadcast to (…).

        ModelError if a quantity is not a finite number somewhere.
        """
        values = self.values(self.sampler.inputs(columns))
        shape = np.broadcast_shapes(*(column.shape for column in columns))
        outputs = np.array([np.broadcast_to(values[name], shape) for name in self.quantities])
        for name, output in zip(self.quantities, outputs, strict=True):
            if not np.isfinite(output).all():
                raise self.not_finite(name)
        return outputs

    def not_finite(self, name: str) -> ModelError:
        """Return the error that a quantity is not finite somewhere, with the inputs that make it so by being 0."""
        book = self.model.book.subset([name])
        inputs = {key: self.model.inputs[key] for key in book.inputs}
        usual = {key: (item.distribution.ppf(np.array([0.5]))[0] or np.float64(1.0)) for key, item in inputs.items()}
        causes = []
        for key, item in inputs.items():
            values: dict[str, Any] = {**usual, key: np.float64(0.0)}
            with np.errstate(all="ignore"):
                book.evaluate(values, {name})
            if item.distribution.support[0] <= 0 and not np.isfinite(values[name]):
                causes.append(f"{key} can be 0 ({item.place})")
        advice = " and ".join(causes) or f"check for values too large, among {', '.join(inputs)}"
        return ModelError(f"{name} is not a finite number in some draws: {advice}")


@dataclass(frozen=True)
class RemoteWork[Task, Outcome]:
    """Work on a model as a function that can be sent anywhere: the model is made ready once where it arrives."""

    model: bytes  # pickled; with the quantities it is the key under which a worker keeps its evaluator
    quantities: tuple[str, ...]
    work: Callable[[Evaluator, Task], Outcome]
    version: str = field(default_factory=partial(version, PROGRAM))  # another would give other bits

    def __call__(self, task: Task) -> Outcome:
        """Do one task; a pure function of it."""
        if (here := version(PROGRAM)) != self.version:
            raise ClusterError(f"a worker has version {here} of the simulator, this is {self.version}")
        return self.work(unpickle_evaluator(self.model, self.quantities), task)


@lru_cache(maxsize=8)
def unpickle_evaluator(model: bytes, quantities: tuple[str, ...]) -> Evaluator:
    """Return the evaluator of a pickled model, made ready once in each process."""
    return Evaluator(pickle.loads(model), quantities)


def work_on[Task, Outcome](
    executor: Map, evaluator: Evaluator, work: Callable[[Evaluator, Task], Outcome], tasks: Iterable[Task]
) -> Iterator[Outcome]:
    """Yield ``work(evaluator, task)`` of each task, in order, wherever the executor does it.

    The work is a function of a module, or a `functools.partial` of one, without effects; tasks are small things that
    can be pickled.
    """
    if isinstance(executor, Threads):
        return executor(partial(work, evaluator), tasks)
    packed_model = pickle_by_value(evaluator.model, modules_of(evaluator.model.book))
    return executor(RemoteWork(packed_model, evaluator.quantities, work), tasks)
