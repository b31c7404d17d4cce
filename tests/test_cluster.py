"""A cluster of real processes gives the bits of one thread, or stops with one clear line."""

import os
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pytest
from distributed import LocalCluster

from simulator import ClusterError, InputError, executor, load_scenario
from simulator.executors import Threads
from simulator.simulate import summarise

SCENARIO = load_scenario("gpt4-iowa")
NAMES = ["total_footprint", "manufacture_share"]


@pytest.fixture
def cluster():
    """Two processes with a scheduler of their own; workers are restarted when they die."""
    with LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, memory_limit=0, silence_logs=50
    ) as local:
        yield local


def same(one, other):
    for name in NAMES:
        np.testing.assert_array_equal(one[name].counts, other[name].counts)
        np.testing.assert_array_equal(one[name].low, other[name].low)
        assert (one[name].mean, one[name].sd) == (other[name].mean, other[name].sd)


def workers_of(local):
    return [nanny.pid for nanny in local.workers.values()]


def later(seconds, function, *arguments):
    timer = threading.Timer(seconds, function, arguments)
    timer.start()
    return timer


def test_the_same_bits_as_one_thread(cluster):
    with executor(cluster.scheduler_address, 2) as on:
        assert on.workers == 2
        far = summarise(SCENARIO, NAMES, draws=1_500_001, seed=4, on=on)
    same(far, summarise(SCENARIO, NAMES, draws=1_500_001, seed=4, on=Threads(1)))


def test_a_worker_killed_in_mid_run_and_one_that_joins_late(cluster):
    draws = 12_000_000
    seen = []

    def progress(rows):
        seen.append(rows)
        if len(seen) == 1:
            os.kill(workers_of(cluster)[0], signal.SIGKILL)
            cluster.scale(3)

    with executor(cluster.scheduler_address, 2) as on:
        far = summarise(SCENARIO, NAMES, draws=draws, seed=1, on=on, progress=progress)
    assert len(seen) > 4 and seen[-1] == draws
    same(far, summarise(SCENARIO, NAMES, draws=draws, seed=1))


def test_a_scheduler_that_goes_away_is_one_clear_line(tmp_path):
    """Through the command line, with a scheduler and a worker as processes of their own."""
    scheduler = subprocess.Popen(
        [sys.executable, "-m", "distributed.cli.dask_scheduler", "--port", "0", "--no-dashboard"],
        stderr=subprocess.PIPE,
        text=True,
    )
    worker = None
    try:
        address = next(line.split()[-1] for line in scheduler.stderr if "Scheduler at" in line and "tcp://" in line)
        worker = subprocess.Popen(
            [sys.executable, "-m", "distributed.cli.dask_worker", address, "--nthreads", "1", "--no-dashboard"],
            stderr=subprocess.DEVNULL,
        )
        run = subprocess.Popen(
            [sys.executable, "-m", "simulator", "run", "gpt4-iowa", "--draws", "1e9", "--on", address]
            + ["--output", str(tmp_path), "--quiet"],
            stderr=subprocess.PIPE,
            text=True,
        )
        time.sleep(6)
        assert run.poll() is None
        scheduler.kill()
        problem = run.communicate(timeout=60)[1]
    finally:
        for process in (scheduler, worker):
            if process is not None:
                process.kill()
                process.wait()
        scheduler.stderr.close()
    assert run.returncode == 1
    assert problem.count("\n") == 1 and "the scheduler went away" in problem
    assert not any(tmp_path.iterdir())


def test_places_that_are_none():
    with pytest.raises(InputError, match="expected threads, dask or an address"), executor("moon", 1):
        pass
    with pytest.raises(ClusterError, match="no scheduler answers"), executor("tcp://127.0.0.1:1", 1):
        pass
