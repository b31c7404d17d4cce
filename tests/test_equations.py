"""The equation book: a value computed by hand for every equation, and how pages are bound."""

import types

import numpy as np
import pytest

from simulator.book.dimensions import unit_problems
from simulator.book.equations import EQUIVALENCES, IMPACTS, PAGES, bind, read_left_out, read_page
from simulator.priors import Library, shipped_folder
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
    ("gpu_by_boavizta", "boavizta_die_cut"): (dict(die_area=9, wafer_kerf=0.5), 12.25),
    # Half of the wafer is edge, and one die in e is good.
    ("gpu_by_boavizta", "boavizta_die_wafer"): (
        dict(boavizta_die_cut=9, wafer_edge_sides=3, wafer_diameter=18, boavizta_defects=1 / 9),
        18 * np.e,
    ),
    ("gpu_by_boavizta", "boavizta_memory_cut"): (
        dict(memory_size=96, boavizta_memory_area=0.25, memory_die_count=6, wafer_kerf=0.5),
        6.25,
    ),
    ("gpu_by_boavizta", "boavizta_memory_wafer"): (
        dict(
            memory_die_count=6,
            boavizta_memory_cut=9,
            wafer_edge_sides=3,
            wafer_diameter=18,
            boavizta_defects=1 / 9,
        ),
        108 * np.e,
    ),
    ("gpu_by_boavizta", "boavizta_card"): (
        dict(
            gpu_casing_mass=0.5,
            boavizta_casing_factor=8,
            gpu_heatsink_mass=1,
            boavizta_heatsink_factor=6,
            gpu_board_area=300,
            boavizta_board_factor=0.03,
            gpu_mass=2,
            boavizta_transport_factor=3,
        ),
        25,
    ),
    ("gpu_by_boavizta", "embodied_gpu"): (
        dict(
            boavizta_die_wafer=30,
            boavizta_die_factor=4,
            boavizta_memory_wafer=20,
            boavizta_memory_factor=18,
            boavizta_card=25,
        ),
        505,
    ),
    ("gpu_by_act", "embodied_gpu"): (
        dict(
            die_area=8,
            fab_footprint_per_area=2,
            act_yield=0.8,
            memory_size=80,
            act_memory_factor=0.06,
            package_count=7,
            act_package=0.1,
        ),
        25.5,
    ),
    ("gpu_by_llmcarbon", "embodied_gpu"): (dict(die_area=8.14, llmcarbon_footprint_per_area=1.8), 14.652),
    ("server_by_boavizta", "boavizta_server_memory"): (
        dict(
            server_memory=2000,
            boavizta_memory_density=1.25,
            boavizta_chip_factor=2.2,
            server_memory_modules=64,
            boavizta_memory_module=5,
        ),
        3840,
    ),
    ("server_by_boavizta", "boavizta_server_storage"): (
        dict(
            server_storage=30_000,
            boavizta_storage_density=50,
            boavizta_chip_factor=2.2,
            server_disks=8,
            boavizta_disk=6,
        ),
        1368,
    ),
    ("server_by_boavizta", "embodied_server"): (
        dict(
            boavizta_server_memory=3840,
            boavizta_server_storage=1368,
            server_processors=2,
            processor_die_area=10,
            boavizta_processor_factor=2,
            boavizta_processor=10,
            server_power_supply_mass=6,
            boavizta_power_supply_factor=24,
            boavizta_chassis=222,
        ),
        5634,
    ),
    ("server_by_ecologits", "embodied_server"): (
        dict(ecologits_server=5700, ecologits_server_gpus=8, gpus_per_server=4),
        2850,
    ),
    ("training_by_tdp", "training_energy"): (dict(training_gpu_hours=1000, gpu_tdp=0.4, training_pue=1.25), 500),
    # 0.4 kW and 256 GB at 0.375 W.
    ("training_by_green_algorithms", "training_energy"): (
        dict(
            training_gpu_hours=1000,
            gpu_tdp=0.4,
            green_algorithms_usage=1,
            server_memory_per_gpu=256,
            green_algorithms_memory_power=0.375e-3,
            training_pue=1.25,
        ),
        620,
    ),
    # 3.6e24 operations at 1e14 a second are 1e7 hours.
    ("training_by_llmcarbon", "training_energy"): (
        dict(
            training_flop=3.6e24,
            gpu_peak=250e12,
            llmcarbon_efficiency=0.4,
            seconds_per_hour=3600,
            training_system_power=0.33,
            training_pue=1.1,
        ),
        3.63e6,
    ),
    # 168 GB on three GPUs of 80 GB, so four.
    ("tokens_by_ecologits", "ecologits_gpus"): (
        dict(total_parameters=70e9, ecologits_parameter_memory=2.4e-9, ecologits_gpu_memory=80),
        4,
    ),
    ("tokens_by_ecologits", "energy_per_output_token"): (dict(ecologits_gpu_energy=4.4e-7), 4.4e-7),
    ("tokens_by_ecologits", "ecologits_overhead"): (
        dict(ecologits_server_energy=3.3e-7, ecologits_gpu_energy=4.4e-7),
        1.75,
    ),
    ("tokens_by_ecologits", "ecologits_gpu_energy"): (
        dict(
            ecologits_gpus=4,
            active_parameters=70e9,
            reference_parameters=1e9,
            ecologits_batch_size=64,
            ecologits_energy_slope=2e-9,
            ecologits_energy_decay=np.log(2) / 64,
            ecologits_energy_base=4e-8,
        ),
        4.4e-7,
    ),
    ("tokens_by_ecologits", "ecologits_token_time"): (
        dict(
            active_parameters=70e9,
            reference_parameters=1e9,
            ecologits_batch_size=64,
            ecologits_time_slope=0.1,
            ecologits_time_batch=0.05,
            ecologits_time_base=2,
        ),
        12.2,
    ),
    ("tokens_by_ecologits", "ecologits_server_energy"): (
        dict(
            ecologits_token_time=0.16,
            ecologits_server_power=1.2,
            ecologits_gpus=4,
            ecologits_server_gpus=8,
            ecologits_batch_size=64,
        ),
        0.0015,
    ),
    # 1.4e11 operations at 1e14 a second are 1.4 ms.
    ("tokens_by_llmcarbon", "energy_per_output_token"): (
        dict(
            flop_per_parameter_and_output_token=2,
            active_parameters=70e9,
            gpu_peak=250e12,
            llmcarbon_efficiency=0.4,
            seconds_per_hour=3600,
            gpu_tdp=0.36,
        ),
        1.4e-7,
    ),
    ("tokens_by_throughput", "energy_per_output_token"): (
        dict(
            replica_gpu_count=8,
            gpu_tdp=0.7,
            deployment_tdp_fraction=0.75,
            tokens_per_second=1000,
            seconds_per_hour=3600,
        ),
        4.2 / 3.6e6,
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


def test_pages_that_are_methods_leave_the_choice_to_an_input():
    given = dict(fab_footprint_per_area=2.0, act_yield=0.8, memory_size=80.0, act_memory_factor=0.06)
    given |= dict(package_count=7.0, act_package=0.1, die_area=8.0, llmcarbon_footprint_per_area=1.8)
    book = bind(["gpu_by_llmcarbon", "gpu_by_act"])
    assert book.inputs.keys() == {*given, "embodied_gpu_method"}
    values = given | {"embodied_gpu_method": np.array([4.0, 3.0, 4.0, 2.0])}
    book.evaluate(values, ["embodied_gpu"])
    assert values["embodied_gpu"] == pytest.approx([14.4, 25.5, 14.4, np.nan], rel=1e-14, nan_ok=True)
    assert not unit_problems(book.equations.values())
    alone = given | {}
    bind(["gpu_by_llmcarbon"]).evaluate(alone, ["embodied_gpu"])  # the only method needs no choice
    assert alone["embodied_gpu"] == pytest.approx(14.4, rel=1e-14)


def test_pages_of_one_number_are_no_choice():
    with pytest.raises(ValueError, match="both compute embodied_gpu; keep one"):
        bind(["gpu_by_parts", "gpu_by_either"])


# Boavizta's own figures are from its 2.5.0, LLMCarbon's from its table, ACT's from its own factors at 7 nm.
PUBLISHED = {
    "H100 by Boavizta": (
        "gpu_by_boavizta",
        dict(
            die_area=8.14, memory_size=80, gpu_casing_mass=0.78923, gpu_heatsink_mass=0.90077, gpu_board_area=296.37
        ),
        575.1,
    ),
    "A100 by Boavizta": (
        "gpu_by_boavizta",
        dict(die_area=8.26, memory_size=40, gpu_casing_mass=0.09, gpu_heatsink_mass=1.25)
        | dict(gpu_board_area=105, gpu_mass=1.56),
        319.3,
    ),
    "L4 by Boavizta": (
        "gpu_by_boavizta",
        dict(die_area=2.945, memory_size=24, memory_die_count=12, gpu_casing_mass=0, gpu_heatsink_mass=0.0871)
        | dict(gpu_board_area=93.13, gpu_mass=0.142),
        123.5,
    ),
    "A100's die by ACT": (
        "gpu_by_act",
        dict(die_area=8.26, memory_size=0, package_count=0, fab_footprint_per_area=0.583 * 2.15 + 0.35 + 0.5),
        19.9,
    ),
    "V100 by LLMCarbon": ("gpu_by_llmcarbon", dict(die_area=8.15, llmcarbon_footprint_per_area=1.2), 9.78),
    # 2,048 GB in 64 modules and 30.4 TB on 8 disks: 5,733 kg, which it adds up from rounded figures.
    "AWS p5 by Boavizta": (
        "server_by_boavizta",
        dict(server_memory=2048, server_memory_modules=64, server_storage=30_400, server_disks=8),
        pytest.approx(5733, rel=0.02),
    ),
    "GPT-3 by LLMCarbon": (
        "training_by_llmcarbon",
        dict(training_flop=3.15e23, gpu_peak=125e12, llmcarbon_efficiency=0.197, training_system_power=0.33)
        | dict(training_pue=1.1),
        pytest.approx(1.287e6, rel=0.005),
    ),
}
LIBRARY = Library((shipped_folder("priors"),))


def by_method(page, quantity, **given):
    """Return what a page gives, with its constants and defaults for what is not given."""
    book = bind([page]).subset([quantity])
    values = {}
    for key, unit in book.inputs.items():
        prior = LIBRARY.find(f"constants/{key}") or LIBRARY.find(f"defaults/{key}")
        values[key] = given[key] if key in given else float(prior.in_unit(unit).ppf(np.array(0.5)))
    book.evaluate(values, [quantity])
    return values[quantity]


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_page_of_a_peer_gives_the_figure_that_it_publishes(name):
    page, given, value = PUBLISHED[name]
    (quantity,) = {item.name for item in read_page(page)} & {"embodied_gpu", "embodied_server", "training_energy"}
    digits = value if not isinstance(value, float) else pytest.approx(value, abs=0.05)
    assert by_method(page, quantity, **given) == digits


def test_a_token_by_ecologits_is_what_it_publishes():
    """85 Wh for 1e6 tokens of 8e9 parameters, servers and a PUE of 1.14 included."""
    size = dict(active_parameters=8.03e9, total_parameters=8.03e9)
    gpus = by_method("tokens_by_ecologits", "energy_per_output_token", **size)
    servers = by_method("tokens_by_ecologits", "ecologits_server_energy", **size)
    assert (gpus + servers) * 1e9 * 1.14 == pytest.approx(85, abs=0.5)


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
