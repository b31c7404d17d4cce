"""How much work a run and a ranking do: counted, not timed."""

import dataclasses
import subprocess
import sys
import tracemalloc

import numpy as np
import pytest

from simulator import load_scenario, rank, run
from simulator.analyses.sensitivity.method import PROBED
from simulator.book.equations import Equation
from simulator.distributions import quantiles
from simulator.distributions.triangular import Triangular
from simulator.distributions.uniform import Uniform
from simulator.errors import InputError
from simulator.sampling.draws import BLOCK, accumulate
from simulator.sampling.evaluate import Evaluator
from simulator.sampling.executors import Threads

SCENARIO = load_scenario("gpt4-iowa")
UNCERTAIN = 11


@pytest.fixture
def counted(monkeypatch):
    """Count the values that quantile functions give and that equations compute, and the longest array of each."""
    counts = {"quantiles": 0, "equations": 0, "longest": 0, "by": {}}

    def counting(kind, function, name=None):
        def call(*arguments, **named):
            values = function(*arguments, **named)
            size = np.size(values)
            counts[kind] += size
            counts["longest"] = max(counts["longest"], np.shape(values)[-1] if size > 1 else 0)
            if name is not None and size > 1:
                counts["by"][name] = counts["by"].get(name, 0) + size
            return values

        return call

    monkeypatch.setattr(quantiles.QuantileTable, "__call__", counting("quantiles", quantiles.QuantileTable.__call__))
    for shape in (Uniform, Triangular):
        monkeypatch.setattr(shape, "ppf", counting("quantiles", shape.ppf))

    def counting_book(book):
        equations = {
            name: dataclasses.replace(item, function=counting("equations", item.function, name))
            for name, item in book.equations.items()
        }
        return dataclasses.replace(book, equations=equations)

    assert all(isinstance(item, Equation) for item in SCENARIO.book.equations.values())
    model = dataclasses.replace(SCENARIO.model, book=counting_book(SCENARIO.book))
    return counts, dataclasses.replace(SCENARIO, model=model)


def test_a_run_draws_each_input_and_computes_each_equation_once_a_row(counted):
    counts, scenario = counted
    rows, kept = 3 * BLOCK + 17, 1000
    run(scenario, draws=rows, seed=1, keep=kept, executor=Threads(1))
    assert counts["quantiles"] == UNCERTAIN * (rows + 3 * kept)  # the log prior is a slope, of two values
    reported = Evaluator(scenario.model, [*scenario.reported, *scenario.shares.values()]).model.book.equations
    for name, computed in counts["by"].items():
        asked = rows if name in reported or name == "training_electricity_footprint" else 0
        assert computed == asked + kept, name
    assert "training_cluster_gpu_embodied" not in reported
    assert counts["longest"] == BLOCK


def test_a_summary_evaluates_nothing_that_was_not_asked_for(counted):
    counts, scenario = counted
    accumulate(Evaluator(scenario.model, ["training_energy"]), range(BLOCK), seed=1, exact=False)
    # The energy needs count, days, power fraction, overhead and PUE, and none of the other six inputs.
    assert counts["quantiles"] == 5 * BLOCK
    assert set(counts["by"]) == {
        "training_run_gpu_hours",
        "training_gpu_hours",
        "training_gpu_power",
        "training_gpu_energy",
        "training_it_energy",
        "training_energy",
    }


def test_a_ranking_draws_each_column_twice(counted):
    counts, scenario = counted
    base, independent = 1 << 12, dataclasses.replace(scenario, model=dataclasses.replace(scenario.model, copulas=()))
    ranked = rank(independent, n_base=base)
    assert counts["quantiles"] == 2 * UNCERTAIN * base + UNCERTAIN * PROBED
    assert ranked.attrs["evaluations"] == (UNCERTAIN + 2) * base + PROBED == counts["by"]["total_footprint"]
    counts["quantiles"] = counts["by"]["total_footprint"] = 0
    ranked = rank(independent, n_base=base, method="shapley")
    assert counts["quantiles"] == 2 * UNCERTAIN * base + UNCERTAIN * PROBED
    assert ranked.attrs["evaluations"] == (UNCERTAIN + 1) * base + PROBED == counts["by"]["total_footprint"]


def test_no_array_as_long_as_the_run_is_made():
    model = Evaluator(SCENARIO.model, SCENARIO.reported)
    accumulate(model, range(BLOCK), seed=1, exact=False)
    tracemalloc.start()
    try:
        accumulate(model, range(64 * BLOCK), seed=1, exact=False)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 8 * 64 * BLOCK  # bytes of one column over the rows of this chunk


# Sends itself what Ctrl-C sends, when it begins its sixth chunk, and tells how many chunks it began in all.
INTERRUPTED = """
import os, signal, sys
from simulator.sampling import draws as simulate
from simulator.cli import command_line
accumulate, begun = simulate.accumulate, []
def interrupted(*arguments, **named):
    begun.append(arguments)
    if len(begun) == 6:
        os.kill(os.getpid(), signal.SIGINT)
    return accumulate(*arguments, **named)
simulate.accumulate = interrupted
code = command_line()
print(len(begun))
sys.exit(code)
"""


def test_an_interrupted_run_stops_soon_and_says_how_far_it_got(tmp_path):
    command = [
        sys.executable,
        "-c",
        INTERRUPTED,
        "run",
        "gpt4-iowa",
        "--draws",
        "1e10",
        "--executor",
        "threads",
        "--threads",
        "2",
    ]
    process = subprocess.run([*command, "--output", str(tmp_path)], capture_output=True, text=True)
    assert process.returncode == 130
    # Five chunks may wait behind the sixth, and a few more begin while the signal is on its way; of 9,537.
    assert 6 <= int(process.stdout.splitlines()[-1]) <= 20
    problem = process.stderr
    assert problem.startswith("stopped after ") and problem.endswith("draws; nothing was written\n")
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"draws": 0}, "draws: expected a whole number from 2 to .*, got 0"),
        ({"draws": 2.5}, "draws: expected a whole number"),
        ({"seed": -1}, "seed: expected a whole number from 0 to"),
        ({"keep": 0}, "keep: expected a whole number from 1 to"),
        ({"draws": True}, "draws: expected a whole number"),
    ],
)
def test_a_run_of_no_draws_is_refused_in_python_too(options, words):
    with pytest.raises(InputError, match=words):
        run(load_scenario("gpt4-iowa"), **options)
