"""The equation book: a page a stage of the lifecycle, nothing but pure functions.

A function is named after the quantity it computes, its parameters after the quantities it needs, its
annotations are units. A parameter with a default is a part that a scenario may leave out.
"""

# The quantities that a run reports, with the words and the indent that tables and plots give them. Shares
# are reported with the footprint that they are a share of.
REPORTED: dict[str, tuple[str, int]] = {
    "total_footprint": ("total", 0),
    "electricity_footprint": ("electricity", 1),
    "manufacture_footprint": ("manufacture", 1),
    "server_footprint": ("servers", 2),
    "gpu_footprint": ("GPUs", 2),
    "network_footprint": ("network, storage", 2),
    "training_footprint": ("training", 0),
    "training_electricity_footprint": ("electricity", 1),
    "training_manufacture_footprint": ("manufacture", 1),
    "deployment_footprint": ("deployment", 0),
    "deployment_electricity_footprint": ("electricity", 1),
    "deployment_manufacture_footprint": ("manufacture", 1),
    "footprint_per_request": ("per request", 0),
    "electricity_footprint_per_request": ("electricity", 1),
    "energy_per_request": ("energy per request", 0),
    "training_energy": ("training energy", 0),
    "deployment_energy": ("deployment energy", 0),
}
SHARES: dict[str, str] = {
    f"{part}_footprint": f"{part}_share"
    for part in ("electricity", "manufacture", "server", "gpu", "network", "training", "deployment")
}
STAGES = ("training", "deployment")
