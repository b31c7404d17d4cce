"""Time the same draws on threads and on a dask cluster of this machine, and what a task costs and carries.

python -m benchmarks.cluster [--draws 2e7] [--rounds 2]
"""

import argparse
import pickle
import time
from functools import partial

from simulator.book import modules_of
from simulator.sampling.draws import BLOCK, accumulate, summarise
from simulator.sampling.evaluate import Evaluator, RemoteWork
from simulator.sampling.executors import executor, pickle_by_value
from simulator.scenario import load_scenario

PLACES = (("threads", 1), ("threads", 2), ("dask", 1), ("dask", 2))


def nothing(rows: range) -> None:
    """Do an empty task."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--draws", type=lambda text: int(float(text)), default=20_000_000)
    parser.add_argument("--rounds", type=int, default=2)
    given = parser.parse_args()
    scenario = load_scenario("gpt4-iowa")
    names = ["total_footprint", "training_energy"]
    for _ in range(given.rounds):
        for on, workers in PLACES:
            with executor(on, workers) as place:
                summarise(scenario.model, names, draws=2 * BLOCK, seed=1, executor=place)
                started = time.perf_counter()
                summarise(scenario.model, names, draws=given.draws, seed=1, executor=place)
                print(f"{on:8s} {workers}  {time.perf_counter() - started:6.2f} s")
    with executor("dask", 1) as place:
        started = time.perf_counter()
        tasks = 200
        for _ in place(nothing, [range(1)] * tasks):
            pass
        print(f"an empty task {(time.perf_counter() - started) / tasks * 1e3:.1f} ms")
    every = tuple(dict.fromkeys([*scenario.reported, *scenario.shares.values()]))
    model = Evaluator(scenario.model, every).model
    work = partial(accumulate, seed=1, exact=False)
    task = RemoteWork(pickle_by_value(model, modules_of(model.book)), every, work)
    print(f"a task of {len(every)} quantities carries {len(pickle.dumps(task)) / 1e3:.0f} kB")
    for rows in (1 << 20, 1 << 23):
        print(f"and brings back {len(pickle.dumps(task(range(rows)))) / 1e6:.1f} MB for {rows:,} rows")


if __name__ == "__main__":
    main()
