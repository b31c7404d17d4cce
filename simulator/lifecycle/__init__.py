"""The equation book: a page a stage of the lifecycle, nothing but pure functions.

A function is named after the quantity it computes, its parameters after the quantities it needs, its
annotations are units. A parameter with a default is a part that a scenario may leave out.
"""

# The quantities that a run reports, with the words and the indent that tables and plots give them. Shares
# are reported with the footprint that they are a share of.
REPORTED: dict[str, tuple[str, int]] = {
    "total_footprint": ("total", 0),
    "electricity_footprint": ("electricity", 1),
    "embodied_footprint": ("embodied", 1),
    "server_footprint": ("servers", 2),
    "gpu_footprint": ("GPUs", 2),
    "network_footprint": ("network, storage", 2),
    "training_footprint": ("training", 0),
    "training_electricity_footprint": ("electricity", 1),
    "training_embodied_footprint": ("embodied", 1),
    "deployment_footprint": ("deployment", 0),
    "deployment_electricity_footprint": ("electricity", 1),
    "deployment_embodied_footprint": ("embodied", 1),
    "footprint_per_request": ("per request", 0),
    "electricity_footprint_per_request": ("electricity", 1),
    "whole_footprint_per_request": ("request and training", 0),
    "training_footprint_per_request": ("training's part", 1),
    "footprint_per_token": ("per token, with training", 0),
    "footprint_per_user_year": ("per user and year", 0),
    "break_even_requests": ("break-even requests", 0),
    "energy_per_request": ("energy per request", 0),
    "energy_per_output_token": ("energy per token, GPUs", 0),
    "gases_footprint": ("other gases", 0),
    "training_energy": ("training energy", 0),
    "training_days": ("days of the final run", 0),
    "deployment_energy": ("deployment energy", 0),
    "total_energy": ("all electricity", 0),
    "total_water": ("water", 0),
    "water_on_site": ("on site", 1),
    "water_at_plants": ("at power plants", 1),
    "water_of_gpus": ("GPUs", 1),
    "total_primary_energy": ("primary energy", 0),
    "primary_energy_of_electricity": ("electricity", 1),
    "primary_energy_of_hardware": ("GPUs, servers", 1),
    "total_abiotic_depletion": ("abiotic depletion", 0),
    "abiotic_depletion_of_electricity": ("electricity", 1),
    "abiotic_depletion_of_hardware": ("GPUs, servers", 1),
    "flights": ("as flights", 0),
    "flights_co2": ("by CO2 alone", 1),
    "person_years": ("as person-years", 0),
    "web_searches": ("as 2009 searches", 0),
    "car_kilometres": ("as car travel", 0),
}
# What a run may add to the footprint: the page, and what it leaves out because no source gives it.
IMPACTS: dict[str, tuple[str, str]] = {
    "energy": ("impact_energy", "embodied"),
    "water": ("impact_water", "embodied footprint of servers, network, storage and buildings"),
    "primary-energy": ("impact_primary_energy", "network, storage and buildings"),
    "abiotic-depletion": ("impact_abiotic_depletion", "network, storage and buildings"),
}
# What the total may be compared with, and the page that does.
EQUIVALENCES: dict[str, str] = {
    "flights": "as_flights",
    "person-years": "as_person_years",
    "web-searches": "as_web_searches",
    "car-km": "as_car_km",
}
SHARES: dict[str, str] = {
    f"{part}_footprint": f"{part}_share"
    for part in ("electricity", "embodied", "server", "gpu", "network", "training", "deployment")
}
STAGES = ("training", "deployment")
