"""The equation book: a value computed by hand for every equation, and how pages are bound."""

import types

import numpy as np
import pytest

from simulator.dimensions import unit_problems
from simulator.equations import PAGES, bind, read_page
from simulator.units import day, hour, kg, kW, kWh, one

# page, equation: (arguments, value), computed by hand.
REGISTER = {
    ("hardware", "lifetime_hours"): (dict(hardware_lifetime=6, hours_per_year=8760, utilisation=0.85), 44_676),
    ("hardware", "embodied_gpu_per_hour"): (dict(embodied_gpu=150, lifetime_hours=50_000), 0.003),
    ("hardware", "embodied_server_per_hour"): (dict(embodied_server=2500, lifetime_hours=50_000), 0.05),
    ("hardware", "embodied_server_per_gpu_hour"): (dict(embodied_server_per_hour=0.056, gpus_per_server=8), 0.007),
    ("hardware", "embodied_network_per_gpu_hour"): (
        dict(embodied_network_ratio=0.2, embodied_gpu_per_hour=0.003, embodied_server_per_gpu_hour=0.007),
        0.002,
    ),
    ("training_schedule", "training_run_gpu_hours"): (
        dict(training_gpu_count=25_000, training_days=100, hours_per_day=24),
        60e6,
    ),
    ("training_schedule", "training_gpu_hours"): (
        dict(training_run_gpu_hours=60e6, training_development_ratio=0.5),
        90e6,
    ),
    ("training", "training_gpu_power"): (dict(gpu_tdp=0.4, training_tdp_fraction=0.75), 0.3),
    ("training", "training_it_energy"): (
        dict(training_gpu_hours=1000, training_gpu_power=0.3, host_overhead=1.5),
        450,
    ),
    ("training", "training_energy"): (dict(training_it_energy=450, training_pue=1.2), 540),
    ("training", "training_electricity_footprint"): (
        dict(training_energy=24e6, training_grid_intensity=0.206),
        4_944_000,
    ),
    ("training", "training_gpu_footprint"): (dict(training_gpu_hours=1000, embodied_gpu_per_hour=0.003), 3),
    ("training", "training_server_footprint"): (
        dict(training_gpu_hours=1000, embodied_server_per_gpu_hour=0.007),
        7,
    ),
    ("training", "training_network_footprint"): (
        dict(training_gpu_hours=1000, embodied_network_per_gpu_hour=0.002),
        2,
    ),
    ("training", "training_manufacture_footprint"): (
        dict(training_gpu_footprint=3, training_server_footprint=7, training_network_footprint=2),
        12,
    ),
    ("training", "training_footprint"): (
        dict(training_electricity_footprint=100, training_manufacture_footprint=12),
        112,
    ),
    ("training", "training_cluster_gpu_embodied"): (dict(training_gpu_count=25_000, embodied_gpu=25), 625_000),
    ("training", "training_cluster_server_embodied"): (
        dict(training_gpu_count=25_000, gpus_per_server=8, embodied_server=2500),
        7_812_500,
    ),
    ("deployment_fleet", "deployment_hours"): (dict(deployment_days=18, hours_per_day=24), 432),
    ("deployment_fleet", "deployment_gpu_hours"): (dict(deployment_gpu_count=16, deployment_hours=432), 6912),
    ("deployment_fleet", "deployment_gpu_power"): (dict(gpu_tdp=0.4, deployment_tdp_fraction=0.25), 0.1),
    ("deployment_fleet", "deployment_it_energy"): (
        dict(deployment_gpu_hours=7000, deployment_gpu_power=0.1, deployment_host_overhead=1.3),
        910,
    ),
    ("deployment_fleet", "deployment_energy"): (dict(deployment_it_energy=910, deployment_pue=1.1), 1001),
    ("deployment_fleet", "deployment_electricity_footprint"): (
        dict(deployment_energy=1000, deployment_grid_intensity=0.394),
        394,
    ),
    ("deployment_fleet", "deployment_gpu_footprint"): (
        dict(deployment_gpu_hours=7000, embodied_gpu_per_hour=0.003),
        21,
    ),
    ("deployment_fleet", "deployment_server_footprint"): (
        dict(deployment_gpu_hours=7000, embodied_server_per_gpu_hour=0.007),
        49,
    ),
    ("deployment_fleet", "deployment_network_footprint"): (
        dict(deployment_gpu_hours=7000, embodied_network_per_gpu_hour=0.002),
        14,
    ),
    ("deployment_fleet", "deployment_manufacture_footprint"): (
        dict(deployment_gpu_footprint=21, deployment_server_footprint=49, deployment_network_footprint=14),
        84,
    ),
    ("deployment_fleet", "deployment_footprint"): (
        dict(deployment_electricity_footprint=394, deployment_manufacture_footprint=84),
        478,
    ),
    ("deployment_fleet", "deployment_requests"): (dict(requests_per_hour=558, deployment_hours=432), 241_056),
    ("deployment_fleet", "energy_per_request"): (dict(deployment_energy=1000, deployment_requests=250_000), 0.004),
    ("deployment_fleet", "electricity_footprint_per_request"): (
        dict(deployment_electricity_footprint=394, deployment_requests=200_000),
        0.00197,
    ),
    ("deployment_fleet", "footprint_per_request"): (
        dict(deployment_footprint=478, deployment_requests=200_000),
        0.00239,
    ),
    ("deployment_reported", "deployment_electricity_footprint"): (
        dict(deployment_reported_footprint=19, deployment_days=18),
        342,
    ),
    ("deployment_reported", "deployment_footprint"): (dict(deployment_electricity_footprint=342), 342),
    ("deployment_reported", "deployment_hours"): (dict(deployment_days=18, hours_per_day=24), 432),
    ("deployment_reported", "deployment_requests"): (dict(requests_per_hour=558, deployment_hours=432), 241_056),
    ("deployment_reported", "footprint_per_request"): (
        dict(deployment_footprint=342, deployment_requests=200_000),
        0.00171,
    ),
    ("total", "total_footprint"): (dict(training_footprint=112, deployment_footprint=478), 590),
    ("total", "electricity_footprint"): (
        dict(training_electricity_footprint=100, deployment_electricity_footprint=394),
        494,
    ),
    ("total", "manufacture_footprint"): (
        dict(training_manufacture_footprint=12, deployment_manufacture_footprint=84),
        96,
    ),
    ("total", "gpu_footprint"): (dict(training_gpu_footprint=3, deployment_gpu_footprint=21), 24),
    ("total", "server_footprint"): (dict(training_server_footprint=7, deployment_server_footprint=49), 56),
    ("total", "network_footprint"): (dict(training_network_footprint=2, deployment_network_footprint=14), 16),
    ("total", "training_share"): (dict(total_footprint=200, training_footprint=50), 0.25),
    ("total", "deployment_share"): (dict(total_footprint=200, deployment_footprint=150), 0.75),
    ("total", "electricity_share"): (dict(electricity_footprint=150, total_footprint=200), 0.75),
    ("total", "manufacture_share"): (dict(manufacture_footprint=50, total_footprint=200), 0.25),
    ("total", "gpu_share"): (dict(gpu_footprint=20, total_footprint=200), 0.1),
    ("total", "server_share"): (dict(server_footprint=25, total_footprint=200), 0.125),
    ("total", "network_share"): (dict(network_footprint=5, total_footprint=200), 0.025),
}
BOOK = {
    (page, equation.name): equation
    for page, module in PAGES.items()
    for equation in read_page(__import__(module, fromlist=["_"]))
}


@pytest.mark.parametrize("key", sorted(BOOK), ids=".".join)
def test_every_equation_gives_the_value_computed_by_hand(key):
    assert key in REGISTER, f"no value by hand for {'.'.join(key)}"
    arguments, value = REGISTER[key]
    assert set(arguments) == set(BOOK[key].parameters)
    # A few roundings of double precision.
    assert BOOK[key].function(**arguments) == pytest.approx(value, rel=1e-14)


def test_the_register_holds_no_equation_that_is_gone():
    assert set(REGISTER) == set(BOOK)


@pytest.mark.parametrize("page", sorted(PAGES))
def test_units_of_every_page_hold(page):
    assert unit_problems(bind([page])) == []


def page_of(**functions):
    """Return a module that defines these functions, as a page would."""
    page = types.ModuleType("simulator.lifecycle.test_page")
    for name, function in functions.items():
        function.__module__, function.__name__ = page.__name__, name
        setattr(page, name, function)
    return page


def test_a_wrong_unit_is_found_by_pint():
    def energy(power: kW, hours: hour) -> kWh:
        return power + hours

    def mass(energy: kWh) -> kg:
        return energy * 1.0

    (first, second) = unit_problems(bind([page_of(energy=energy, mass=mass)]))
    assert "test_page.energy" in first and "Cannot convert" in first
    assert "test_page.mass, stated in kg" in second


def test_a_wrong_factor_is_found_by_pint():
    def energy(power: kW, days: day) -> kWh:
        return power * days

    assert "off by a factor" in unit_problems(bind([page_of(energy=energy)]))[0]


def test_two_pages_cannot_compute_one_quantity():
    with pytest.raises(ValueError, match="both compute .*; keep one"):
        bind(["deployment_fleet", "deployment_reported"])


def test_a_circle_is_refused():
    def a(b: one) -> one:
        return b

    def b(a: one) -> one:
        return a

    with pytest.raises(ValueError, match="in a circle"):
        bind([page_of(a=a, b=b)])


def test_a_quantity_has_one_unit():
    def energy(hours: hour) -> kWh:
        return hours

    def mass(energy: kW) -> kg:
        return energy

    with pytest.raises(ValueError, match="takes energy in kW, elsewhere it is in kWh"):
        bind([page_of(energy=energy, mass=mass)])


def test_what_no_page_computes_is_left_out_of_the_total():
    book = bind(["hardware", "training_schedule", "training", "total"])
    assert book.equations["total_footprint"].parameters.keys() == {"training_footprint"}
    assert "deployment_share" not in book.equations
    assert "deployment_footprint" not in book.inputs


def test_only_what_is_needed_is_kept():
    book = bind(["hardware", "training_schedule", "training", "total"]).needed(["training_energy"])
    assert list(book.equations)[-1] == "training_energy"
    assert "embodied_gpu" not in book.inputs and "lifetime_hours" not in book.equations


def test_numbers_and_arrays_mix():
    book = bind(["hardware"]).needed(["lifetime_hours"])
    lives = np.array([3.0, 6.0])
    values = {"hardware_lifetime": lives, "hours_per_year": 8760.0, "utilisation": 0.85}
    book.evaluate(values, list(book.equations))
    assert values.keys() == book.equations.keys()
    np.testing.assert_array_equal(values["lifetime_hours"], lives * 8760.0 * 0.85)
