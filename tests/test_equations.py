"""The equation book: a value computed by hand for every equation, and how pages are bound."""

import types

import numpy as np
import pytest

from simulator.book.dimensions import unit_problems
from simulator.book.equations import EQUIVALENCES, IMPACTS, PAGES, bind, read_left_out, read_page
from simulator.units import day, hour, kg, kW, kWh, one, share

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
    ("training", "training_gpu_hours"): (
        dict(training_run_gpu_hours=60e6, training_development_ratio=0.5),
        90e6,
    ),
    ("training", "training_gpu_power"): (dict(gpu_tdp=0.4, training_tdp_fraction=0.75), 0.3),
    ("training", "training_gpu_energy"): (dict(training_gpu_hours=1000, training_gpu_power=0.3), 300),
    ("training", "training_it_energy"): (dict(training_gpu_energy=300, host_overhead=1.5), 450),
    ("training", "training_gpu_electricity_footprint"): (
        dict(training_gpu_energy=433_196, training_grid_intensity=0.057),
        24_692.172,
    ),
    ("training", "training_overhead_footprint"): (
        dict(training_electricity_footprint=39_300, training_gpu_electricity_footprint=24_700),
        14_600,
    ),
    ("training", "training_energy"): (dict(training_it_energy=450, training_pue=1.2), 540),
    ("training", "training_electricity_footprint"): (
        dict(training_energy=24e6, training_grid_intensity=0.206),
        4_944_000,
    ),
    ("training_reported", "training_it_energy"): (dict(training_reported_energy=240, training_reported_pue=1.2), 200),
    ("training_reported", "training_energy"): (dict(training_it_energy=200, training_pue=1.1), 220),
    ("training_reported", "training_electricity_footprint"): (
        dict(training_energy=220, training_grid_intensity=0.5),
        110,
    ),
    ("training_reported", "training_footprint"): (dict(training_electricity_footprint=110), 110),
    ("training", "training_gpu_footprint"): (dict(training_gpu_hours=1000, embodied_gpu_per_hour=0.003), 3),
    ("training", "training_server_footprint"): (
        dict(training_gpu_hours=1000, embodied_server_per_gpu_hour=0.007),
        7,
    ),
    ("training", "training_network_footprint"): (
        dict(training_gpu_hours=1000, embodied_network_per_gpu_hour=0.002),
        2,
    ),
    ("training", "training_embodied_footprint"): (
        dict(
            training_gpu_footprint=3,
            training_server_footprint=7,
            training_network_footprint=2,
            training_building_footprint=1,
        ),
        13,
    ),
    ("training", "training_footprint"): (
        dict(training_electricity_footprint=100, training_embodied_footprint=12),
        112,
    ),
    ("training_cluster", "training_cluster_gpu_embodied"): (
        dict(training_gpu_count=25_000, embodied_gpu=25),
        625_000,
    ),
    ("training_cluster", "training_cluster_server_embodied"): (
        dict(training_gpu_count=25_000, gpus_per_server=8, embodied_server=2500),
        7_812_500,
    ),
    ("deployment_requests", "deployment_hours"): (dict(deployment_days=18, hours_per_day=24), 432),
    ("deployment_fleet", "deployment_gpu_hours"): (dict(deployment_gpu_count=16, deployment_hours=432), 6912),
    ("deployment_fleet", "deployment_gpu_power"): (dict(gpu_tdp=0.4, deployment_tdp_fraction=0.25), 0.1),
    ("deployment_fleet", "deployment_it_energy"): (
        dict(deployment_gpu_hours=7000, deployment_gpu_power=0.1, deployment_host_overhead=1.3),
        910,
    ),
    ("deployment_fleet", "deployment_energy"): (dict(deployment_it_energy=910, deployment_pue=1.1), 1001),
    ("deployment", "deployment_electricity_footprint"): (
        dict(deployment_energy=1000, deployment_grid_intensity=0.394),
        394,
    ),
    ("deployment", "deployment_gpu_footprint"): (
        dict(deployment_gpu_hours=7000, embodied_gpu_per_hour=0.003),
        21,
    ),
    ("deployment", "deployment_server_footprint"): (
        dict(deployment_gpu_hours=7000, embodied_server_per_gpu_hour=0.007),
        49,
    ),
    ("deployment", "deployment_network_footprint"): (
        dict(deployment_gpu_hours=7000, embodied_network_per_gpu_hour=0.002),
        14,
    ),
    ("deployment", "deployment_embodied_footprint"): (
        dict(
            deployment_gpu_footprint=21,
            deployment_server_footprint=49,
            deployment_network_footprint=14,
            deployment_building_footprint=7,
        ),
        91,
    ),
    ("deployment", "deployment_footprint"): (
        dict(deployment_electricity_footprint=394, deployment_embodied_footprint=84),
        478,
    ),
    ("deployment_requests", "deployment_requests"): (dict(requests_per_hour=558, deployment_hours=432), 241_056),
    ("deployment", "energy_per_request"): (dict(deployment_energy=1000, deployment_requests=250_000), 0.004),
    ("deployment", "electricity_footprint_per_request"): (
        dict(deployment_electricity_footprint=394, deployment_requests=200_000),
        0.00197,
    ),
    ("deployment", "footprint_per_request"): (
        dict(deployment_footprint=478, deployment_requests=200_000),
        0.00239,
    ),
    ("deployment_reported", "deployment_electricity_footprint"): (
        dict(deployment_reported_footprint=19, deployment_days=18),
        342,
    ),
    ("deployment_reported", "deployment_footprint"): (dict(deployment_electricity_footprint=342), 342),
    ("deployment_reported", "footprint_per_request"): (
        dict(deployment_footprint=342, deployment_requests=200_000),
        0.00171,
    ),
    ("hardware", "embodied_building_per_gpu_hour"): (
        dict(embodied_building_ratio=0.1, embodied_gpu_per_hour=0.003, embodied_server_per_gpu_hour=0.007),
        0.001,
    ),
    # 8 cm2 at (2 kWh x 0.5 kg + 0.3 kg + 0.5 kg) = 1.8 kg/cm2, of which 0.6 are good: 24 kg.
    ("gpu_dies", "fab_footprint_per_area"): (
        dict(fab_energy_per_area=2, fab_grid_intensity=0.5, fab_gas_per_area=0.3, fab_materials_per_area=0.5),
        1.8,
    ),
    ("gpu_dies", "embodied_die"): (dict(die_area=8, fab_footprint_per_area=1.8, die_yield=0.6), 24),
    ("gpu_dies", "embodied_memory"): (dict(memory_size=80, memory_footprint_per_size=0.85), 68),
    ("gpu_dies", "embodied_packages"): (dict(package_count=7, package_footprint=0.15), 1.05),
    ("gpu_dies", "embodied_gpu_by_parts"): (
        dict(embodied_die=24, embodied_memory=68, embodied_packages=1, embodied_board=20),
        113,
    ),
    ("gpu_by_parts", "embodied_gpu"): (dict(embodied_gpu_by_parts=113), 113),
    ("gpu_by_either", "embodied_gpu"): (
        dict(embodied_gpu_assessed=160, embodied_gpu_by_parts=113, method_quantile=0.3, parts_probability=0.5),
        113,
    ),
    # 3.6e24 operations at 1e14 a second are 3.6e10 s.
    ("training_flop", "training_flop"): (
        dict(flop_per_parameter_and_token=6, active_parameters=280e9, training_tokens=13e12),
        2.184e25,
    ),
    ("training_compute", "training_run_gpu_hours"): (
        dict(training_flop=3.6e24, gpu_peak=250e12, training_mfu=0.4, seconds_per_hour=3600),
        10e6,
    ),
    ("training_compute", "training_days"): (
        dict(training_run_gpu_hours=60e6, training_gpu_count=25_000, hours_per_day=24),
        100,
    ),
    ("training_development", "training_development_ratio"): (dict(training_development_share=0.8), 4),
    ("training", "training_building_footprint"): (
        dict(training_gpu_hours=1000, embodied_building_per_gpu_hour=0.001),
        1,
    ),
    ("training_cluster", "training_cluster_embodied"): (
        dict(training_cluster_gpu_embodied=625_000, training_cluster_server_embodied=7_812_500),
        8_437_500,
    ),
    ("training_cluster", "training_cluster_life_share"): (
        dict(training_days=73, hardware_lifetime=5, hours_per_day=24, hours_per_year=8760),
        0.04,
    ),
    ("training_cluster", "training_cluster_footprint"): (
        dict(training_cluster_embodied=8_437_500, training_cluster_life_share=0.04),
        337_500,
    ),
    ("deployment", "deployment_building_footprint"): (
        dict(deployment_gpu_hours=7000, embodied_building_per_gpu_hour=0.001),
        7,
    ),
    ("deployment_per_request", "deployment_energy"): (
        dict(reported_energy_per_request=0.00024, deployment_requests=1_000_000),
        240,
    ),
    ("deployment_per_request", "deployment_electricity_footprint"): (
        dict(deployment_energy=240, deployment_grid_intensity=0.1),
        24,
    ),
    ("deployment_per_request", "deployment_footprint"): (dict(deployment_electricity_footprint=24), 24),
    ("deployment_per_request", "energy_per_request"): (dict(reported_energy_per_request=0.00024), 0.00024),
    ("deployment_per_request", "footprint_per_request"): (
        dict(deployment_footprint=24, deployment_requests=1_000_000),
        2.4e-5,
    ),
    ("deployment_tokens", "all_parameters"): (dict(active_parameters=8e9, total_parameters=32e9), 32e9),
    # Three requests, each of which calls a quarter of 32e9: two others leave 9/16 of what the first left, 24e9.
    ("deployment_tokens", "parameters_read"): (
        dict(active_parameters=8e9, all_parameters=32e9, batch_size=3),
        8e9 + 24e9 * 7 / 16,
    ),
    ("deployment_tokens", "reading_energy"): (
        dict(step_energy_coefficient=2e-7, bytes_per_weight=2, reference_parameters=1e9, machine_energy_ratio=1.5),
        6e-16,
    ),
    ("deployment_tokens", "step_energy"): (dict(reading_energy=1e-16, parameters_read=16e9), 1.6e-6),
    ("deployment_tokens", "context_tokens"): (
        dict(prompt_tokens=1000, output_tokens=300, share_before_token=0.5),
        1150,
    ),
    # 16e9 parameters are 16 times the reference: 4 times its energy, and half as much again for the context.
    ("deployment_tokens", "token_energy"): (
        dict(
            token_energy_coefficient=5e-9,
            active_parameters=16e9,
            reference_parameters=1e9,
            token_energy_exponent=0.5,
            context_energy_slope=0.0005,
            context_tokens=1000,
            machine_energy_ratio=2,
        ),
        6e-8,
    ),
    ("deployment_tokens", "energy_per_output_token"): (
        dict(step_energy=1.6e-6, batch_size=16, token_energy=2e-8, token_energy_discrepancy=1.5),
        1.8e-7,
    ),
    ("deployment_tokens", "step_share"): (dict(step_energy=1.6e-6, batch_size=16, token_energy=2e-8), 5 / 6),
    ("deployment_tokens", "request_tokens"): (dict(output_tokens=300, prompt_tokens=1000, prefill_ratio=0.05), 350),
    ("deployment_tokens", "deployment_accelerator_energy"): (
        dict(deployment_requests=1e6, request_tokens=350, energy_per_output_token=2e-7),
        70,
    ),
    ("deployment_tokens", "deployment_it_energy"): (
        dict(deployment_accelerator_energy=70, serving_overhead=1.5),
        105,
    ),
    ("deployment_tokens", "deployment_energy"): (dict(deployment_it_energy=105, deployment_pue=1.2), 126),
    ("deployment_tokens", "deployment_gpu_hours"): (
        dict(deployment_accelerator_energy=70, gpu_tdp=0.7, deployment_tdp_fraction=0.5, mean_power_ratio=0.5),
        400,
    ),
    # 0.007 kWh at two GPUs of 0.7 kW, half of which they draw, is 0.01 hours; half as much again by the discrepancy.
    ("deployment_traffic", "step_time"): (
        dict(
            reading_energy=1e-12,
            active_parameters=7e9,
            token_energy_discrepancy=1.5,
            replica_gpu_count=2,
            gpu_tdp=0.7,
            deployment_tdp_fraction=0.5,
        ),
        0.015,
    ),
    # 3600 requests an hour of 300 tokens, 0.02 s each, are 6 at any time; on two copies 3.
    ("deployment_traffic", "lone_requests"): (
        dict(requests_per_hour=3600, request_tokens=300, step_time=0.02 / 3600, replica_count=2),
        3,
    ),
    # Steps that read four times as much take four times as long.
    ("deployment_traffic", "concurrent_requests"): (
        dict(lone_requests=3, active_parameters=8e9, all_parameters=32e9),
        12,
    ),
    # ln 2 requests on average leave none half of the time: half at full power, half at 0.3 of it.
    ("deployment_traffic", "mean_power_ratio"): (
        dict(concurrent_requests=0.6931471805599453, waiting_power_ratio=0.3),
        0.65,
    ),
    ("deployment_traffic", "batch_size"): (dict(concurrent_requests=0.13, mean_power_ratio=0.65), 0.2),
    ("per_use", "training_footprint_per_request"): (dict(training_footprint=500_000, lifetime_requests=1e9), 0.0005),
    ("per_use", "whole_footprint_per_request"): (
        dict(footprint_per_request=0.001, training_footprint_per_request=0.0005),
        0.0015,
    ),
    ("per_use", "footprint_per_token"): (dict(whole_footprint_per_request=0.0015, output_tokens=300), 5e-6),
    ("per_use", "footprint_per_user_year"): (
        dict(whole_footprint_per_request=0.0015, requests_per_user_year=2000),
        3,
    ),
    ("per_use", "break_even_requests"): (dict(training_footprint=500_000, footprint_per_request=0.001), 5e8),
    ("gases", "gases_footprint"): (
        dict(
            methane_mass=100,
            gwp100_methane=27.9,
            nitrous_oxide_mass=2,
            gwp100_nitrous_oxide=273,
            sulfur_hexafluoride_mass=0.1,
            gwp100_sulfur_hexafluoride=24_300,
        ),
        5766,
    ),
    ("as_flights", "flights"): (dict(total_footprint=1300, flight_co2e=650), 2),
    ("as_flights", "flights_co2"): (dict(total_footprint=942, flight_co2=314), 3),
    ("as_person_years", "person_years"): (dict(total_footprint=9400, person_year=4700), 2),
    ("as_web_searches", "web_searches"): (dict(total_footprint=1, web_search_2009=0.0002), 5000),
    ("as_car_km", "car_kilometres"): (dict(total_footprint=9, car_footprint=0.18), 50),
    ("impact_energy", "total_energy"): (dict(training_energy=540, deployment_energy=126), 666),
    ("impact_water", "training_water_on_site"): (dict(water_use_on_site=0.5, training_it_energy=450), 225),
    ("impact_water", "training_water_at_plants"): (dict(training_water_intensity=3, training_energy=540), 1620),
    ("impact_water", "deployment_water_on_site"): (dict(water_use_on_site=0.5, deployment_it_energy=100), 50),
    ("impact_water", "deployment_water_at_plants"): (dict(deployment_water_intensity=3, deployment_energy=120), 360),
    ("impact_water", "water_of_gpus"): (
        dict(embodied_gpu_water=100, lifetime_hours=40_000, training_gpu_hours=1000, deployment_gpu_hours=200),
        3,
    ),
    ("impact_water", "water_on_site"): (dict(training_water_on_site=225, deployment_water_on_site=50), 275),
    ("impact_water", "water_at_plants"): (dict(training_water_at_plants=1620, deployment_water_at_plants=360), 1980),
    ("impact_water", "total_water"): (dict(water_on_site=275, water_at_plants=1980, water_of_gpus=3), 2258),
    ("impact_primary_energy", "training_primary_energy"): (
        dict(training_primary_energy_factor=9, training_energy=500),
        4500,
    ),
    ("impact_primary_energy", "deployment_primary_energy"): (
        dict(deployment_primary_energy_factor=8, deployment_energy=100),
        800,
    ),
    ("impact_primary_energy", "primary_energy_of_electricity"): (
        dict(training_primary_energy=4500, deployment_primary_energy=800),
        5300,
    ),
    # (4000 + 64,000 / 8) / 40,000 for each of 1200 hours.
    ("impact_primary_energy", "primary_energy_of_hardware"): (
        dict(
            embodied_gpu_primary_energy=4000,
            embodied_server_primary_energy=64_000,
            gpus_per_server=8,
            lifetime_hours=40_000,
            training_gpu_hours=1000,
            deployment_gpu_hours=200,
        ),
        360,
    ),
    ("impact_primary_energy", "total_primary_energy"): (
        dict(primary_energy_of_electricity=5300, primary_energy_of_hardware=360),
        5660,
    ),
    ("impact_abiotic_depletion", "training_abiotic_depletion"): (
        dict(training_abiotic_depletion_factor=9, training_energy=500),
        4500,
    ),
    ("impact_abiotic_depletion", "deployment_abiotic_depletion"): (
        dict(deployment_abiotic_depletion_factor=8, deployment_energy=100),
        800,
    ),
    ("impact_abiotic_depletion", "abiotic_depletion_of_electricity"): (
        dict(training_abiotic_depletion=4500, deployment_abiotic_depletion=800),
        5300,
    ),
    # (4000 + 64,000 / 8) / 40,000 for each of 1200 hours.
    ("impact_abiotic_depletion", "abiotic_depletion_of_hardware"): (
        dict(
            embodied_gpu_abiotic_depletion=4000,
            embodied_server_abiotic_depletion=64_000,
            gpus_per_server=8,
            lifetime_hours=40_000,
            training_gpu_hours=1000,
            deployment_gpu_hours=200,
        ),
        360,
    ),
    ("impact_abiotic_depletion", "total_abiotic_depletion"): (
        dict(abiotic_depletion_of_electricity=5300, abiotic_depletion_of_hardware=360),
        5660,
    ),
    ("total", "total_footprint"): (dict(training_footprint=112, deployment_footprint=478, gases_footprint=10), 600),
    ("total", "electricity_footprint"): (
        dict(training_electricity_footprint=100, deployment_electricity_footprint=394),
        494,
    ),
    ("total", "embodied_footprint"): (
        dict(training_embodied_footprint=12, deployment_embodied_footprint=84),
        96,
    ),
    ("total", "gpu_footprint"): (dict(training_gpu_footprint=3, deployment_gpu_footprint=21), 24),
    ("total", "server_footprint"): (dict(training_server_footprint=7, deployment_server_footprint=49), 56),
    ("total", "network_footprint"): (dict(training_network_footprint=2, deployment_network_footprint=14), 16),
    ("total", "training_share"): (dict(total_footprint=200, training_footprint=50), 0.25),
    ("total", "deployment_share"): (dict(total_footprint=200, deployment_footprint=150), 0.75),
    ("total", "electricity_share"): (dict(electricity_footprint=150, total_footprint=200), 0.75),
    ("total", "embodied_share"): (dict(embodied_footprint=50, total_footprint=200), 0.25),
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
    """With all the parts that a scenario may leave out, which a page bound alone has not."""
    equations = {item.name: item for (name, _), item in BOOK.items() if name == page}
    assert equations and unit_problems(equations.values()) == []


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

    (first, second) = unit_problems(bind([page_of(energy=energy, mass=mass)]).equations.values())
    assert "test_page.energy" in first and "Cannot convert" in first
    assert "test_page.mass, stated in kg" in second


def test_a_wrong_factor_is_found_by_pint():
    def energy(power: kW, days: day) -> kWh:
        return power * days

    assert "off by a factor" in unit_problems(bind([page_of(energy=energy)]).equations.values())[0]


def test_two_pages_cannot_compute_one_quantity():
    with pytest.raises(ValueError, match="both compute .*; keep one"):
        bind(["deployment", "deployment_reported"])


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
    book = bind(["hardware", "training_schedule", "training", "total"]).subset(["training_energy"])
    assert list(book.equations)[-1] == "training_energy"
    assert "embodied_gpu" not in book.inputs and "lifetime_hours" not in book.equations


def test_numbers_and_arrays_mix():
    book = bind(["hardware"]).subset(["lifetime_hours"])
    lives = np.array([3.0, 6.0])
    values = {"hardware_lifetime": lives, "hours_per_year": 8760.0, "utilisation": 0.85}
    book.evaluate(values, list(book.equations))
    assert values.keys() == book.equations.keys()
    np.testing.assert_array_equal(values["lifetime_hours"], lives * 8760.0 * 0.85)


def test_a_run_reports_the_total_and_then_from_the_last_page_to_the_first_what_it_is_made_of():
    chain = ["hardware", "total", "training_schedule", "training", "deployment_tokens", "deployment"]
    shown = bind(["as_flights", *chain, "impact_energy"]).shown
    assert shown[:2] == ("total_footprint", "electricity_footprint")  # wherever its page stands
    assert shown.index("deployment_footprint") < shown.index("deployment_energy") < shown.index("training_footprint")
    assert shown[-3:] == ("flights", "flights_co2", "total_energy")


def test_impacts_and_yardsticks_go_by_the_names_of_their_pages():
    assert IMPACTS["primary-energy"] == "impact_primary_energy" and EQUIVALENCES["car-km"] == "as_car_km"
    assert all(read_left_out(page) for page in IMPACTS.values())


def test_an_equation_knows_what_its_parameters_cannot_go_beyond():
    (ours,) = (item for item in read_page("training_development") if item.name == "training_development_ratio")
    assert ours.limits == {"training_development_share": (0.0, 1.0)}

    def energy(power: kW, part: share) -> kW:
        return power * part

    (own,) = read_page(page_of(energy=energy))
    assert own.limits == {"power": (-np.inf, np.inf), "part": (0.0, 1.0)} and own.shown is None
