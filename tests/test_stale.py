"""What a folder holds is of one scenario as it is now: what is stale is made anew or left out."""

import pytest

from simulator import load_result
from simulator.cli import command_line

EMPIRICAL = '{ distribution = "empirical", file = "d.csv", column = "w", unit = "kg" }'
STALE = f"""
title = "mine"
pages = ["hardware"]
[inputs]
embodied_gpu = {EMPIRICAL}
embodied_server = "hardware/a100-server-embodied"
hardware_lifetime = {{ distribution = "uniform", low = 4, high = 6, unit = "year" }}
utilisation = 0.5
"""


@pytest.fixture
def called(monkeypatch):
    def call(*arguments):
        monkeypatch.setattr("sys.argv", ["simulator", *arguments])
        assert command_line() == 0

    return call


@pytest.fixture
def mine(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.toml").write_text(STALE, encoding="utf-8")
    (tmp_path / "d.csv").write_text("w\n100\n110\n120\n", encoding="utf-8")
    return tmp_path


@pytest.fixture
def ranked(mine, called):
    def rank(*options):
        called("rank", "mine.toml", "--n-base", "1024", "--quiet", *options)
        return load_result("outputs/mine")

    return rank


def test_a_ranking_replaces_all_of_another_ranking(mine, ranked):
    groups = {"sensitivity", "interval_reduction", "local", "response"}
    first = ranked("--quantity", "embodied_network_per_gpu_hour")
    assert groups <= set(first.children) and (mine / "outputs/mine/tornado.png").exists()
    again = ranked("--quantity", "lifetime_hours")  # of one uncertain input, so that there is nothing to rank
    assert groups & set(again.children) == {"sensitivity"}
    assert not (mine / "outputs/mine/tornado.png").exists()


def test_a_ranking_draws_anew_where_a_data_file_or_the_library_says_otherwise(mine, ranked):
    of = ("--quantity", "embodied_network_per_gpu_hour", "--no-plots")
    assert ranked(*of)["prior"]["embodied_gpu"].max() == 120
    (mine / "d.csv").write_text("w\n1000\n1100\n1200\n", encoding="utf-8")
    assert ranked(*of)["prior"]["embodied_gpu"].max() == 1200
    (mine / "priors").mkdir()
    (mine / "priors" / "correlations.toml").write_text(
        '[[correlations]]\nbetween = ["hardware/a100-embodied", "hardware/a100-server-embodied"]\nrank = 0.1\n',
        "utf-8",
    )
    (mine / "mine.toml").write_text(STALE.replace(EMPIRICAL, '"hardware/a100-embodied"'), "utf-8")
    assert "embodied_gpu and embodied_server 0.10" in ranked(*of).attrs["correlations"]
    (mine / "priors" / "correlations.toml").unlink()
    assert "embodied_gpu and embodied_server 0.59" in ranked(*of).attrs["correlations"]


def test_a_ranking_keeps_the_draws_and_the_settings_of_the_run(mine, ranked, called):
    called("run", "mine.toml", "--draws", "20000", "--keep", "500", "--ci-kind", "hdi", "--quiet")
    of = ("--quantity", "embodied_network_per_gpu_hour", "--no-plots")
    stored = load_result("outputs/mine")
    assert ranked(*of)["prior"].attrs == stored["prior"].attrs
    (mine / "mine.toml").write_text(f"{STALE}# a comment\n", encoding="utf-8")
    redone = ranked(*of)
    assert redone.attrs["draws"] == 20_000 and redone["prior"].sizes["draw"] == 500
    assert redone["intervals"].attrs["ci_kind"] == "hdi"


def test_a_run_keeps_what_a_ranking_of_the_same_scenario_made(mine, called):
    called("rank", "gpt4-iowa", "--n-base", "1024", "--quiet")
    called("run", "gpt4-iowa", "--draws", "20000", "--quiet")
    assert {"local", "response"} <= set(load_result("outputs/gpt4-iowa").children)
    assert (mine / "outputs/gpt4-iowa/tornado.png").exists()
    called("run", "gpt4-iowa", "--draws", "20000", "--seed", "2", "--quiet")
    assert not (mine / "outputs/gpt4-iowa/tornado.png").exists()
