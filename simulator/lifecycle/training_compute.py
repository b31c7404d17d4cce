"""Hours of training from the operations that it takes: days follow from the number of GPUs."""

from simulator.lifecycle import Shown
from simulator.units import count, day, flop, flop_per_second, hour, hour_per_day, second_per_hour, share

SHOWN = {"training_days": Shown("days of the final run")}


def training_run_gpu_hours(
    training_flop: flop, gpu_peak: flop_per_second, training_mfu: share, seconds_per_hour: second_per_hour
) -> hour:
    """GPU-hours of the final run, from the utilisation of the peak (Chowdhery et al. 2022, arXiv:2204.02311)."""
    return training_flop / (gpu_peak * training_mfu * seconds_per_hour)


def training_days(training_run_gpu_hours: hour, training_gpu_count: count, hours_per_day: hour_per_day) -> day:
    """Days of the final run on all GPUs of the cluster (Patterson et al. 2021, arXiv:2104.10350)."""
    return training_run_gpu_hours / (training_gpu_count * hours_per_day)
