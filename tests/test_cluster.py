"""A cluster of real processes gives the bits of one thread, or stops with one clear line."""

import os
import re
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import psutil
import pytest
from distributed import Client, LocalCluster

from simulator import (
    ClusterError,
    InputError,
    Workflow,
    backtest,
    compare,
    executor,
    load_cases,
    load_scenario,
    rank,
    run,
)
from simulator.analyses.analysis import analyse
from simulator.analyses.response import response
from simulator.analyses.settings import RankSettings
from simulator.sampling import executors
from simulator.sampling.draws import sample, summarise
from simulator.sampling.executors import Processes, Threads, default_threads

SCENARIO = load_scenario("gpt4-iowa")
NAMES = ["total_footprint", "embodied_share"]


@pytest.fixture
def cluster():
    """Two processes with a scheduler of their own, on any ports; workers are restarted when they die."""
    with LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        processes=True,
        dashboard_address="127.0.0.1:0",  # of the scheduler's server, which is there without a dashboard too
        scheduler_kwargs={"dashboard": False},
        memory_limit=0,
        silence_logs=50,
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
        far = summarise(SCENARIO.model, NAMES, draws=1_500_001, seed=4, executor=on)
    same(far, summarise(SCENARIO.model, NAMES, draws=1_500_001, seed=4, executor=Threads(1)))


def test_a_worker_killed_in_mid_run_and_one_that_joins_late(cluster):
    draws = 12_000_000
    seen = []

    def progress(share):
        seen.append(share)
        if len(seen) == 1:
            os.kill(workers_of(cluster)[0], signal.SIGKILL)
            cluster.scale(3)

    with executor(cluster.scheduler_address, 2) as on:
        far = summarise(SCENARIO.model, NAMES, draws=draws, seed=1, executor=on, progress=progress)
    assert len(seen) > 4 and seen[-1] == 1
    same(far, summarise(SCENARIO.model, NAMES, draws=draws, seed=1))


def test_a_scheduler_that_goes_away_is_one_clear_line(tmp_path):
    """Through the command line, with a scheduler and a worker as processes of their own."""
    scheduler = subprocess.Popen(
        [sys.executable, "-m", "distributed.cli.dask_scheduler", "--port", "0", "--no-dashboard"]
        + ["--dashboard-address", "127.0.0.1:0"],
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
            [sys.executable, "-m", "simulator", "run", "gpt4-iowa", "--draws", "1e9", "--executor", address]
            + ["--output", str(tmp_path), "--quiet"],
            stderr=subprocess.PIPE,
            text=True,
        )
        with Client(address, set_as_default=False) as watcher:
            while not watcher.run_on_scheduler(lambda dask_scheduler: len(dask_scheduler.tasks)):
                assert run.poll() is None
                time.sleep(0.1)
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


@pytest.mark.parametrize("error", [KeyError, OSError, RuntimeError, TimeoutError, ValueError])
def test_what_a_task_raises_is_raised_as_it_is(cluster, error):
    """Errors of the kinds that a client raises when its scheduler goes away, too."""

    def fail(task):
        raise error("of the task")

    with executor(cluster.scheduler_address) as on:
        with pytest.raises(error, match="of the task"):
            list(on(fail, [1, 2]))
        assert list(on(str, [3])) == ["3"]


def test_a_scheduler_that_went_away_is_no_error_of_a_task(cluster):
    with executor(cluster.scheduler_address) as on:
        outcomes = on(str, range(100))
        assert next(outcomes) == "0"
        cluster.close()
        with pytest.raises(ClusterError, match="the scheduler went away"):
            list(outcomes)
        with pytest.raises(ClusterError, match="the scheduler went away"):
            _ = on.workers


def test_long_runs_go_to_processes_with_the_same_bits(monkeypatch):
    draws = 700_001
    monkeypatch.setattr(executors, "MANY_ROWS", draws)
    with executor("local", 3) as on:
        assert isinstance(executors.executor_for(on, draws), Processes)
        assert executors.executor_for(on, draws - 1) is on
        far = summarise(SCENARIO.model, NAMES, draws=draws, seed=4, executor=on)
    with executor("threads", 2) as on:
        assert executors.executor_for(on, draws) is on
    same(far, summarise(SCENARIO.model, NAMES, draws=draws, seed=4, executor=Threads(1)))


def kill_one(run):
    psutil.Process(run.pid).children()[-1].kill()


def interrupt_all(run):
    os.killpg(run.pid, signal.SIGINT)  # as Ctrl-C in a terminal does


@pytest.mark.parametrize(
    ("end", "code", "problem"),
    [
        (kill_one, 1, "a process that was drawing was ended from outside.*\n"),
        (interrupt_all, 130, "stopped.*; nothing was written\n"),
        (subprocess.Popen.kill, -signal.SIGKILL, "(.*leaked.*\n.*\n)?"),  # which the tracker of locks mends
    ],
)
def test_a_long_run_that_is_ended_says_so_and_leaves_no_process(tmp_path, end, code, problem):
    command = [sys.executable, "-m", "simulator", "run", "gpt4-iowa", "--draws", "1e9", "--threads", "3", "--quiet"]
    run = subprocess.Popen(
        [*command, "--output", str(tmp_path)], stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    processes = []
    while sum(child.cpu_times().user for child in processes) < 2:  # the two draw, and the trackers do nothing
        assert run.poll() is None
        time.sleep(0.1)
        processes = psutil.Process(run.pid).children(recursive=True)
    end(run)
    said = run.communicate(timeout=60)[1]
    assert run.returncode == code and re.fullmatch(problem, said), said
    assert not psutil.wait_procs(processes, timeout=60)[1]
    assert not any(tmp_path.iterdir())


def test_names_of_no_executor():
    moon = executor("moon", 1)
    with pytest.raises(InputError, match="^executor: expected local, threads, dask or an address .*, got 'moon'$"):
        moon.__enter__()
    with pytest.raises(ClusterError, match="no scheduler answers"), executor("tcp://127.0.0.1:1", 1):
        pass


@pytest.mark.parametrize("workers", [0, -1, 1.5, True, 1025])
@pytest.mark.parametrize("name", ["threads", "dask"])
def test_numbers_of_workers_that_are_none(name, workers):
    given = executor(name, workers)
    with pytest.raises(
        InputError, match=f"^workers: expected a whole number from 1 to 1,024, got {str(workers).lower()}$"
    ):
        given.__enter__()


CALLS = {
    "run": lambda on: run(SCENARIO, draws=100, executor=on),
    "rank": lambda on: rank(SCENARIO, n_base=1024, executor=on),
    "compare": lambda on: compare([SCENARIO, SCENARIO], draws=100, executor=on),
    "backtest": lambda on: backtest(load_cases("published"), draws=100, executor=on),
    "analyse": lambda on: analyse("local", SCENARIO, RankSettings(), executor=on),
    "response": lambda on: response(SCENARIO.model, NAMES, executor=on),
    "summarise": lambda on: summarise(SCENARIO.model, NAMES, draws=100, seed=1, executor=on),
    "sample": lambda on: sample(SCENARIO.model, NAMES, draws=100, seed=1, executor=on),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
@pytest.mark.parametrize(
    "wrong", ["dask", 2, Threads, executor("threads")], ids=["name", "number", "type", "unentered"]
)
def test_what_is_no_executor_is_refused_with_what_to_write(call, wrong):
    words = r'executor: expected what simulator.executor gives, got .*; write: with simulator.executor\("dask"\) as'
    with pytest.raises(InputError, match=words):
        call(wrong)


def test_the_workflow_refuses_what_is_no_executor_and_writes_nothing(tmp_path):
    with pytest.raises(InputError, match="executor: expected what simulator.executor gives, got 'dask'"):
        Workflow(tmp_path, executor="dask").run(SCENARIO, draws=100)
    assert not list(tmp_path.rglob("*.*"))


def test_a_response_has_the_same_bits_on_a_cluster(cluster):
    near = response(SCENARIO.model, NAMES, draws=70_001, executor=Threads(1))
    with executor(cluster.scheduler_address) as on:
        assert response(SCENARIO.model, NAMES, draws=70_001, executor=on).identical(near)


def test_all_processors_work_where_no_number_is_given():
    with executor("threads") as on:
        assert on.workers == default_threads()
