"""The ledger: nothing assumed is left out, works are named once, and text of files stays text."""

import json
import re

import pytest

from simulator.cli import command_line
from simulator.present.ledger import citations, ledger_markdown, on_judgement, source_of
from simulator.priors import library_beside, shipped_folder
from simulator.results import load_result
from simulator.results.schema import every_input
from simulator.scenario import load_scenario

SCENARIOS = sorted(path.stem for path in shipped_folder("scenarios").glob("*.toml"))


@pytest.fixture
def call(monkeypatch, capsys):
    """Run the program for its exit code and what it prints, 80 columns wide."""

    def run(*arguments):
        monkeypatch.setattr("sys.argv", ["simulator", *map(str, arguments)])
        monkeypatch.setenv("COLUMNS", "80")
        code = command_line()
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return run


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_ledger_names_every_input_with_its_prior_and_every_work_once(name):
    scenario = load_scenario(name)
    text = ledger_markdown(scenario)
    for key, item in scenario.inputs.items():
        (row,) = re.findall(rf"^\| {key} \| (.*) \|$", text, re.MULTILINE)
        words = item.prior.description.replace("*", r"\*")
        assert row.startswith(words) and f" | {item.origin}" in row
        for source in item.prior.sources:
            assert any(key in citation.used_by and citation.text for citation in citations(scenario)), source
    cited = [citation.text for citation in citations(scenario)]
    assert len(cited) == len(set(cited))
    identifiers = [found for text in cited for found in re.findall(r"(?:arXiv|doi):\S+", text)]
    assert len(identifiers) == len(set(identifiers))
    references = text.split("## References\n\n")[1].splitlines()
    assert [line.split(". ")[0] for line in references] == [str(place) for place in range(1, len(cited) + 1)]


def test_an_input_without_a_work_is_said_to_be_without():
    scenario = load_scenario("gpt4-iowa")
    assert on_judgement(scenario) == [name for name, item in scenario.inputs.items() if not item.prior.sources]
    assert "training_development_ratio" in on_judgement(scenario)


def test_the_result_and_its_summary_carry_the_ledger(call, tmp_path):
    assert call("run", "gpt4-iowa", "--draws", 1000, "--no-plots", "--quiet", "--output", tmp_path)[0] == 0
    scenario = load_scenario("gpt4-iowa")
    folder = tmp_path / "gpt4-iowa"
    assert (folder / "ledger.md").read_text(encoding="utf-8") == ledger_markdown(scenario)
    stored = every_input(load_result(folder))
    summary = json.loads((folder / "summary.json").read_text())
    assert set(stored) == set(summary["inputs"]) == set(scenario.inputs)
    for name, item in scenario.inputs.items():
        for about in (stored[name].attrs, summary["inputs"][name]):
            assert about["prior"] == f"{item.prior.description} [{item.prior.unit}]"
            assert (about["origin"], about["basis"], about["scope"]) == (
                item.origin,
                item.prior.basis,
                item.prior.scope,
            )
            assert about["source"] == "; ".join(map(str, item.prior.sources))
    assert summary["correlations"] == [group.description for group in scenario.correlations]


def test_text_of_a_file_stays_text_in_the_ledger(tmp_path):
    file = tmp_path / "mine.toml"
    file.write_text(
        """title = "a <script> | `b` [c](d)"
pages = ["hardware"]
[inputs]
embodied_gpu = { distribution = "fixed", value = 1, unit = "kg", source = "judgement", note = "x | y\\n\\n# z <b>" }
embodied_server = "hardware/a100-server-embodied"
hardware_lifetime = "5 years"
utilisation = 0.5
"""
    )
    text = ledger_markdown(load_scenario(file))
    assert "<script>" not in text and "<b>" not in text
    assert r"a &lt;script> \| \`b\` \[c\](d)" in text
    assert "\n- **embodied_gpu**: x \\| y # z &lt;b>\n" in text


def test_cite_prints_every_work_with_what_rests_on_it(call):
    code, printed, _ = call("cite", "gpt4-iowa")
    assert code == 0 and max(map(len, printed.splitlines())) <= 80
    flat, letters = " ".join(printed.split()), "".join(printed.split())  # a long address goes on in the next line
    for citation in citations(load_scenario("gpt4-iowa")):
        assert "".join(citation.text.split()) in letters
    assert flat.count("arXiv:2211.02001") == 1
    assert "Inputs without a cited work: embodied_building_ratio, training_development_ratio" in flat
    code, _, problem = call("cite", "gpt4-iowaa")
    assert code == 2 and "did you mean 'gpt4-iowa'?" in problem


def test_priors_lists_every_prior_and_searches_all_that_is_said_of_them(call):
    _, printed, _ = call("priors")
    names = library_beside(shipped_folder("scenarios") / "x.toml").names()
    shown = set(printed.split())
    assert all(name.split("/")[1] in shown for name in names)
    code, printed, _ = call("priors", "Iowa", "GRID")
    assert code == 0 and "grid/us-ia" in printed and "255 – 698" in printed and "gCO2e/kWh" in printed
    assert "grid/ca-qc" not in printed
    code, printed, problem = call("priors", "no-such-thing")
    assert (code, printed) == (2, "")
    assert problem == "no-such-thing: no prior of the library contains all of these words\n"


def test_priors_show_prints_all_that_is_known_of_one(call, tmp_path):
    code, printed, _ = call("priors", "show", "hardware/host-overhead")
    assert code == 0 and max(map(len, printed.splitlines())) <= 80
    flat = " ".join(printed.split())
    assert "1.22 1.34 1.45 1.61 1.92" in flat and "lognormal (shift 1, p05 1.22, p95 1.92, within 1.1 to 2.5)" in flat
    assert "matches the 2 given quantiles" in flat and "arXiv:2506.14551" in flat and "judgement" in flat
    assert "correlated with hardware/power-fraction-training (rank -0.5)" in flat
    _, printed, _ = call("priors", "show", "hardware/a100-embodied")
    prior, flat = (
        library_beside(shipped_folder("scenarios") / "x.toml").find("hardware/a100-embodied"),
        printed.split(),
    )
    values, sources = str(prior.record.values), str(prior.record.sources)
    assert (
        " ".join(flat).count(f"record fitted to {values} values of {sources} sources (evidence/gpu_embodied.csv)")
        == 1
    )
    code, printed, _ = call("priors", "show", "hardware/a100-embodied", "--plot", "--output", tmp_path)
    assert code == 0 and (tmp_path / "priors" / "hardware-a100-embodied.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("show", "hardware/a100-embodid"), "did you mean 'hardware/a100-embodied'?"),
        (("show", "../../etc/passwd"), "no prior of this name"),
        (("show",), "show takes one name"),
        (("show", "a/b", "c/d"), "show takes one name"),
        (("iowa", "--plot"), "is only for show"),
    ],
)
def test_priors_says_what_it_cannot_show(call, arguments, said):
    code, printed, problem = call("priors", *arguments)
    assert (code, printed) == (2, "") and said in problem and "Traceback" not in problem


def test_the_library_beside_comes_first_and_a_bad_file_of_it_is_named(call, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "priors").mkdir()
    mine = tmp_path / "priors" / "grid.toml"
    mine.write_text(
        '[us-ia]\ndistribution = "fixed"\nvalue = 1\nunit = "g/kWh"\nsource = "judgement"\nnote = "mine"\n'
    )
    assert "fixed (value 1)" in call("priors", "show", "grid/us-ia")[1]
    mine.write_text('[us-ia]\ndistribution = "fixed"\n')
    code, _, problem = call("priors", "show", "grid/us-ia")
    assert code == 2 and problem.startswith("priors/grid.toml: us-ia: fixed needs value")


@pytest.mark.parametrize("name", ["gpt4-iowa", "article-gpt4-iowa", "bloom-deployment"])
def test_the_priors_of_a_scenario_are_drawn_on_one_page(call, tmp_path, name):
    code, printed, _ = call("plot", "--priors", name, "--output", tmp_path)
    assert code == 0 and printed == f"wrote {tmp_path / name}/: priors.png\n"
    assert (tmp_path / name / "priors.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("docstring", "source"),
    [
        ("Energy (Smith 2020, doi:10.1/smith).", "Smith 2020, doi:10.1/smith"),
        ("Energy (ISO 14040)", "ISO 14040"),
        ("Energy (de Vries 2023).", "de Vries 2023"),
        ("Energy (van der Ploeg et al. 2021).", "van der Ploeg et al. 2021"),
        ("Energy (d'Alembert 1743).", "d'Alembert 1743"),
        ("Energy (Çelik 2022).", "Çelik 2022"),
        ("Energy (our fit, doi:10.1/fit)", "our fit, doi:10.1/fit"),
        ("Energy (Joe and Kuo (2008), doi:10.1/joekuo).", "Joe and Kuo (2008), doi:10.1/joekuo"),
        ("Energy (in all) of a day (Jones 2021, doi:10.1016/S01(99)04-X).", "Jones 2021, doi:10.1016/S01(99)04-X"),
        ("Energy on two\n    lines (Jones\n    2021).\n\n    More of it (in words).", "Jones 2021"),
        ("Energy (sum over stages).", ""),
        ("Manufacture (sum over GPUs).", ""),
        ("Waiting (queue M/G/∞; Takács 1962).", ""),
        ("Share (ratio)", ""),
        ("Energy (Scope 2) of electricity.", ""),
        ("Energy Smith 2020).", ""),
        ("Energy ().", ""),
        ("Energy.", ""),
        ("", ""),
    ],
)
def test_the_source_of_an_equation_is_what_its_last_brackets_hold(docstring, source):
    assert source_of(docstring) == source


def test_every_source_of_a_page_of_ones_own_is_cited(tmp_path):
    sources = {
        "a": "Smith 2020, doi:10.1/smith",
        "b": "de Vries 2023, doi:10.1016/j.joule.2023.09.004",
        "c": "Jones 2021, doi:10.1/jones",
        "d": "Joe and Kuo (2008), doi:10.1/joekuo",
    }
    equations = (
        f'def {name}(x: kg) -> kg:\n    """Mass ({source})"""\n    return 1.0 * x\n'
        for name, source in sources.items()
    )
    (tmp_path / "net.py").write_text("from simulator.units import kg\n\n" + "\n".join(equations), encoding="utf-8")
    (tmp_path / "m.toml").write_text('title = "t"\n[inputs]\nx = "3 kg"\n', encoding="utf-8")
    cited = citations(load_scenario(tmp_path / "m.toml", [tmp_path / "net.py"]))
    assert {citation.used_by: citation.text for citation in cited} == {
        (name,): text for name, text in sources.items()
    }
