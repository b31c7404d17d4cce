"""Time a draw of each family beside NumPy's own generator for the nearest family that it has.

    python -m benchmarks.families [--repeats 15]

One thread, a block at a time as a run draws them. The two sides take turns and the least time of each counts, so that
what else the machine does meets both alike. A draw may cost twice NumPy's, of a metalog and a mixture four times.
"""

import argparse
import time
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from simulator.distributions import FAMILIES, build_distribution, quantile_function
from simulator.sampling.draws import BLOCK

CALLS = 4  # of a block, timed together
ALLOWED = {"metalog": 4.0, "mixture": 4.0}  # times NumPy's own; of others twice
SOME, WEIGHTS = np.array([1.0, 2.0, 4.0, 8.0, 9.0]), np.array([0.1, 0.2, 0.4, 0.25, 0.05])
DATA = np.random.default_rng(1).lognormal(3.0, 0.5, 1000)
EXPERTS = [(0.3, 0.0, 1.0), (0.7, 20.0, 2.0)]  # weight, mean, sd: with a gap between, where a table is slowest


class Case(NamedTuple):
    parameters: dict[str, object]
    native: Callable[[np.random.Generator], np.ndarray]
    nearest: str


def mixture(rng: np.random.Generator) -> np.ndarray:
    weights, means, sds = zip(*EXPERTS, strict=True)
    component = rng.choice(len(weights), BLOCK, p=weights)
    return np.choose(component, [rng.normal(mean, sd, BLOCK) for mean, sd in zip(means, sds, strict=True)])


CASES = {
    "uniform": Case({"low": 2.0, "high": 5.0}, lambda rng: rng.uniform(2.0, 5.0, BLOCK), "uniform"),
    "log-uniform": Case(
        {"low": 2.0, "high": 50.0},
        lambda rng: np.exp(rng.uniform(np.log(2.0), np.log(50.0), BLOCK)),
        "exp(uniform)",
    ),
    "triangular": Case(
        {"low": 1.0, "mode": 2.0, "high": 6.0}, lambda rng: rng.triangular(1.0, 2.0, 6.0, BLOCK), "triangular"
    ),
    "pert": Case(
        {"low": 1.0, "mode": 2.0, "high": 6.0}, lambda rng: 1.0 + 5.0 * rng.beta(1.8, 4.2, BLOCK), "beta, scaled"
    ),
    "normal": Case({"mean": 1.0, "sd": 2.0}, lambda rng: rng.normal(1.0, 2.0, BLOCK), "normal"),
    "student-t": Case(
        {"df": 4.0, "loc": 5.0, "scale": 2.0},
        lambda rng: 5.0 + 2.0 * rng.standard_t(4.0, BLOCK),
        "standard_t, scaled",
    ),
    "lognormal": Case({"mu": 1.0, "sigma": 0.5}, lambda rng: rng.lognormal(1.0, 0.5, BLOCK), "lognormal"),
    "gamma": Case({"shape": 2.0, "scale": 3.0}, lambda rng: rng.gamma(2.0, 3.0, BLOCK), "gamma"),
    "beta": Case({"alpha": 2.0, "beta": 5.0}, lambda rng: rng.beta(2.0, 5.0, BLOCK), "beta"),
    # What a metalog of two terms is.
    "metalog": Case({"p05": 1.0, "p50": 3.0, "p95": 7.0}, lambda rng: rng.logistic(3.0, 1.0, BLOCK), "logistic"),
    "discrete": Case(
        {"values": SOME, "weights": WEIGHTS}, lambda rng: rng.choice(SOME, BLOCK, p=WEIGHTS), "choice of 5, weights"
    ),
    "empirical": Case({"values": DATA}, lambda rng: rng.choice(DATA, BLOCK), "choice of 1000"),
    "mixture": Case(
        {
            "components": [
                (weight, build_distribution("normal", {"mean": mean, "sd": sd})) for weight, mean, sd in EXPERTS
            ]
        },
        mixture,
        "choice, 2 normals",
    ),
}


def seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    for _ in range(CALLS):
        work()
    return time.perf_counter() - started


def measure(family: str, case: Case, repeats: int) -> tuple[float, float]:
    """Return the least ns a draw, of this project and of NumPy."""
    quantile = quantile_function(build_distribution(family, case.parameters))
    ours, theirs = (np.random.Generator(np.random.PCG64DXSM(seed)) for seed in (1, 2))
    column = np.empty(BLOCK)
    sides = (lambda: quantile(ours.random(out=column))), (lambda: case.native(theirs))
    for side in sides:
        seconds(side)  # tables and first touches of memory
    times = [[seconds(side) for side in sides] for _ in range(repeats)]
    here, numpy = np.min(times, axis=0) / CALLS / BLOCK * 1e9
    return float(here), float(numpy)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=15, help="of which the least counts")
    given = parser.parse_args()
    if set(FAMILIES) - {"fixed"} != set(CASES):  # nothing is drawn of what is fixed
        raise SystemExit("the cases are not the families")
    print(f"ns a draw, the least of {given.repeats}, one thread, blocks of {BLOCK:,}")
    print(f"{'family':12s} {'here':>7s} {'NumPy':>7s} {'ratio':>7s} {'allowed':>8s}       NumPy's own")
    for family, case in CASES.items():
        here, numpy = measure(family, case, given.repeats)
        allowed = ALLOWED.get(family, 2.0)
        mark = "over" if here > allowed * numpy else ""
        print(f"{family:12s} {here:7.1f} {numpy:7.1f} {here / numpy:7.2f} {allowed:8.0f} {mark:5s} {case.nearest}")


if __name__ == "__main__":
    main()
