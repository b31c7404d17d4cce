"""Count how often intervals of rankings hold the closed form, and how often exact ties are told apart.

    python -m benchmarks.coverage [--seeds 200] [--base 4096 16384]

Ishigami's function, the g-function of eight inputs of which four are alike, a product of three lognormals, and one of
three that are alike and have heavy tails (geometric standard deviation 3), over seeds 0, 1, 2 …; the closed forms are
those of `tests/test_sensitivity.py`.
"""

import argparse

import numpy as np

from simulator.analyses.sensitivity.ranking import CI_PROB, SIGNIFICANCE, rank
from tests import models
from tests.test_sensitivity import CASES, SHAPLEY, SOBOL, lognormal, product_of_parts

HEAVY = np.log(3.0)  # sigma
ALL = CASES | {"heavy": models.scenario(models.product, **dict.fromkeys(("x1", "x2", "x3"), lognormal(HEAVY)))}
ALIKE = {"g_function": {"x5", "x6", "x7", "x8"}, "heavy": {"x1", "x2", "x3"}}
KNOWN = SOBOL | {"heavy": product_of_parts(np.full(3, np.expm1(HEAVY**2)))}


def truth(name: str, index: str) -> np.ndarray:
    if index == "shapley":
        return SHAPLEY.get(name, np.full(3, 1 / 3))
    return KNOWN[name][int(index == "total")]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=200)
    parser.add_argument("--base", type=int, nargs="+", default=[1 << 12, 1 << 14])
    given = parser.parse_args()
    print(f"share of {given.seeds} seeds whose {CI_PROB:.0%} interval holds the closed form: all inputs, each")
    apart: dict[str, list[bool]] = {}
    for base in given.base:
        for name, scenario in ALL.items():
            held: dict[str, list[np.ndarray]] = {}
            for seed in range(given.seeds):
                for method in ("sobol", "shapley", "rank-based"):
                    ranked = rank(scenario, scenario.name, method=method, n_base=base, seed=seed).isel(quantity=0)
                    for index in ranked["measure"].values:
                        one = ranked.sel(measure=index)
                        low, high = one.sortby("input")["interval"].values.T
                        known = truth(name, index)
                        held.setdefault(index, []).append((low <= known) & (known <= high))
                    if name in ALIKE and method != "rank-based":
                        order, p = (
                            ranked["input"].values,
                            ranked["p_value_vs_next"].sel(measure=ranked.primary).values,
                        )
                        alike = [{*order[place : place + 2]} <= ALIKE[name] for place in range(len(order) - 1)]
                        apart.setdefault(f"{name} {ranked.primary} {base}", []).append(
                            bool((p[:-1][alike] < SIGNIFICANCE).any())
                        )
            for index, rows in held.items():
                each = " ".join(f"{share:.3f}" for share in np.mean(rows, axis=0))
                print(f"{base:6d} {name:11s} {index:22s} {np.mean(rows):.3f}   {each}", flush=True)
    for title, claims in apart.items():
        print(f"exact ties told apart at {1 - SIGNIFICANCE:.0%}: {title:24s} {np.mean(claims):.3f} of seeds")


if __name__ == "__main__":
    main()
