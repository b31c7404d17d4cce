"""Time the reference work: eleven uncertain inputs, mean, sd and quantiles of three outputs, 10,000 kept rows.

    python -m benchmarks.reference [--draws 1e7] [--rounds 3] [--peers]

Each contender runs in a process of its own, in turn, so that no one inherits another's memory or warm cache. The
limit is NumPy's own generators drawing the eleven variates, in blocks, on two threads, and nothing else. Peers need
`uv run --with openturns --with chaospy --with squigglepy`.
"""

import argparse
import json
import math
import resource
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np

BLOCK = 1 << 16
PROBABILITIES = [0.05, 0.5, 0.95]


def beta_parameters(mean: float, sd: float) -> tuple[float, float]:
    size = mean * (1 - mean) / sd**2 - 1
    return mean * size, (1 - mean) * size


Z95 = 1.6448536269514722
FRACTION, UTILISATION = beta_parameters(0.75, 0.08), beta_parameters(0.8, 0.08)
GRID = math.log(0.206), math.log(1.15)
GPU = (math.log(25) + math.log(164)) / 2, (math.log(164) - math.log(25)) / (2 * Z95)
SERVER = math.log(2500), math.log(1.4)
FAILED = math.log(1.2), math.log(1.1)


def natively(rng: np.random.Generator, n: int) -> tuple[np.ndarray, ...]:
    def lognormal(mu: float, sigma: float) -> np.ndarray:
        z = rng.standard_normal(n)
        z *= sigma
        z += mu
        return np.exp(z, out=z)

    return (
        rng.triangular(20000, 25000, 27000, n),
        rng.beta(*FRACTION, n),
        rng.triangular(90, 95, 100, n),
        rng.uniform(1.2, 1.8, n),
        rng.uniform(1.1, 1.25, n),
        lognormal(*GRID),
        lognormal(*GPU),
        lognormal(*SERVER),
        rng.triangular(3, 5, 6, n),
        rng.beta(*UTILISATION, n),
        lognormal(*FAILED),
    )


def outputs(count, fraction, days, host, pue, grid, gpu, server, lifetime, utilisation, failed):
    hours = count * days * 24 * failed
    operational = hours * 0.4 * fraction * host * pue * grid
    embodied = hours * (gpu + server / 8) / (lifetime * 8760 * utilisation)
    return operational + embodied, operational, embodied


def in_blocks(draws: int, work, threads: int = 2) -> None:
    """Run `work(rng, rows)` over blocks, each thread with a stream of its own."""
    seeds = np.random.SeedSequence(1).spawn(threads)

    def one(thread: int) -> None:
        rng = np.random.Generator(np.random.SFC64(seeds[thread]))
        for start in range(thread * BLOCK, draws, threads * BLOCK):
            work(rng, min(BLOCK, draws - start))

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(one, range(threads)))


def limit(draws: int) -> None:
    in_blocks(draws, natively)


def by_hand(draws: int) -> list[float]:
    """Whole arrays, one thread, as it is usually written."""
    results = outputs(*natively(np.random.default_rng(1), draws))
    return [value for y in results for value in (y.mean(), y.std(), *np.quantile(y, PROBABILITIES))]


def simulator(draws: int, threads: int = 2) -> list[float]:
    from benchmarks.scenario import REFERENCE
    from simulator.sampling.draws import sample, summarise
    from simulator.sampling.executors import Local

    names = ["total", "operational", "embodied"]
    summaries = summarise(REFERENCE.model, names, draws=draws, seed=1, executor=Local(threads))
    sample(REFERENCE.model, names, draws=10_000, seed=1, executor=Local(threads))
    return [v for name in names for s in [summaries[name]] for v in (s.mean, s.sd, *s.quantile(PROBABILITIES))]


def one_thread(draws: int) -> list[float]:
    return simulator(draws, threads=1)


def another_output(draws: int) -> None:
    """What a further output adds, on one core: the summary of values that are there."""
    from simulator.sampling.binned import Accumulator
    from simulator.sampling.draws import BLOCK

    accumulator = Accumulator(exact=False)
    values = np.exp(np.random.default_rng(1).normal(15.0, 0.3, BLOCK))
    for start in range(0, draws, BLOCK):
        accumulator.add(start, values[: draws - start])


def openturns(draws: int) -> list[float]:
    import openturns as ot

    marginals = [
        ot.Triangular(20000, 25000, 27000),
        ot.Beta(*FRACTION, 0, 1),
        ot.Triangular(90, 95, 100),
        ot.Uniform(1.2, 1.8),
        ot.Uniform(1.1, 1.25),
        *(ot.LogNormal(*pair) for pair in (GRID, GPU, SERVER)),
        ot.Triangular(3, 5, 6),
        ot.Beta(*UTILISATION, 0, 1),
        ot.LogNormal(*FAILED),
    ]
    joint = getattr(ot, "JointDistribution", None) or ot.ComposedDistribution
    results = outputs(*np.asarray(joint(marginals).getSample(draws)).T)
    return [value for y in results for value in (y.mean(), y.std(), *np.quantile(y, PROBABILITIES))]


def chaospy(draws: int) -> list[float]:
    import chaospy as cp

    def lognormal(mu: float, sigma: float):
        return cp.LogNormal(mu, sigma)

    joint = cp.J(
        cp.Triangle(20000, 25000, 27000),
        cp.Beta(*FRACTION),
        cp.Triangle(90, 95, 100),
        cp.Uniform(1.2, 1.8),
        cp.Uniform(1.1, 1.25),
        lognormal(*GRID),
        lognormal(*GPU),
        lognormal(*SERVER),
        cp.Triangle(3, 5, 6),
        cp.Beta(*UTILISATION),
        lognormal(*FAILED),
    )
    results = outputs(*joint.sample(draws, rule="random", seed=1))
    return [value for y in results for value in (y.mean(), y.std(), *np.quantile(y, PROBABILITIES))]


def squigglepy(draws: int) -> list[float]:
    import squigglepy as sq

    sq.set_seed(1)
    inputs = [
        sq.triangular(20000, 25000, 27000),
        sq.beta(*FRACTION),
        sq.triangular(90, 95, 100),
        sq.uniform(1.2, 1.8),
        sq.uniform(1.1, 1.25),
        *(sq.lognorm(norm_mean=m, norm_sd=s) for m, s in (GRID, GPU, SERVER)),
        sq.triangular(3, 5, 6),
        sq.beta(*UTILISATION),
        sq.lognorm(norm_mean=FAILED[0], norm_sd=FAILED[1]),
    ]
    results = outputs(*(np.asarray(sq.sample(item, n=draws)) for item in inputs))
    return [value for y in results for value in (y.mean(), y.std(), *np.quantile(y, PROBABILITIES))]


CONTENDERS = {function.__name__: function for function in (limit, simulator, one_thread, another_output, by_hand)}
PEERS = {function.__name__: function for function in (openturns, chaospy, squigglepy)}


def measure(name: str, draws: int, repeats: int) -> dict[str, object]:
    """Run one contender in this process: least seconds without imports, peak memory, its figures."""
    function = (CONTENDERS | PEERS)[name]
    function(1 << 17)  # imports, tables and first touches of memory are start-up, which has a benchmark of its own
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    seconds = []
    for _ in range(repeats):
        started = time.perf_counter()
        figures = function(draws)
        seconds.append(time.perf_counter() - started)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"seconds": min(seconds), "peak": peak, "before": before, "figures": figures}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--draws", type=lambda text: int(float(text)), default=10_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--repeats", type=int, default=3, help="in each round, of which the least counts")
    parser.add_argument("--peers", action="store_true")
    parser.add_argument("--only", nargs="*")
    parser.add_argument("--measure")
    given = parser.parse_args()
    if given.measure:
        print(json.dumps(measure(given.measure, given.draws, given.repeats)))
        return
    names = given.only or [*CONTENDERS, *(PEERS if given.peers else ())]
    print(
        f"{given.draws:,} draws; seconds, ratio to the limit of the same round, peak MB, 95 % quantile of the total"
    )
    for turn in range(given.rounds):
        seconds: dict[str, float] = {}
        for name in names:
            options = ["--measure", name, "--draws", str(given.draws), "--repeats", str(given.repeats)]
            command = [sys.executable, "-m", "benchmarks.reference", *options]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode:
                print(f"{name:22s} {done.stderr.strip().splitlines()[-1]}")
                continue
            got = json.loads(done.stdout)
            seconds[name] = got["seconds"]
            base = next(iter(seconds.values()))
            quantile = f"{got['figures'][4] / 1e6:8.3f}e6" if got["figures"] else ""
            print(f"{name:22s} {got['seconds']:8.3f} s {got['seconds'] / base:7.2f} {got['peak']:8.0f} {quantile}")
        if {"limit", "another_output"} <= seconds.keys():
            each, drawing = (seconds[name] / given.draws * 1e9 for name in ("another_output", "limit"))
            print(f"a further output adds {each:.1f} ns a draw and core, {each / drawing / 2:.1%} of the limit")
        print(f"-- round {turn + 1}")


if __name__ == "__main__":
    main()
