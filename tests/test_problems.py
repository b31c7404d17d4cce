"""`check` tells every problem of a file at once, and none that only another one of them makes."""

import pytest

from simulator import load_scenario
from simulator.errors import InputError
from simulator.priors import shipped_folder
from tests import own_page_module
from tests.test_scenario import INTENSITY, SMALL, TOP, days, problems, reference, scenario, uniform, write

__all__ = ["write"]  # a fixture

HERE = "inputs.deployment_days"
IOWA = shipped_folder("scenarios").joinpath("gpt4-iowa.toml").read_text(encoding="utf-8")
UNCERTAIN = '{{ distribution = "uniform", low = 17, high = 18, unit = "{}" }}'
GIVEN = {**SMALL, "deployment_days": '"18 kg"', "requests_per_hour": UNCERTAIN.format("1/hour")}
WRONG_REST = {
    "inputs": "[inputs]\n"
    + "".join(f"{key} = {value}\n" for key, value in GIVEN.items())
    + 'requests_per_hours = "1/hour"\n',
    "tail": reference(quantity='"total_footprnt"')
    + '[[observed]]\nquantity = "total_footprint"\nvalue = "0 kg"\nsource = { title = "A" }\n'
    + '[[correlations]]\nbetween = ["requests_per_hour", "deployment_dais"]\nrank = 0.5\n'
    + '[groups]\npair = ["deployment_dais"]\n',
}


def test_every_kind_of_problem_of_one_file_is_told_at_once(write):
    text = "titel = 1\n" + TOP + WRONG_REST["inputs"] + WRONG_REST["tail"]
    found = problems(write(text.replace('deployment_reported_footprint = "19 kg/day"\n', "")))
    assert set(found) == {
        "titel",
        "inputs.deployment_days",
        "inputs.deployment_reported_footprint",
        "inputs.requests_per_hours",
        "references.1.quantity",
        "observed.1.value",
        "correlations.1.between",
        "groups.pair",
    }
    assert "no prior" in found["inputs.deployment_reported_footprint"][0]


@pytest.mark.parametrize("pages", ['["deployment_requests", "deployment_reportd", "total"]', '"total"', "[1]"])
def test_wrong_pages_hide_no_wrong_input_and_make_none(pages, write):
    """What the page that lacks may use, compute or need is not told of: only what is wrong whatever it is."""
    top = f'title = "small"\npages = {pages}\n'
    found = problems(write(top + WRONG_REST["inputs"] + WRONG_REST["tail"]))
    assert {key.partition(".")[0] for key in found if key.startswith("pages")} == {"pages"}
    assert {key for key in found if not key.startswith("pages")} == {"inputs.deployment_days"}
    assert "wrong dimension" in found["inputs.deployment_days"][0]


def test_an_input_that_no_page_computes_is_missing_whatever_page_lacks(write):
    found = problems(write('title = "x"\npages = ["hardware", "trainig"]\n[inputs]\nembodied_gpu = "150 kg"\n'))
    assert set(found) == {"pages", "inputs.hardware_lifetime", "inputs.utilisation"}


def test_a_page_of_ones_own_that_is_wrong_hides_nothing_and_makes_nothing(write, tmp_path):
    write("def f(x1):\n    return x1\n", "mine.py")
    path = write(scenario(deployment_days='"18 kg"', x1="1"))
    with pytest.raises(InputError) as caught:
        load_scenario(path, tmp_path / "mine.py")
    assert {problem.key for problem in caught.value.problems} == {"f", HERE}
    assert {problem.file for problem in caught.value.problems} == {str(path), str(tmp_path / "mine.py")}


def test_a_page_that_fails_is_told_beside_a_wrong_input(write, tmp_path):
    page = "from simulator.units import one\ndef f(x1: one) -> one:\n    return x1 if x1 > 1 else 1.0\n"
    write(page, "mine.py")
    path = write(scenario(deployment_days='"18 kg"', x1='{ distribution = "uniform", low = 1, high = 2 }'))
    with pytest.raises(InputError) as caught:
        load_scenario(path, [tmp_path / "mine.py"])
    assert {problem.key for problem in caught.value.problems} == {"f", HERE}


LISTS, TEXTS = ("references", "observed", "correlations"), ("title", "description")
WRONG_TYPES = [
    *((key, wrong) for key in LISTS for wrong in ('"x"', "1", "[1]")),
    *((key, wrong) for key in TEXTS for wrong in ("[]", "1", "{ a = 1 }")),
    *(("groups", wrong) for wrong in ('"x"', "1", "[]", "{ pair = 1 }")),
]


@pytest.mark.parametrize(("key", "wrong"), WRONG_TYPES)
def test_a_key_of_the_wrong_type_hides_nothing_else(key, wrong, write):
    top = TOP.replace('title = "small"\n', "") if key == "title" else TOP
    found = problems(write(f"{key} = {wrong}\n" + top + WRONG_REST["inputs"]))
    assert {part.split(".")[0] for part in found} == {key, "inputs"}
    assert {HERE, "inputs.requests_per_hours"} < set(found)


def test_a_misspelt_table_is_read_as_the_one_that_it_means(write):
    assert set(problems(write(IOWA.replace("[inputs]", "[input]")))) == {"input"}
    found = problems(write(IOWA.replace("[inputs]", "[input]").replace('gpu_tdp = "', 'gpu_tpd = "')))
    assert found["input"] == ["unknown key; did you mean 'inputs'?"]
    found = problems(write(days('"18 kg"').replace("[inputs]", "[input]").replace("pages", "page")))
    assert set(found) == {"input", "page", HERE}


def correlations(table, **inputs):
    return scenario(tail=f"[[correlations]]\n{table}", **inputs)


BOTH = {"deployment_days": UNCERTAIN.format("day"), "requests_per_hour": UNCERTAIN.format("1/hour")}
PAIR = 'between = ["deployment_days", "requests_per_hour"]\n'
MISSPELT = 'between = ["deployment_dais", "requests_per_hour"]\n'
TABLES = {
    "a rank and a name": (MISSPELT + "rank = 1.5\n", {"1.rank", "1.between"}),
    "a rank and a second table": (
        PAIR + f"rank = 1.5\n[[correlations]]\n{MISSPELT}rank = 0.5\n",
        {"1.rank", "2.between"},
    ),
    "no way and a name": (MISSPELT, {"1", "1.between"}),
    "too many loadings and a name": (MISSPELT + "loadings = [0.5, 0.5, 0.5]\n", {"1.loadings", "1.between"}),
    "a key and a name": (MISSPELT + "rank = 0.5\nsorce = 1\n", {"1.sorce", "1.between"}),
    "a misspelt rank": (PAIR + "rnk = 0.5\n", {"1.rnk"}),
    "names of the wrong type": ("between = [1, 2]\nrank = 7\n", {"1.between", "1.rank"}),
}


@pytest.mark.parametrize("case", TABLES)
def test_all_problems_of_a_table_of_correlations(case, write):
    table, keys = TABLES[case]
    found = problems(write(correlations(table, **BOTH)))
    shown = {key.removesuffix(".1").removesuffix(".2") if "between." in key else key for key in found}
    assert shown == {f"correlations.{key}" for key in keys}


def test_an_input_that_is_wrong_is_no_unknown_name_for_correlations_and_groups(write):
    inputs = {**BOTH, "deployment_days": '{ prior = "grid/us-i", as = "mine" }'}
    tail = f"[[correlations]]\n{PAIR}rank = 0.5\n" + '[groups]\nboth = ["deployment_days", "requests_per_hour"]\n'
    assert set(problems(write(scenario(tail=tail, **inputs)))) == {f"{HERE}.prior"}
    other = tail.replace('"deployment_days"', '"grid/us-i as mine"', 1)
    assert set(problems(write(scenario(tail=other, **inputs)))) == {f"{HERE}.prior"}
    misspelt = tail.replace('"deployment_days"', '"deployment_dais"')
    assert set(problems(write(scenario(tail=misspelt, **inputs)))) == {
        f"{HERE}.prior",
        "correlations.1.between",
        "groups.both",
    }


PRIORS = {
    "unit, bounds, note": (
        uniform('bounds = [18, 17], source = "judgement"').replace('"day"', '"dais"', 1),
        {"unit", "bounds", "note"},
    ),
    "bounds and no note": (uniform('bounds = [18, 17], source = "judgement"'), {"bounds", "note"}),
    "parameters and bounds": (uniform("bounds = [18, 17]").replace("low = 17", "low = 19"), {"", "bounds"}),
    "parameters, unit, note": (
        uniform('source = "judgement"').replace("low = 17", "low = 19").replace('unit = "day"', 'unit = "dais"'),
        {"", "unit", "note"},
    ),
    "a misspelt parameter that is wrong too": (
        days('{ distribution = "uniform", low = 19, hihg = 18, unit = "day" }'),
        {"", "hihg"},
    ),
    "no family, unit, note": (
        days('{ low = 1, unit = "dais", source = "judgement" }'),
        {"distribution", "unit", "note"},
    ),
    "an alias and a parameter": (uniform('as = ""').replace("low = 17", "low = 19"), {"as", ""}),
    "an alias, a key and a prior": (days('{ prior = "grid/us-i", as = "", x = 1 }'), {"as", "prior", "x"}),
    "a note of the wrong type": (uniform('source = "judgement", note = 1'), {"note"}),
    "components": (
        days(
            '{ distribution = "mixture", unit = "day", note = 1, components = [{ prior = "grid/x", weight = "1" },'
            ' { distribution = "uniform", low = 2, high = 1, weight = 1 }] }'
        ),
        {"note", "components.1.weight", "components.1.prior", "components.2"},
    ),
}


@pytest.mark.parametrize("case", PRIORS)
def test_all_problems_of_the_table_of_a_prior(case, write):
    text, keys = PRIORS[case]
    assert set(problems(write(text))) == {f"{HERE}.{key}".removesuffix(".") for key in keys}


def test_all_problems_of_a_prior_of_a_library(write):
    text = (
        INTENSITY.format("us-ia", 2, 1).split("source")[0].replace("g/kWh", "g/kwh") + "bounds = [3, 2]\nscope = 1\n"
    )
    write(text, "priors/grid.toml")
    with pytest.raises(InputError) as caught:
        load_scenario(write(IOWA))
    assert {problem.key for problem in caught.value.problems} == {
        "us-ia",
        "us-ia.bounds",
        "us-ia.scope",
        "us-ia.source",
        "us-ia.unit",
    }


def test_a_wrong_correlation_of_the_library_hides_nothing(write):
    write('[[correlations]]\nbetween = ["a/b"]\n', "priors/correlations.toml")
    with pytest.raises(InputError) as caught:
        load_scenario(write(days('"18 kg"')))
    assert {problem.key for problem in caught.value.problems} == {HERE, "correlations.1.between"}


def test_one_page_needs_no_list(tmp_path):
    wet = load_scenario("gpt4-iowa", pages="impact_water")
    assert "training_water_intensity" in wet.inputs
    path = tmp_path / "model.toml"
    inputs = "".join(f'x{i} = {{ distribution = "uniform", low = 1, high = 2 }}\n' for i in (1, 2, 3))
    path.write_text(f'title = "x"\n[inputs]\n{inputs}')
    assert load_scenario(path, own_page_module).reported == ("sum_of_squares",)
    page = "from simulator.units import one\ndef f(x1: one, x2: one, x3: one) -> one:\n    return x1 + x2 + x3\n"
    (tmp_path / "mine.py").write_text(page)
    for pages in (tmp_path / "mine.py", str(tmp_path / "mine.py")):
        assert load_scenario(path, pages).reported == ("f",)


def test_a_file_of_thousands_of_problems_tells_some_of_each_part(write):
    """Each may need a look at all names for the one that is meant, so that all would take minutes."""
    names = [[f'"deployment_day_{i}_{j}"' for j in range(100)] for i in range(40)]
    groups = "[groups]\n" + "".join(f"g{i} = [{', '.join(row)}]\n" for i, row in enumerate(names))
    tables = "".join(f"[[correlations]]\nbetween = [{', '.join(row)}]\nrank = 0.5\n" for row in names)
    found = problems(write(scenario(deployment_days='"18 kg"', tail=tables + groups)))
    number = {part: sum(len(found[key]) for key in found if key.startswith(part)) for part in ("corr", "groups")}
    assert number["groups"] == 100 and 100 <= number["corr"] <= 202 and HERE in found


def load_wide(folder, names, *tables):
    """Load a scenario of a sum of uniform inputs, with tables of correlations: the names and what is said of them."""
    page = f"from simulator.units import one\ndef f({': one, '.join(names)}: one) -> one:\n    return "
    (folder / "mine.py").write_text(f"{page}{' + '.join(names)}\n")
    inputs = "".join(f'{name} = {{ distribution = "uniform", low = 1, high = 2 }}\n' for name in names)
    tail = "".join(f"[[correlations]]\nbetween = {list(between)}\n{said}\n" for between, said in tables)
    (folder / "model.toml").write_text(f'title = "x"\n[inputs]\n{inputs}{tail}')
    return load_scenario(folder / "model.toml", folder / "mine.py")


LOADINGS = f"loadings = {[0.5] * 50}"


def test_pairs_that_two_tables_correlate_are_told_up_to_a_number(tmp_path):
    names = [f"x{i}" for i in range(50)]
    with pytest.raises(InputError) as caught:
        load_wide(tmp_path, names, (names, LOADINGS), (names, LOADINGS))
    assert {problem.key for problem in caught.value.problems} == {"correlations.2"}
    assert len(caught.value.problems) == 100


def test_so_many_inputs_may_depend_on_each_other(tmp_path):
    names = [f"x{i}" for i in range(101)]
    tables = ((names[:50], LOADINGS), (names[50:100], LOADINGS), ((names[0], names[50]), "rank = 0.1"))
    (correlated,) = load_wide(tmp_path, names, *tables).correlations
    assert len(correlated.names) == 100
    with pytest.raises(InputError, match="101 inputs depend on each other; at most 100 are taken"):
        load_wide(tmp_path, names, *tables, ((names[0], names[100]), "rank = 0.1"))
