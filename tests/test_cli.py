"""The command line: the article's figures through it, what it prints, what it refuses."""

import ast
import contextlib
import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from simulator import load_result
from simulator.cli import command_line
from simulator.priors import shipped_folder

README = Path(__file__).parents[1] / "README.md"
ENVIRONMENT = {**os.environ, "COLUMNS": "80"}


def simulator(*arguments, cwd=None):
    """Run the program as a user would."""
    command = [sys.executable, "-m", "simulator", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, env=ENVIRONMENT, check=False)


@pytest.fixture
def call(monkeypatch, capsys):
    """Run the program inside the test, for its result and what it prints."""

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["simulator", *map(str, arguments)])
        monkeypatch.setenv("COLUMNS", "80")
        code = command_line()
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return run


@pytest.fixture
def values(call, tmp_path):
    """Run a scenario of fixed inputs through the command line and return its quantities by name."""

    def run(name):
        code, _, _ = call("run", name, "--draws", 100, "--output", tmp_path, "--no-plots", "--quiet")
        assert code == 0
        known = load_result(tmp_path / name)["constant_data"]
        return {name: float(variable) for name, variable in known.data_vars.items()}

    return run


def test_the_articles_arithmetic(values):
    """Every figure of the article that is right, from 6 years x 8760 h x 0.85 on."""
    iowa = values("article-gpt4-iowa")
    assert iowa["lifetime_hours"] == pytest.approx(44_676, rel=1e-12)
    assert iowa["embodied_server_per_hour"] == pytest.approx(0.05596, abs=5e-6)
    assert iowa["embodied_gpu_per_hour"] == pytest.approx(0.00055958, abs=5e-9)
    assert iowa["training_gpu_hours"] == pytest.approx(60e6, rel=1e-12)
    assert iowa["training_energy"] == pytest.approx(24e6, rel=1e-12)
    assert iowa["training_electricity_footprint"] == pytest.approx(4_944_000, rel=1e-12)
    assert iowa["training_server_footprint"] == pytest.approx(419_690, abs=5)
    assert iowa["training_gpu_footprint"] == pytest.approx(33_575, abs=0.5)
    assert iowa["training_cluster_server_embodied"] == pytest.approx(7_812_500, rel=1e-12)
    assert iowa["training_cluster_gpu_embodied"] == pytest.approx(625_000, rel=1e-12)
    # The article prints 134.4 kg and 1.2 kg: one server's and one GPU's, with rounded rates.
    assert iowa["training_server_footprint"] / 3125 == pytest.approx(134.3, abs=0.05)
    assert iowa["training_gpu_footprint"] / 25_000 == pytest.approx(1.343, abs=0.0005)


@pytest.mark.parametrize(
    ("region", "tonnes", "share"), [("iowa", 4944, 0.084), ("quebec", 840, 0.3505), ("france", 1368, 0.249)]
)
def test_three_grids_and_what_manufacture_is_on_each(values, region, tonnes, share):
    quantities = values(f"article-gpt4-{region}")
    assert quantities["training_electricity_footprint"] == pytest.approx(1000 * tonnes, rel=1e-12)
    assert quantities["embodied_share"] == pytest.approx(share, abs=0.0005)


def test_one_request_to_bloom(values):
    assert values("article-bloom")["footprint_per_request"] == pytest.approx(0.001419, abs=5e-7)
    log = values("bloom-log")
    assert log["deployment_energy"] == pytest.approx(864.25, abs=0.005)
    assert log["deployment_requests"] == pytest.approx(230_768, abs=0.5)
    assert log["electricity_footprint_per_request"] == pytest.approx(0.001476, abs=5e-7)


def test_a_run_prints_and_writes_everything(call, tmp_path):
    code, printed, _ = call("run", "gpt4-iowa", "--draws", "2e5", "--output", tmp_path)
    assert code == 0
    lines = printed.splitlines()
    assert max(len(line) for line in lines if not line.startswith("wrote")) <= 80
    assert lines[0] == "GPT-4, trained in Iowa"
    assert "200,000 draws · seed 1" in lines[1] and "equal-tailed (eti)" in lines[1]
    total = next(line for line in lines if line.startswith("total"))
    assert " kt CO2e " in total and "–" in total and "100 %" in total
    assert any(line.startswith("the article: 4.944 kt CO2e is lower than 99.") for line in lines)
    assert any(line.strip().startswith("1  training_grid_intensity") for line in lines)
    assert "17 inputs: 0 from the scenario, 11 from the library, 4 defaults" in printed.replace("\n", " ")
    folder = tmp_path / "gpt4-iowa"
    files = {"result.nc", "summary.json", "ledger.md", "intervals.png", "ranking.png"}
    assert {path.name for path in folder.iterdir()} == files
    summary = json.loads((folder / "summary.json").read_text())
    assert summary["intervals"]["quantity"]["total_footprint"]["units"] == "kgCO2e"
    total = summary["sensitivity"]["quantity"]["total_footprint"]
    shapley = total["measure"]["shapley"]["input"]["training_grid_intensity"]
    assert shapley["value"] > 0.5 and shapley["position_interval"] == [1, 1] and shapley["probability_first"] > 0.99
    assert summary["interval_reduction"]["quantity"]["total_footprint"]["measure"]["interval_reduction"]["input"]
    words = printed.replace("\n", " ")
    assert "training_grid_intensity dominates the total footprint: 6" in words and "Knowing it exactly would" in words


def test_the_readme_shows_what_a_run_prints(call, tmp_path):
    """Line by line but for the time it took; lines that the README leaves out stand for themselves."""
    shown = (README.read_text().split("It prints\n\n```\n")[1]).split("\n```")[0].splitlines()
    _, printed, _ = call("run", "gpt4-iowa", "--no-plots", "--output", tmp_path)
    lines = [re.sub(r"· [\d.]+ s ·", "", line).rstrip() for line in printed.splitlines()]
    for line in shown:
        assert line == "…" or re.sub(r"· [\d.]+ s ·", "", line) in lines


def test_two_draws_are_drawn_and_one_is_refused(call, tmp_path):
    """Warnings of the figures are errors here."""
    assert call("run", "gpt4-iowa", "--draws", "2", "--output", tmp_path)[0] == 0
    for verb in (["run", "gpt4-iowa"], ["compare", "gpt4-iowa", "gpt3"], ["backtest", "published"]):
        code, _, problem = call(*verb, "--draws", "1", "--output", tmp_path / "one")
        assert code == 2 and problem == "draws: expected a whole number from 2 to 2**63 - 1, got 1\n"
    assert not (tmp_path / "one").exists()


def test_figures_are_drawn_again_from_the_result_alone(call, tmp_path):
    call("run", "gpt4-iowa", "--draws", "20000", "--output", tmp_path, "--quiet")
    folder = tmp_path / "gpt4-iowa"
    before = {name: (folder / name).read_bytes() for name in ("intervals.png", "ranking.png")}
    for name in before:
        (folder / name).unlink()
    code, printed, _ = call("plot", folder / "result.nc")
    assert code == 0 and "intervals.png  ranking.png" in printed
    assert {name: (folder / name).read_bytes() for name in before} == before
    assert before["intervals.png"].startswith(b"\x89PNG")
    assert call("plot", folder, "--output", tmp_path / "elsewhere")[0] == 0
    assert (tmp_path / "elsewhere" / "gpt4-iowa" / "intervals.png").read_bytes() == before["intervals.png"]


def test_highest_density_intervals_and_all_draws(call, tmp_path):
    code, printed, _ = call(
        "run",
        "gpt4-iowa",
        "--draws",
        "5_000",
        "--keep",
        "all",
        "--ci-kind",
        "hdi",
        "--no-plots",
        "--output",
        tmp_path,
    )
    assert code == 0 and "highest-density (hdi)" in printed
    assert load_result(tmp_path / "gpt4-iowa")["prior"].sizes["draw"] == 5000


def test_rank_prints_the_method_asked_for(call, tmp_path):
    to = ("--output", tmp_path)
    asked = ("--method", "spearman", "--quantity", "footprint_per_request")
    code, printed, _ = call("rank", "bloom-deployment", *asked, *to)
    assert code == 0 and "Spearman's rank correlation" in printed
    assert "requests_per_hour" in printed and "-0." in printed
    lines = call("rank", "gpt4-iowa", "--quantity", "training_energy", "--groups", *to)[1].splitlines()
    assert sorted(line.split()[1] for line in lines[2:5]) == ["facility", "hardware", "training"]
    assert max(map(len, lines[:-1])) <= 80
    assert "no uncertain input" in call("rank", "article-bloom", *to)[1]
    code, _, problem = call("rank", "gpt4-iowa", "--method", "sobol", *to)
    assert code == 2 and "take shapley, or rank them as one group" in problem


def test_rank_writes_into_the_result_and_draws_what_it_found(call, tmp_path):
    call("run", "gpt4-iowa", "--draws", "20000", "--output", tmp_path, "--quiet", "--no-plots")
    folder = tmp_path / "gpt4-iowa"
    before = load_result(folder)
    code, printed, _ = call(
        "rank", "gpt4-iowa", "--quantity", "total", "--quantity", "training_energy", "--output", tmp_path
    )
    assert code == 0 and max(map(len, printed.splitlines()[:-1])) <= 80
    assert printed.count("(Shapley effect, 90 % intervals)") == 2
    assert "1.25 x as wide" in printed and "for a prior shifted by half its sd" in printed
    after = load_result(folder)
    assert after["prior"].identical(before["prior"])
    assert after["sensitivity"]["value"].dims == ("measure", "quantity", "input")
    assert after["sensitivity"]["quantity"].values.tolist() == ["total_footprint", "training_energy"]
    assert after["response"]["response"].sizes == {"quantity": 2, "input": 11, "slice": 10, "probability": 3}
    for name in ("ranking.png", "tornado.png", "response.png"):
        assert (folder / name).read_bytes().startswith(b"\x89PNG")
    code, printed, _ = call("plot", folder)
    assert code == 0 and "intervals.png  ranking.png  tornado.png  response.png" in printed


def test_rank_runs_the_scenario_where_the_result_is_of_another(call, tmp_path):
    file = tmp_path / "mine.toml"
    text = 'title = "mine"\npages = ["hardware"]\n[inputs]\nembodied_gpu = "hardware/a100-embodied"\n'
    text += 'embodied_server = "hardware/a100-server-embodied"\nutilisation = 0.5\nhardware_lifetime = "{} years"\n'
    file.write_text(text.format(4))
    call("run", file, "--output", tmp_path, "--quiet", "--no-plots", "--draws", "1000")
    file.write_text(text.format(5))
    of = ("--quantity", "embodied_gpu_per_hour", "--quantity", "embodied_network_per_gpu_hour")
    assert call("rank", file, *of, "--output", tmp_path)[0] == 0
    assert load_result(tmp_path / "mine").attrs["scenario_text"] == text.format(5)


def test_rank_as_json_prints_nothing_else(call, tmp_path):
    code, printed, _ = call("rank", "gpt4-iowa", "--json", "--output", tmp_path, "--no-plots")
    found = json.loads(printed)
    assert code == 0 and set(found) == {"sensitivity", "interval_reduction"}
    table = found["sensitivity"]["quantity"]["total_footprint"]["measure"]["shapley"]["input"]
    assert sum(item["value"] for item in table.values()) == pytest.approx(1)
    assert sorted(item["position"] for item in table.values()) == list(range(1, 12))
    assert [name for name, item in table.items() if item["p_value_vs_next"] is None] == [
        name for name, item in table.items() if item["position"] == 11
    ]


def test_rank_that_is_interrupted_gives_what_it_has(call, tmp_path, monkeypatch):
    @contextlib.contextmanager
    def bar(*_):
        def progress(task, share):
            if task == "sensitivity" and share == 0.5:
                os.kill(os.getpid(), signal.SIGINT)

        yield progress

    call("run", "gpt4-iowa", "--draws", 1000, "--quiet", "--no-plots", "--output", tmp_path)
    monkeypatch.setattr("simulator.cli.verbs.progress_bar", bar)
    code, printed, problem = call("rank", "gpt4-iowa", "--n-base", 2**16, "--no-plots", "--output", tmp_path)
    words = printed.replace("\n", " ")
    assert (code, problem) == (130, f"stopped; kept in {tmp_path}/gpt4-iowa: sensitivity\n")
    assert "Stopped after" in words and "of the design" in words
    assert "training_grid_intensity dominates the total footprint" in words
    done = load_result(tmp_path / "gpt4-iowa")["sensitivity"].attrs["done"]
    assert 0.5 <= done < 1  # a replicate more may end while the signal is on its way
    # The next ranking does not take it for a whole one.
    monkeypatch.undo()
    assert call("rank", "gpt4-iowa", "--n-base", 2**16, "--no-plots", "--quiet", "--output", tmp_path)[0] == 0
    assert load_result(tmp_path / "gpt4-iowa")["sensitivity"].attrs["done"] == 1


def test_rank_says_whether_it_is(call, tmp_path):
    options = ("--output", tmp_path, "--no-plots", "--n-base", 1024)
    assert "is not decided" not in call("rank", "gpt4-iowa", *options, "--budget", 10**7)[1]
    assert load_result(tmp_path / "gpt4-iowa")["sensitivity"].attrs["separated"] == 1
    printed = call("rank", "request-experts", *options, "--budget", 25_000)[1].replace("\n", " ")
    assert re.search(r"More than \d\d,\d{3} evaluations may decide it\.", printed) and "ranks first" not in printed
    # Without a budget or a base the design is doubled too, as far as a run's draws would cost.
    call("rank", "request-experts", "--output", tmp_path, "--no-plots")
    done = load_result(tmp_path / "request-experts")["sensitivity"].attrs
    assert done["n_base"] > 16_384 and done["evaluations"] <= 2_000_000


def test_check_draws_nothing(call, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code, printed, _ = call("check", "gpt4-iowa", "bloom-deployment")
    assert code == 0 and printed.count("valid:") == 2
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["run", "gpt4-iowa", "--draws", "many"], "is not a count such as 1_000_000 or 1e6"),
        (["run", "gpt4-iowa", "--draws", "0"], "must be at least 1"),
        (["run", "gpt4-iowa", "--draws", "-5"], "is not a count"),
        (["run", "gpt4-iowa", "--draws", "1.5"], "is not a count"),
        (["run", "gpt4-iowa", "--seed", "-1"], "is not a whole number"),
        (["run", "gpt4-iowa", "--threads", "0"], "Invalid value for '--threads'"),
        (["run", "gpt4-iowa", "--threads", "99999999"], "1024"),
        (["run", "gpt4-iowa", "--ci-kind", "ci"], "ci_kind: expected one of eti, hdi, got 'ci'"),
        (["run", "gpt4-iowa", "gpt4-iowa"], "two of the scenarios have this name"),
        (["run", "gpt4-iwoa"], "did you mean 'gpt4-iowa'?"),
        (["rank", "gpt4-iowa", "--quantity", "totl_footprint"], "did you mean 'total_footprint'?"),
        (["rank", "gpt4-iowa", "--method", "best"], "method: expected one of sobol, shapley"),
        (["rank", "gpt4-iowa", "--n-base", "1"], "n_base: expected a whole number from 1,024 to 4,194,304, got 1"),
        (["plot", "nowhere"], "no result here"),
        (["frobnicate"], "No such command"),
    ],
)
def test_bad_arguments_end_with_code_2_and_say_what_to_do(call, tmp_path, monkeypatch, arguments, words):
    monkeypatch.chdir(tmp_path)
    code, _, problem = call(*arguments)
    assert code == 2 and words in problem and "Traceback" not in problem
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("given", "key"),
    [
        ("0", "zero.toml: inputs.utilisation"),
        ('"mine/never"', "priors/mine.toml: never"),
        ("{ prior = 'mine/never', as = 'x' }", "priors/mine.toml: never"),
    ],
)
def test_a_division_by_zero_names_the_input_its_file_and_its_key(call, tmp_path, monkeypatch, given, key):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "priors").mkdir()
    prior = 'distribution = "discrete"\nvalues = [0, 0.5]\nsource = "judgement"\nnote = "mine"\n'
    (tmp_path / "priors" / "mine.toml").write_text(f"[never]\n{prior}")
    text = (shipped_folder("scenarios") / "article-gpt4-iowa.toml").read_text(encoding="utf-8")
    (tmp_path / "zero.toml").write_text(text.replace("utilisation = 0.85", f"utilisation = {given}"))
    code, _, problem = call("run", "zero.toml")
    assert code == 1 and problem.count("\n") == 1
    assert problem.endswith(f"is not a finite number in some draws: utilisation can be 0 ({key})\n")
    assert not (tmp_path / "outputs").exists()


def test_it_runs_as_a_program_from_an_empty_folder(tmp_path):
    done = simulator("run", "scenarios/gpt4-quebec.toml", "--draws", "1e5", "--threads", 1, cwd=tmp_path)
    assert done.returncode == 0 and done.stderr == ""
    assert (tmp_path / "outputs" / "gpt4-quebec" / "result.nc").exists()
    assert simulator("--help").stdout.count("\n") > 10


@pytest.mark.parametrize("width", [40, 60, 80])
def test_a_name_in_a_list_of_priors_is_never_broken(width):
    environment = {**os.environ, "COLUMNS": str(width)}
    command = [sys.executable, "-m", "simulator", "priors", "energy"]
    printed = subprocess.run(command, capture_output=True, text=True, env=environment, check=True).stdout
    assert "serving/bloom-api-energy-" in printed and max(map(len, printed.splitlines())) <= width
    assert all("/" in line.split()[0] for line in printed.splitlines()[1:])


def test_a_search_without_a_hit_names_what_is_nearest(call):
    code, _, problem = call("priors", "zone", "ireland")
    assert code == 2 and problem == (
        "zone ireland: no prior of the library contains all of these words; nearest is 'country/irl'\n"
    )


def test_a_library_of_ones_own_comes_first(call, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "priors").mkdir()
    own = 'distribution = "fixed"\nvalue = 100\nunit = "g/kWh"\nsource = "judgement"\nnote = "mine"\n'
    (tmp_path / "priors" / "grid.toml").write_text(f"[us-ia]\n{own}")
    assert call("run", "gpt4-iowa", "--draws", "1000", "--quiet", "--no-plots")[0] == 0
    prior = load_result(tmp_path / "outputs" / "gpt4-iowa")["constant_data"]["training_grid_intensity"]
    assert float(prior) == 0.1 and prior.attrs["note"] == "mine"
    # The rest of the library is still there.
    assert call("check", "gpt4-quebec")[0] == 0


def test_a_full_device_and_a_reader_that_leaves_are_no_traceback():
    command = [sys.executable, "-m", "simulator", "check", "gpt4-iowa"]
    with open("/dev/full", "w") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert (done.returncode, done.stderr) == (1, "cannot print: No space left on device\n")
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(command, stdout=write, stderr=subprocess.PIPE, text=True, check=False)
    os.close(write)
    assert (done.returncode, done.stderr) == (1, "")


def test_where_nothing_can_be_written_is_said_before_anything_is_drawn(call, tmp_path):
    (tmp_path / "file").write_text("x")
    for verb in (["run"], ["rank"], ["compare", "gpt4-quebec"], ["backtest"]):
        what = "published" if verb == ["backtest"] else "gpt4-iowa"
        for folder in (tmp_path / "file", tmp_path / ("x" * 300)):
            code, printed, errors = call(verb[0], what, *verb[1:], "--output", folder)
            assert (code, printed) == (1, "") and errors.startswith("cannot write to "), errors
            assert "Traceback" not in errors  # and not even a title, which is printed before the first draw
    assert (tmp_path / "file").read_text() == "x"


def test_a_folder_is_of_one_scenario_as_it_is_now(call, tmp_path):
    """What another verb, or an older text, left in it is written anew or taken away."""
    text = (shipped_folder("scenarios") / "gpt4-iowa.toml").read_text(encoding="utf-8")
    scenario, folder = tmp_path / "mine.toml", tmp_path / "out" / "mine"
    scenario.write_text(text, encoding="utf-8")
    options = (scenario, "--output", tmp_path / "out")
    assert call("rank", *options, "--n-base", 1024)[0] == 0
    assert {"tornado.png", "response.png", "intervals.png", "ledger.md", "summary.json"} <= set(os.listdir(folder))
    scenario.write_text(text.replace('"GPT-4, trained in Iowa"', '"Another"'), encoding="utf-8")
    assert call("run", *options, "--draws", "2e4", "--no-plots")[0] == 0
    assert set(os.listdir(folder)) == {"result.nc", "ledger.md", "summary.json"}
    scenario.write_text(text.replace('"GPT-4, trained in Iowa"', '"A third"'), encoding="utf-8")
    assert call("rank", *options, "--n-base", 1024, "--no-plots")[0] == 0
    assert "A third" in (folder / "ledger.md").read_text(encoding="utf-8")
    assert json.loads((folder / "summary.json").read_text(encoding="utf-8"))["title"] == "A third"


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "latin-1"])
@pytest.mark.parametrize(
    "arguments", [("run", "request-small", "--draws", "1e4"), ("cite", "gpt4-iowa"), ("priors", "show", "grid/us-ia")]
)
def test_an_output_that_lacks_letters_gets_ascii_in_their_place(tmp_path, encoding, arguments):
    """A pipe on Windows takes cp1252."""
    command = [sys.executable, "-m", "simulator", *arguments]
    done = subprocess.run(
        command, cwd=tmp_path, env={**os.environ, "PYTHONIOENCODING": encoding}, capture_output=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, b"")
    text = done.stdout.decode(encoding)
    if arguments[0] == "run":
        assert "#####" in text and "MCSE  share" in text
        assert (tmp_path / "outputs" / "request-small" / "result.nc").exists()


def test_a_closed_output_and_a_reader_that_leaves_lose_nothing(tmp_path):
    run = f"{sys.executable} -m simulator run request-small --draws 1e4 --no-plots --output"
    for name, shell in (("closed", f"{run} closed >&-"), ("left", f"{run} left | head -1")):
        done = subprocess.run(["bash", "-c", shell], cwd=tmp_path, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, "")
        assert (tmp_path / name / "request-small" / "result.nc").exists()
    check = f"{sys.executable} -m simulator check"
    for shell, code in ((f"{check} gpt4-iowa >&- 2>&-", 0), (f"{check} nothing >&- 2>&-", 2)):
        assert subprocess.run(["bash", "-c", shell], cwd=tmp_path, check=False).returncode == code


def test_a_name_that_is_not_text_is_escaped(call, tmp_path):
    """A file system takes any bytes as a name, a result only text."""
    folder, out = Path(os.fsdecode(os.fsencode(tmp_path) + b"/m\xe9")), tmp_path / "out"
    folder.mkdir()
    file = folder / os.fsdecode(b"caf\xe9.toml")
    for path, name in ((file, "gpt4-iowa"), (folder / "two.toml", "gpt4-quebec")):
        path.write_bytes((shipped_folder("scenarios") / f"{name}.toml").read_bytes())
    for verb, what in (("run", file), ("compare", folder)):
        assert call(verb, what, "--draws", "1e3", "--output", out, "--no-plots", "--quiet")[0] == 0
    assert load_result(out / r"caf\udce9").attrs["name"] == r"caf\udce9"
    assert list(out.glob("compare-m*/comparison.nc"))


@pytest.mark.parametrize("verb", ["run", "check"])
def test_a_verb_imports_neither_dask_nor_pint_where_it_needs_none(tmp_path, verb):
    options = ["--draws", "1000", "--output", str(tmp_path)] if verb == "run" else []
    program = "import sys; from simulator.cli.app import command_line; code = command_line(); print([*sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", program, verb, "gpt4-iowa", *options], capture_output=True, text=True
    )
    modules = ast.literal_eval(done.stdout.splitlines()[-1])
    assert "numpy" in modules and not {"dask", "pint", "matplotlib.pyplot"}.intersection(modules)
