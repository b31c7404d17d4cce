"""The reference work as a scenario of the simulator."""

from benchmarks import reference_page
from simulator.book.equations import bind
from simulator.distributions import Fixed, build_distribution
from simulator.model import Input, Model
from simulator.priors import Prior
from simulator.scenario import Scenario

PRIORS = {
    "gpu_count": ("triangular", {"low": 20000, "mode": 25000, "high": 27000}),
    "tdp_fraction": ("beta", {"mean": 0.75, "sd": 0.08}),
    "days": ("triangular", {"low": 90, "mode": 95, "high": 100}),
    "host_overhead": ("uniform", {"low": 1.2, "high": 1.8}),
    "pue": ("uniform", {"low": 1.1, "high": 1.25}),
    "grid": ("lognormal", {"median": 0.206, "gsd": 1.15}),
    "embodied_gpu": ("lognormal", {"p05": 25, "p95": 164}),
    "embodied_server": ("lognormal", {"median": 2500, "gsd": 1.4}),
    "lifetime": ("triangular", {"low": 3, "mode": 5, "high": 6}),
    "utilisation": ("beta", {"mean": 0.8, "sd": 0.08}),
    "failed": ("lognormal", {"median": 1.2, "gsd": 1.1}),
}
FIXED = {"tdp": 0.4, "gpus_per_server": 8.0, "hours_per_day": 24.0, "hours_per_year": 8760.0}


def reference() -> Scenario:
    book = bind([reference_page])
    distributions = {name: build_distribution(*prior) for name, prior in PRIORS.items()}
    distributions |= {name: Fixed(value) for name, value in FIXED.items()}
    inputs = {
        name: Input(name, unit, Prior(name, distributions[name], unit, ""), distributions[name], "scenario")
        for name, unit in book.inputs.items()
    }
    return Scenario(name="reference", title="The reference work", model=Model(book, inputs))


REFERENCE = reference()
