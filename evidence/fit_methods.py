"""Score rival methods on observed values, and write the weights of the methods into priors/methods.toml.

    python evidence/fit_methods.py

A method is a page of the book with all else at its median. What it leaves open is a lognormal factor about its value,
whose spread is the root mean square of its errors on the other sources: each source is left out in turn, and counts
as much as any other, however many values it has. Methods are taken as they ship. Ours for tokens was fitted to the
same energies, EcoLogits' to some of them; ours fitted anew without each source has no larger errors. The weights are
those of stacking (Yao et al. 2018, doi:10.1214/17-BA1091): the mixture of the methods that gives what was left out
the highest density, as though one further source had favoured none. ArviZ's `compare` stacks the same way without
that source, and takes values alike; the tests hold the weights against it.
"""

import csv
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.book.equations import bind, read_page
from simulator.distributions import Distribution
from simulator.priors import Library, shipped_folder
from simulator.units import FloatArray

FOLDER = Path(__file__).parent
FILE = FOLDER.parent / "priors" / "methods.toml"
LIBRARY = Library((shipped_folder("priors"),))
JOULE = 1 / 3.6e6  # in kWh
FURTHER_SOURCE = 1.0
ROUNDS = 1_000

type Row = dict[str, str]
type Given = dict[str, float]


def compute(pages: Sequence[str], quantity: str, given: Sequence[Given]) -> FloatArray:
    """Return a quantity for each row: what it does not give is a constant, or a default at its median."""
    book = bind(pages).subset([quantity])
    values: dict[str, FloatArray] = {}
    for name, unit in book.inputs.items():
        prior = LIBRARY.find(f"constants/{name}") or LIBRARY.find(f"defaults/{name}")
        usual = np.nan if prior is None else median(prior.in_unit(unit))
        values[name] = np.array([row.get(name, usual) for row in given])
    book.evaluate(values, [quantity])
    return values[quantity]


def median(distribution: Distribution) -> float:
    """Return the median of a distribution."""
    return float(distribution.ppf(np.array([0.5]))[0])


def library_median(name: str, unit: str) -> float:
    """Return the median of a prior of the library, in a unit."""
    return median(LIBRARY.find(name).in_unit(unit))


# Boavizta's table of cards: stacks or chips of memory, kg of casing, heatsink and all, cm2 of board.
CARDS = {
    "GTX 1080 Ti": (11, 0.252, 0.427, 0.881, 312.14),
    "RTX A4500": (10, 0.1976, 0.714, 1.06, 230.04),
    "Titan RTX": (12, 0.682, 0.0537, 1.69, 309.72),
    "P100 PCIe 16GB": (4, 0.175, 0.538, 0.888, 295.26),
    "L4": (12, 0.0, 0.0871, 0.142, 93.13),
}
CARD = ("memory_die_count", "gpu_casing_mass", "gpu_heatsink_mass", "gpu_mass", "gpu_board_area")
FAB = {4: "5nm", 7: "7nm", 8: "7nm", 12: "14nm", 16: "14nm"}  # priors of `fab`
LLMCARBON = {4: 1.8, 7: 1.6, 8: 1.6, 12: 1.2, 16: 1.0}  # kg/cm2
RETICLE = 8.58  # cm2: a larger GPU is two dies
# TFLOP/s in 16 bits without sparsity, and W: data sheets of NVIDIA.
ACCELERATORS = {
    "A100": (312, 400),
    "H100": (989, 700),
    "H100-NVL": (835, 400),
    "GH200": (989, 700),
    "B200": (2250, 1000),
    "V100": (125, 300),
    "A40": (150, 300),
    "RTX-6000-Ada": (364, 300),
    "RTX-3090": (71, 350),
}


def gpu(row: Row) -> Given | None:
    """Read an assessment of a card, none of those that the back-test is scored on, and no figure of a rival."""
    assessed = row["method"].endswith(("-lca", "-pcf")) or row["method"] == "morand"
    tested = (row["cluster"], row["accelerator"].split()[0]) in {("ademe", "A100"), ("nvidia", "H100")}
    if not assessed or tested or not row["die_cm2"]:
        return None
    node = int(row["node_nm"])
    given = {
        "dies": 2.0 if float(row["die_cm2"]) > RETICLE else 1.0,
        "fab_energy_per_area": library_median(f"fab/energy-{FAB[node]}", "kWh/cm^2"),
        "fab_gas_per_area": library_median(f"fab/gas-{FAB[node]}", "kgCO2e/cm^2"),
        "llmcarbon_footprint_per_area": LLMCARBON[node],
    }
    given |= {"die_area": float(row["die_cm2"]) / given["dies"]}
    given |= {"memory_size": float(row["memory_gb"]) / given["dies"]}
    return given | dict(zip(CARD, CARDS.get(row["accelerator"], ()), strict=False))


def server(row: Row) -> Given | None:
    """Read a host of accelerators whose memory is stated, by the models of others; blank disks are none."""
    if row["cluster"] in ("boavizta", "act") or not row["memory_tb"] or row["boundary"] != "host":
        return None
    memory, storage = 1e3 * float(row["memory_tb"]), 1e3 * float(row["ssd_tb"] or 0)
    given = {"gpus_per_server": float(row["accelerators"]), "server_memory": memory, "server_storage": storage}
    return given | {"server_memory_modules": np.ceil(memory / 32), "server_disks": np.ceil(storage / 3840)}


def training(row: Row) -> Given | None:
    """Read the power of a node while it trains, as energy of a GPU-hour."""
    if row["basis"] == "recall" or row["job"] not in ("large", "small"):
        return None
    return {
        "training_gpu_hours": 1.0,
        "training_run_gpu_hours": 1.0,
        "training_pue": 1.0,
        "gpu_tdp": float(row["rated_watt"]) / 1e3,
        "training_tdp_fraction": library_median("hardware/power-fraction-training", "1"),
        "host_overhead": library_median("hardware/host-overhead", "1"),
    }


def token(row: Row) -> Given | None:
    """Read the energy of an output token of a text; a length that is not stated is taken for none."""
    if row["task"] in ("image", "video", "infill"):
        return None
    peak, watt = ACCELERATORS[row["accelerator"]]
    return {
        "active_parameters": 1e9 * float(row["active_billion"]),
        "total_parameters": 1e9 * float(row["total_billion"]),
        "batch_size": float(row["batch_size"]),
        "bytes_per_weight": float(row["bytes_per_weight"]),
        "prompt_tokens": float(row["prompt_tokens"] or 0),
        "output_tokens": float(row["output_tokens"] or 0),
        "gpu_peak": peak * 1e12,
        "gpu_tdp": watt / 1e3,
    }


class Kind(NamedTuple):
    """A quantity with rival methods, and the table that they are scored on."""

    name: str
    quantity: str
    methods: dict[str, tuple[str, ...]]  # what to bind for each, the page of the method last
    file: str
    reads: Callable[[Row], Given | None]
    unit: Callable[[Row], float]  # what a value of the table is in the unit of the quantity
    scope: str


KINDS = (
    Kind(
        "embodied-gpu",
        "embodied_gpu",
        {
            "ours": ("gpu_dies", "gpu_by_parts"),
            "Boavizta": ("gpu_by_boavizta",),
            "ACT": ("gpu_dies", "gpu_by_act"),
            "LLMCarbon": ("gpu_by_llmcarbon",),
        },
        "gpu_embodied.csv",
        gpu,
        lambda row: 1.0,
        "How the manufacture of a GPU is reckoned",
    ),
    Kind(
        "embodied-server",
        "embodied_server",
        {"Boavizta": ("server_by_boavizta",), "EcoLogits": ("server_by_ecologits",)},
        "server_embodied.csv",
        server,
        lambda row: 1.0,
        "How the manufacture of a server without its GPUs is reckoned",
    ),
    Kind(
        "training-energy",
        "training_energy",
        {
            "ours": ("training",),
            "TDP": ("training_by_tdp",),
            "Green Algorithms": ("training_by_green_algorithms",),
        },
        "node_power.csv",
        training,
        lambda row: float(row["rated_watt"]) / 1e3,
        "How the energy of training is reckoned from GPU-hours",
    ),
    Kind(
        "energy-per-output-token",
        "energy_per_output_token",
        {
            "ours": ("deployment_tokens",),
            "EcoLogits": ("tokens_by_ecologits",),
            "LLMCarbon": ("tokens_by_llmcarbon",),
        },
        "energy_per_token.csv",
        token,
        lambda row: JOULE,
        "How the energy of a token is reckoned from the size of the model",
    ),
)


def errors_of(kind: Kind) -> tuple[NDArray[np.str_], FloatArray]:
    """Return the source of each value, and ln(observed / computed) by each method, of shape (values, methods)."""
    with (FOLDER / kind.file).open(encoding="utf-8") as lines:
        rows = [(row, given) for row in csv.DictReader(lines) if (given := kind.reads(row)) is not None]
    given = [values for _, values in rows]
    dies = np.array([values.get("dies", 1.0) for values in given])
    computed = np.array([dies * compute(pages, kind.quantity, given) for pages in kind.methods.values()])
    observed = np.array([float(row["value"]) * kind.unit(row) for row, _ in rows])
    return np.array([row["cluster"] for row, _ in rows]), np.log(observed / computed).T


def spread(sources: NDArray[np.str_], errors: FloatArray) -> FloatArray:
    """Return the root mean square of the errors of each method, of shape (methods,); sources count alike."""
    return np.sqrt(np.mean([(errors[sources == source] ** 2).mean(axis=0) for source in set(sources)], axis=0))


def log_densities(sources: NDArray[np.str_], errors: FloatArray) -> FloatArray:
    """Return the log density of the logarithm of each value by each method, its spread from the other sources."""
    found = np.empty_like(errors)
    for source in set(sources):
        out = sources == source
        deviation = spread(sources[~out], errors[~out])
        found[out] = -0.5 * (errors[out] / deviation) ** 2 - np.log(deviation * np.sqrt(2 * np.pi))
    return found


def stack(sources: NDArray[np.str_], densities: FloatArray, further: float = FURTHER_SOURCE) -> FloatArray:
    """Return weights of methods, of shape (methods,), that maximise the density of the mixture; sources count alike.

    Each round gives a method the share of the values that it accounts for (expectation-maximisation), and of the
    further source the same as any other.
    """
    each = np.array([1 / (sources == source).sum() for source in sources])
    shares = np.exp(densities - densities.max(axis=1, keepdims=True))
    count = shares.shape[1]
    weights = np.full(count, 1 / count)
    for _ in range(ROUNDS):
        parts = weights * shares
        weights = each @ (parts / parts.sum(axis=1, keepdims=True)) + further / count
        weights /= weights.sum()
    return weights


def weights_of(kind: Kind) -> FloatArray:
    """Return the weights of the methods of a kind, to two digits."""
    sources, errors = errors_of(kind)
    weights = np.round(stack(sources, log_densities(sources, errors)), 2)
    weights[weights.argmax()] += 1 - weights.sum()
    return np.round(weights, 2)


def numbers(kind: Kind) -> list[int]:
    """Return the numbers of the methods, as their pages have them."""
    return [next(read_page(pages[-1])).method for pages in kind.methods.values()]


def lines() -> Iterator[str]:
    """Yield the lines of the file of priors."""
    yield "# Which page is right, where several are rivals: their numbers, with weights by evidence/fit_methods.py."
    for kind in KINDS:
        sources, _ = errors_of(kind)
        named = ", ".join(f"{n} {pages[-1]}" for n, pages in zip(numbers(kind), kind.methods.values(), strict=True))
        yield f"\n[{kind.name}]"
        yield 'distribution = "discrete"'
        yield f"values = {numbers(kind)}"
        yield f"weights = {weights_of(kind).tolist()}"
        yield 'source = "judgement"'
        yield 'basis = "judgement"'
        yield f'scope = "{kind.scope}"'
        yield (
            f'note = "{named}. Weights by stacking on {len(sources)} values of {len(set(sources))} sources that are '
            'left out in turn, as though one more had favoured none."'
        )


def main() -> None:
    for kind in KINDS:
        sources, errors = errors_of(kind)
        densities, deviation = log_densities(sources, errors), spread(sources, errors)
        weights = weights_of(kind)
        mean = [[part[sources == source].mean(axis=0) for source in set(sources)] for part in (errors, densities)]
        bias, score = np.exp(-np.mean(mean[0], axis=0)), np.mean(mean[1], axis=0)
        print(
            f"{kind.name}: {len(sources)} values of {len(set(sources))} sources ({', '.join(sorted(set(sources)))})"
        )
        for i, method in enumerate(kind.methods):
            print(
                f"  {method:18s} computed/observed {bias[i]:6.3g}  gsd {np.exp(deviation[i]):6.3g}  "
                f"log score {score[i]:7.2f}  weight {weights[i]:.2f}"
            )
    FILE.write_text("\n".join(lines()) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
