"""From Python as from the command line: the same files, and what is stored is used again."""

import dataclasses
import multiprocessing
import signal
import subprocess
import sys
import threading
import time

import pytest
import xarray

import simulator
from simulator import Workflow, load_cases, load_result, load_scenario
from simulator.cli import command_line
from simulator.distributions import build_distribution
from simulator.results import save_files
from simulator.results.storage import finish_writing, read_groups
from simulator.sampling.executors import Threads
from simulator.scenario.variants import variants
from simulator.workflow.bench import make_beside
from simulator.workflow.figure_files import FIGURES
from tests import models

UNIFORM = build_distribution("uniform", {"low": 0.0, "high": 1.0})
CHANGING = ("created_at", "sampling_time")  # attributes of when and how fast


@pytest.fixture
def call(monkeypatch, capfd):
    def run(*arguments):
        monkeypatch.setattr("sys.argv", ["simulator", *map(str, arguments), "--quiet"])
        assert command_line() == 0, capfd.readouterr().err

    return run


def contents(folder):
    """Return what the files of a folder hold: datasets without what changes, other files as bytes."""
    found = {}
    for file in folder.iterdir():
        if file.suffix == ".nc":
            for name, data in read_groups(file).items():
                attributes = {key: value for key, value in data.attrs.items() if key not in CHANGING}
                data.attrs = attributes
                found[f"{file.name} {name}"] = data
        elif file.is_file():
            found[file.name] = file.read_bytes()
    return found


def assert_same_files(one, other):
    ours, theirs = contents(one), contents(other)
    assert ours.keys() == theirs.keys()
    for name, content in ours.items():
        same = content.identical(theirs[name]) if isinstance(content, xarray.Dataset) else content == theirs[name]
        assert same, name


def test_a_run_and_a_ranking_write_the_same_files_as_the_verbs(tmp_path, call):
    scenario, work = load_scenario("chat-service"), Workflow(tmp_path / "python")
    call("run", "chat-service", "--draws", "20000", "--output", tmp_path / "verb")
    made = work.run(scenario, draws=2e4)
    assert made.folder == tmp_path / "python" / "chat-service" and not made.remarks
    assert set(made.files) == {path.name for path in made.folder.iterdir()}
    assert_same_files(tmp_path / "verb" / "chat-service", made.folder)
    call("rank", "chat-service", "--n-base", "1024", "--output", tmp_path / "verb")
    ranked = work.rank(scenario, n_base=1024)
    assert ranked.remarks[0].endswith(": draws")
    assert_same_files(tmp_path / "verb" / "chat-service", ranked.folder)


def test_a_comparison_and_a_backtest_write_the_same_files_as_the_verbs(tmp_path, call):
    work = Workflow(tmp_path / "python")
    call("compare", "gpt4-iowa", "gpt4-quebec", "--draws", "20000", "--output", tmp_path / "verb")
    made = work.compare([load_scenario("gpt4-iowa"), load_scenario("gpt4-quebec")], draws=20_000)
    assert_same_files(tmp_path / "verb" / made.folder.name, made.folder)
    call("backtest", "published", "--draws", "2000", "--output", tmp_path / "verb")
    made = work.backtest(load_cases("published"), name="backtest-published", draws=2000)
    assert_same_files(tmp_path / "verb" / made.folder.name, made.folder)


def test_no_bit_depends_on_the_executor(tmp_path):
    scenario = load_scenario("request-small")
    for workers in (1, 3):
        work = Workflow(tmp_path / str(workers), figures=False, executor=Threads(workers))
        work.rank(scenario, n_base=1024)
    assert_same_files(tmp_path / "1" / "request-small", tmp_path / "3" / "request-small")


def test_what_is_stored_and_rests_on_the_same_is_used_again(tmp_path):
    scenario, work = load_scenario("request-small"), Workflow(tmp_path, figures=False)
    first = work.run(scenario, draws=2000)
    again = work.run(scenario, draws=2000)
    assert again.remarks[0].endswith(": draws, sensitivity, interval_reduction")
    assert again.result["prior"].identical(first.result["prior"])
    other = work.run(scenario, draws=3000)
    assert other.remarks[0].endswith(": sensitivity, interval_reduction")
    assert load_result(tmp_path / "request-small").attrs["draws"] == 3000


def test_groups_of_another_quantity_or_seed_are_left_out_and_named(tmp_path):
    scenario, work = load_scenario("request-small"), Workflow(tmp_path, figures=False)
    work.rank(scenario, n_base=1024)
    same = work.run(scenario, draws=2000)
    assert {"local", "response"} <= set(same.result.children)
    other = work.run(scenario, draws=2000, seed=2)
    assert other.remarks == (
        "deleted, as they belong to another scenario, seed, quantity or ranking: local, response",
    )
    assert not {"local", "response"} & set(other.result.children)


def test_an_error_stops_what_is_beside_it_and_keeps_what_is_finished():
    began, made = threading.Event(), {}

    def fails(progress):
        began.wait()
        raise ValueError("bad")

    def goes_on(progress):
        began.set()
        while True:
            progress(0.5)

    tasks = {"finished": lambda progress: 1, "fails": fails, "goes on": goes_on}
    with pytest.raises(ValueError, match="bad"):
        make_beside(tasks, lambda name, share: None, made)
    assert made == {"finished": 1}


def test_settings_are_checked_alike_for_every_analysis(tmp_path):
    scenario, work = load_scenario("gpt4-iowa"), Workflow(tmp_path)
    for method in (work.run, work.rank, lambda s, **given: work.compare([s, s], **given)):
        with pytest.raises(simulator.InputError, match="seed: expected a whole number from 0"):
            method(scenario, seed=-1)
    assert not any(tmp_path.iterdir())


SLOW = '''"""A model that is slow to rank, and quick to draw."""

import time
from pathlib import Path

from simulator.units import one


def total(x: one, y: one) -> one:
    """Sum (x)."""
    if x.size == 20_000:
        Path("drawn").touch()
    if 100 < x.size < 10_000:
        time.sleep(0.5)
    return x + y
'''


def test_an_interrupt_while_ranking_keeps_the_draws(tmp_path):
    """A real process is sent what Ctrl-C sends, when its draws are done and its ranking is not."""
    uniform = '{ distribution = "uniform", low = 0, high = 1 }'
    (tmp_path / "slow.py").write_text(SLOW)
    (tmp_path / "s.toml").write_text(f'title = "slow"\n[inputs]\nx = {uniform}\ny = {uniform}\n')
    command = [sys.executable, "-m", "simulator", "run", "s.toml", "--pages", "slow.py", "--keep", "20000"]
    for delay in (1, 5, 20):  # the ranking takes a minute; what is drawn is soon labelled, on a busy machine later
        process = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        while not (tmp_path / "drawn").exists():
            assert process.poll() is None
            time.sleep(0.1)
        time.sleep(delay)
        process.send_signal(signal.SIGINT)
        _, problem = process.communicate(timeout=60)
        if "kept in" in problem:
            break
    assert process.returncode == 130 and problem.startswith("stopped; kept in outputs/s: draws"), problem
    kept = load_result(tmp_path / "outputs" / "s")
    assert kept.attrs["draws"] == 1_000_000 and kept["prior"].sizes["draw"] == 20_000
    assert {path.name for path in (tmp_path / "outputs" / "s").iterdir()} == {
        "result.nc",
        "summary.json",
        "ledger.md",
    }


def test_a_result_is_saved_to_the_file_that_is_named(tmp_path):
    result = simulator.run(load_scenario("request-small"), draws=200)
    simulator.save_result(result, tmp_path / "mine.nc")
    simulator.save_result(result, tmp_path / "folder")
    assert (tmp_path / "mine.nc").is_file() and (tmp_path / "folder" / "result.nc").is_file()
    assert load_result(tmp_path / "mine.nc").identical(load_result(tmp_path / "folder"))


READS = """
import numpy as np
from simulator.units import one

LIMIT = float(np.loadtxt({file!r}))


def total(x: one) -> one:
    \"\"\"Cut off (x).\"\"\"
    return np.minimum(x, LIMIT)
"""


def test_what_a_page_that_reads_a_file_computes_is_never_used_again(tmp_path):
    """A change that shows in the tail alone, where a few trial draws would miss it."""
    (tmp_path / "page.py").write_text(READS.format(file=str(tmp_path / "limit.txt")))
    (tmp_path / "s.toml").write_text('title = "s"\n[inputs]\nx = { distribution = "normal", mean = 0, sd = 1 }\n')
    largest = []
    for limit in (3.5, 3.0):
        (tmp_path / "limit.txt").write_text(str(limit))
        scenario = load_scenario(tmp_path / "s.toml", tmp_path / "page.py")
        made = Workflow(tmp_path, figures=False).run(scenario, draws=20_000)
        largest.append(float(made.result["prior"]["total"].max()))
    assert largest == [3.5, 3.0] and not made.remarks


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("import numpy as np", True),
        ("from simulator.units import one", True),
        ("K = float(open('k.txt').read())", False),
        ("import pandas", False),
        ("from simulator.results import load_result", False),
        ("import numpy as np\nK = np.loadtxt('k.csv')", False),
        ("import numpy as np\nK = np.load('k.npy')", False),
        ("from numpy import genfromtxt", False),
    ],
)
def test_which_pages_say_all_that_they_compute(line, expected):
    from simulator.book import is_self_contained

    assert is_self_contained(line) is expected


def test_an_interrupt_while_figures_are_drawn_keeps_what_is_computed(tmp_path, monkeypatch):
    def interrupted(result):
        raise KeyboardInterrupt

    monkeypatch.setitem(FIGURES, "intervals.png", ("intervals", interrupted))
    with pytest.raises(simulator.Interrupted, match="kept in .*: draws, sensitivity, interval_reduction"):
        Workflow(tmp_path).run(load_scenario("request-small"), draws=2000)
    folder = tmp_path / "request-small"
    assert {path.name for path in folder.iterdir()} == {"result.nc", "summary.json", "ledger.md"}
    monkeypatch.undo()
    again = Workflow(tmp_path).run(load_scenario("request-small"), draws=2000)
    assert again.remarks[0].endswith(": draws, sensitivity, interval_reduction")


def test_a_run_without_figures_keeps_those_that_are_still_true(tmp_path):
    scenario = load_scenario("request-small")
    drawn = Workflow(tmp_path).run(scenario, draws=2000).folder
    Workflow(tmp_path, figures=False).run(scenario, draws=2000)
    assert (drawn / "intervals.png").exists() and (drawn / "ranking.png").exists()
    Workflow(tmp_path, figures=False).run(scenario, draws=3000)
    assert not (drawn / "intervals.png").exists() and (drawn / "ranking.png").exists()


def test_comparisons_and_backtests_are_used_again(tmp_path):
    work = Workflow(tmp_path, figures=False)
    pair = [load_scenario("gpt4-iowa"), load_scenario("gpt4-quebec")]
    first = work.compare(pair, draws=2000)
    again = work.compare(pair, draws=2000)
    assert again.remarks[0].endswith(": comparison, difference") and again.result.identical(first.result)
    assert work.compare(pair, draws=3000).remarks == ()
    cases = load_cases("published")[:2]
    work.backtest(cases, draws=2000)
    assert work.backtest(cases, draws=2000).remarks[0].endswith(": backtest")
    with pytest.raises(simulator.InputError, match="observed"):
        work.backtest([], draws=2000)


def test_a_file_that_someone_changed_is_used_as_far_as_it_can_be(tmp_path):
    scenario, work = load_scenario("request-small"), Workflow(tmp_path, figures=False)
    result = work.run(scenario, draws=2000).result
    simulator.save_result(
        result.assign({"posterior": xarray.DataTree(xarray.Dataset({"x": 1.0}))}), tmp_path / "request-small"
    )
    assert work.run(scenario, draws=2000).remarks[1].endswith(": posterior")
    for setting in ("seed", "keep", "ci_kind"):
        damaged = result.copy()
        del damaged.attrs[setting]
        simulator.save_result(damaged, tmp_path / "request-small")
        assert work.run(scenario, draws=2000).remarks == ()


def test_names_of_variants_make_no_folders_of_their_own(tmp_path):
    made = variants("gpt4-iowa", ["training_grid_intensity=grid/fr,grid/us-ia"])
    folder = Workflow(tmp_path, figures=False).compare(made, draws=1000).folder
    assert folder.parent == tmp_path


def test_a_ranking_of_one_pair(tmp_path):
    scenario = dataclasses.replace(models.scenario(models.first_two, x1=UNIFORM, x2=UNIFORM), name="pair")
    work = Workflow(tmp_path, figures=False)
    found = work.rank(scenario, method="second-order", only="x1 × x2", n_base=1024).result
    assert list(found["sensitivity"]["input"].values) == ["x1 × x2"]


def save_often(folder, number):
    for _ in range(30):
        save_files(folder, {"a": str(number).encode(), "b": str(number).encode()})


def test_processes_that_write_one_folder_at_the_same_time_all_succeed(tmp_path):
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=save_often, args=(tmp_path, number)) for number in range(3)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert [writer.exitcode for writer in writers] == [0, 0, 0]
    finish_writing(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"a", "b"}
    assert (tmp_path / "a").read_text() == (tmp_path / "b").read_text()


def test_figures_that_go_are_named(tmp_path):
    work = Workflow(tmp_path)
    scenario = load_scenario("gpt4-iowa")
    work.rank(scenario, n_base=1024)
    remarks = dataclasses.replace(work, figures=False).rank(scenario, quantity="training_energy", n_base=1024).remarks
    assert any("deleted" in one and "ranking.png" in one and "tornado.png" in one for one in remarks), remarks
    assert not (tmp_path / "gpt4-iowa" / "ranking.png").exists()
