"""Time rankings on the reference work: first-order and total indices of the total, with intervals, of eleven inputs.

    python -m benchmarks.sensitivity [--base 131072] [--rounds 3] [--all] [--peers]

Each contender runs in a process of its own, in turn, the least of three counting. `--all` adds our other methods.
Peers need `uv run --with openturns --with SALib`; they run once a round.
"""

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Mapping

import numpy as np

from benchmarks.reference import FAILED, FRACTION, GPU, GRID, SERVER, UTILISATION, outputs

Found = Mapping[str, tuple[float, float]]  # first-order and total index of an input
SHOWN = "grid"
BOOTSTRAP = 100


def ours(method: str, *quantities: str) -> Callable[[int], Found]:
    def run(base: int) -> Found:
        from benchmarks.scenario import REFERENCE
        from simulator.analyses.sensitivity.ranking import rank

        ranked = rank(REFERENCE, quantities or ("total",), method=method, n_base=base).isel(quantity=0)
        ends = ranked["value"].values[[0, -1]]
        return dict(zip(ranked["input"].values, ends.T.tolist(), strict=True))

    return run


NAMES = (
    *("gpu_count", "tdp_fraction", "days", "host_overhead", "pue", "grid"),
    *("embodied_gpu", "embodied_server", "lifetime", "utilisation", "failed"),
)


def openturns(base: int) -> Found:
    """Jansen's estimator on a Sobol' sequence, intervals by 100 bootstrap samples."""
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
    joint = (getattr(ot, "JointDistribution", None) or ot.ComposedDistribution)(marginals)
    ot.ResourceMap.SetAsUnsignedInteger("SobolIndicesAlgorithm-DefaultBootstrapSize", BOOTSTRAP)
    ot.ResourceMap.SetAsString("SobolIndicesExperiment-SamplingMethod", "QMC")
    design = ot.SobolIndicesExperiment(joint, base, False).generate()
    values = outputs(*np.asarray(design).T)[0].reshape(-1, 1)
    algorithm = ot.JansenSensitivityAlgorithm(design, ot.Sample(values), base)
    algorithm.getFirstOrderIndicesInterval()
    algorithm.getTotalOrderIndicesInterval()
    both = zip(algorithm.getFirstOrderIndices(), algorithm.getTotalOrderIndices(), strict=True)
    return dict(zip(NAMES, both, strict=True))


def salib(base: int) -> Found:
    """Saltelli's design on a scrambled Sobol' sequence, intervals by 100 bootstrap samples, no second order."""
    from SALib.analyze import sobol as analyze
    from SALib.sample import sobol as sample

    from benchmarks.scenario import REFERENCE

    problem = {"num_vars": len(NAMES), "names": NAMES, "bounds": [[0.0, 1.0]] * len(NAMES)}
    cube = sample.sample(problem, base, calc_second_order=False, seed=1)
    np.clip(cube, 1e-12, 1 - 1e-12, out=cube)
    columns = (REFERENCE.inputs[name].distribution.ppf(u) for name, u in zip(NAMES, cube.T, strict=True))
    values = outputs(*columns)[0]
    got = analyze.analyze(problem, values, calc_second_order=False, num_resamples=BOOTSTRAP, seed=1)
    return dict(zip(NAMES, zip(got["S1"].tolist(), got["ST"].tolist(), strict=True), strict=True))


CONTENDERS = {"sobol": ours("sobol"), "sobol of three": ours("sobol", "total", "operational", "embodied")}
OTHERS = {
    name: ours(name)
    for name in (
        *("shapley", "second-order", "interval-reduction", "rank-based", "delta", "pawn"),
        *("spearman", "partial-rank", "regression"),
    )
}
PEERS = {"openturns": openturns, "salib": salib}


def measure(name: str, base: int) -> dict[str, object]:
    """Run one contender in this process: least seconds without imports, peak memory, the indices of one input."""
    function = (CONTENDERS | OTHERS | PEERS)[name]
    function(1 << 10)  # imports and tables
    seconds = []
    for _ in range(1 if name in PEERS else 3):
        started = time.perf_counter()
        found = function(base)
        seconds.append(time.perf_counter() - started)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"seconds": min(seconds), "peak": peak, "shown": found.get(SHOWN)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--base", type=int, default=1 << 17)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--peers", action="store_true")
    parser.add_argument("--measure")
    given = parser.parse_args()
    if given.measure:
        print(json.dumps(measure(given.measure, given.base)))
        return
    names = [*CONTENDERS, *(OTHERS if given.all else ()), *(PEERS if given.peers else ())]
    print(f"base {given.base:,}; seconds, times the first, peak MB, first-order and total index of {SHOWN}")
    for turn in range(given.rounds):
        first = None
        for name in names:
            command = [sys.executable, "-m", "benchmarks.sensitivity", "--measure", name, "--base", str(given.base)]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode:
                print(f"{name:16s} {done.stderr.strip().splitlines()[-1]}")
                continue
            got = json.loads(done.stdout)
            first = first or got["seconds"]
            shown = " ".join(f"{value:.4f}" for value in got["shown"] or ())
            print(f"{name:16s} {got['seconds']:8.3f} s {got['seconds'] / first:8.1f} {got['peak']:7.0f}   {shown}")
        print(f"-- round {turn + 1}", flush=True)


if __name__ == "__main__":
    main()
