"""Hours of training from the size of the cluster and the days it ran."""

from simulator.units import count, day, hour, hour_per_day


def training_run_gpu_hours(training_gpu_count: count, training_days: day, hours_per_day: hour_per_day) -> hour:
    """GPU-hours of the final run (Patterson et al. 2021, arXiv:2104.10350)."""
    return training_gpu_count * training_days * hours_per_day
