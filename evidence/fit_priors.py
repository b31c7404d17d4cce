"""Fit the priors that rest on tables of evidence, print their record, and write them into the library.

    python evidence/fit_priors.py

`KINDS` says of each table which covariates matter and which priors it gives; `hierarchical.py` has the model. In the
files of the library the fit writes distribution, sources, basis and record of a prior; scope and note are by hand.
"""

import csv
import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import fit_grids
import fit_tokens
import numpy as np
import tomlkit
from hierarchical import EXCESS, LOG, ODDS, TAILS, Fitted, Kind, Record, Target, fit_all, odds_up_to
from scipy.stats import binom

from simulator.errors import InputError

PRIORS = Path(__file__).resolve().parents[1] / "priors"
ENOUGH = 3  # sources; with fewer the spread between them is that of other kinds
CONFIDENCE = 0.05  # of the tests of the record
MOST_WORKS = 100  # that a prior may cite
BY_HAND = ("scope", "note", "valid_for", "case")  # keys of a prior that are not of its fit
MOST_VALUES = 12  # of one work that are listed; of more the quantiles
with Path(__file__).with_name("works.csv").open(encoding="utf-8", newline="") as lines_of_works:
    WORKS = {row["identifier"]: row for row in csv.DictReader(lines_of_works)}


def pert(low: float, mode: float, high: float) -> dict[str, Any]:
    """Return the table of a prior that was replaced."""
    return {"distribution": "pert", "low": low, "mode": mode, "high": high}


def lognormal(p05: float, p95: float, bounds: tuple[float, float], **shift: float) -> dict[str, Any]:
    """Return the table of a prior that was replaced."""
    return {"distribution": "lognormal", **shift, "p05": p05, "p95": p95, "bounds": bounds}


def metalog(p05: float, p50: float, p95: float, low: float, high: float) -> dict[str, Any]:
    """Return the table of a prior that was replaced."""
    return {"distribution": "metalog", "p05": p05, "p50": p50, "p95": p95, "low": low, "high": high}


def gpu(key: str, names: tuple[str, ...], die: float, memory: float, before: dict[str, Any]) -> Target:
    """Return the prior of one accelerator: its die in cm2, its memory in GB, and its names in the table."""
    at = {"die_cm2": die, "memory_gb": memory}
    return Target(f"hardware/{key}-embodied", at, before, {"accelerator": names, "boundary": MODULE})


MODULE = ("module", "with-baseboard")
OVER_A_JOB = (
    "mean over a job",
    "mean over 93 runs, weighted by hours",
    "mean over the logged runs, weighted by hours",
    "median over batch sizes of the mean over a job",
    "mean of the readings above 100 W",
    "mean of a fleet",
)
BESIDE_THE_FINAL_RUN = (
    "experiments",
    "experiments and failed runs",
    "experiments and other variants",
    "ablations",
    "ablations, debugging and a failed run",
    "all research and development compute beside final runs",
)
KINDS: tuple[Kind, ...] = (
    Kind(
        "mfu",
        odds_up_to(0.75),
        (
            Target("training/mfu", {}, pert(0.2, 0.4, 0.55), {"generation": "ampere", "hours": "all"}),
            Target(
                "training/mfu-h100",
                {"generation": "hopper"},
                pert(0.2, 0.4, 0.55),
                {"generation": "hopper", "hours": "all", "architecture": "dense"},
            ),
            Target(
                "training/mfu-experts",
                {"generation": "hopper", "architecture": "experts", "active_parameters": 3e10},
                None,
                {"generation": "hopper", "architecture": "experts"},
            ),
        ),
        levels={"hours": "all", "architecture": "dense", "generation": "ampere"},
        numbers={"active_parameters": 7e10},
        name="model FLOP utilisation",
        note=(
            "Over all hours that the accelerators were taken; values of a run while it ran are told apart. "
            "Large matrix products reach about three quarters of the peak of data sheets, which bounds the "
            "values. The priors are for 7e10 active parameters, of mixtures of experts for 3e10."
        ),
    ),
    Kind(
        "development",
        LOG,
        (Target("training/development-ratio", {}, lognormal(0.25, 2.9, (0.05, 10))),),
        only={
            "counted": BESIDE_THE_FINAL_RUN,
            "domain": (
                "language models",
                "language and other models",
                "recommendation and other models",
                "earth observation",
            ),
        },
        name="development beside the final run",
        note=(
            "Experiments and failed runs over the final run. Other sizes and tuning after the run are other "
            "quantities."
        ),
    ),
    Kind(
        "training_power",
        ODDS,
        (Target("hardware/power-fraction-training", {}, pert(0.55, 0.82, 1.0)),),
        only={"job": "large", "statistic": OVER_A_JOB},
        name="power in training, large jobs",
        note=(
            "Mean power of an accelerator over its rating in a job that fills it. Peaks and quantiles of "
            "readings do not count."
        ),
    ),
    Kind(
        "training_power",
        ODDS,
        (Target("hardware/power-fraction-training-small", {}, pert(0.55, 0.82, 1.0)),),
        only={"job": "small", "statistic": OVER_A_JOB},
        name="power in training, small jobs",
        note=(
            "Small models, fine-tuning on few samples, and jobs that wait for their data. They had the prior "
            "of large jobs before."
        ),
    ),
    Kind(
        "serving_power",
        ODDS,
        (Target("hardware/power-fraction-serving", {}, pert(0.35, 0.7, 0.98)),),
        levels={"architecture": "dense", "software": "2025"},
        only={"load": "full"},
        cluster="family",
        name="power in serving, full load",
        note=(
            "One team measured most of the models, so that the source is the family of models: what is new is "
            "a model."
        ),
    ),
    Kind(
        "serving_power",
        ODDS,
        (Target("hardware/power-fraction-few-requests", {}, pert(0.2, 0.5, 0.9)),),
        levels={"architecture": "dense"},
        only={"load": "few"},
        cluster="family",
        name="power in serving, few requests",
        note=("At most eight requests at once. The source is the family of models."),
    ),
    Kind(
        "gpu_embodied",
        LOG,
        (
            gpu("v100", ("V100",), 8.15, 32, lognormal(45, 225, (15, 450))),
            gpu("a100", ("A100 SXM4 40GB", "A100 SXM4 80GB"), 8.26, 57, lognormal(70, 370, (25, 700))),
            gpu("h100", ("H100 SXM", "H100 SXM 80GB", "H100", "H100 80GB"), 8.14, 80, lognormal(110, 550, (60, 900))),
            gpu("h200", ("H200 SXM 141GB",), 8.14, 141, lognormal(150, 820, (90, 1300))),
            gpu("b200", ("B200 SXM",), 16, 180, lognormal(220, 800, (150, 1500))),
        ),
        numbers={"die_cm2": 8.26, "memory_gb": 80},
        only={"boundary": MODULE},
        name="embodied carbon of an accelerator",
        note=(
            "Whole modules; a die alone is another quantity, and assessments without die and memory do not count. "
            "ADEME's study, its model, Boavizta and Falk et al. share authors and data, and are one source. "
            "Boavizta's figures rest on a factor for memory that its source has since lowered fivefold. The A100 "
            "has 40 or 80 GB, and 57 is between."
        ),
    ),
    Kind(
        "server_embodied",
        LOG,
        (
            Target("hardware/v100-server-embodied", {"memory_tb": 0.768}, None, {"generation": "V100"}),
            Target(
                "hardware/a100-server-embodied",
                {"memory_tb": 1.0},
                lognormal(1500, 5800, (900, 9000)),
                {"generation": "A100"},
            ),
            Target(
                "hardware/h100-server-embodied",
                {"memory_tb": 2.0},
                lognormal(2600, 9600, (1500, 14000)),
                {"generation": ("H100", "H200")},
            ),
        ),
        numbers={"memory_tb": 2.0},
        only={"boundary": "host", "accelerators": "8"},
        name="embodied carbon of a host of eight accelerators",
        note=(
            "Without the accelerators, by its memory, which goes with the disks. Assessments far below 2.6 t "
            "are of machines with less memory, of semiconductors alone, or of no known configuration; the "
            "last two do not count."
        ),
    ),
    Kind(
        "cpu_server_embodied",
        LOG,
        (Target("hardware/cpu-server-embodied", {}, metalog(585, 1200, 2460, 400, 5000)),),
        name="embodied carbon of a server without accelerators",
        note=("Footprints by vendors and data bases, of small servers and of large ones."),
    ),
    Kind(
        "pue",
        EXCESS,
        (
            Target("facility/pue-hyperscaler", {"kind": "hyperscaler"}, lognormal(1.07, 1.24, (1.03, 1.5), shift=1)),
            Target("facility/pue-colocation", {"kind": "colocation"}, lognormal(1.2, 1.72, (1.1, 2.5), shift=1)),
            Target("facility/pue-academic", {"kind": "academic"}, lognormal(1.08, 1.5, (1.02, 2.0), shift=1)),
        ),
        levels={"kind": "hyperscaler", "scope": "site"},
        only={"scope": ("site", "region", "fleet"), "kind": ("hyperscaler", "colocation", "academic")},
        name="power usage effectiveness",
        note=(
            "Annual means of sites, regions and fleets; the priors are of a site. Values of a design and best "
            "sites do not count."
        ),
    ),
    Kind(
        "wue",
        LOG,
        (Target("facility/wue-onsite", {}, metalog(0.1, 0.35, 1.2, 0, 9)),),
        levels={"scope": "site"},
        only={"scope": ("site", "region", "fleet"), "cooling": ("", "mixed", "evaporative")},
        name="water usage effectiveness",
        note=("Sites that evaporate water. One with dry coolers uses next to none."),
    ),
    Kind(
        "ewif",
        LOG,
        (Target("facility/ewif-world", {}, metalog(1.3, 3.9, 8.5, 0.2, 12)),),
        only={"power": "mix"},
        cluster="region",
        name="water of electricity",
        note=("One source made most of the estimates, so that the place takes its part: what is new is a place."),
    ),
    Kind(
        "server_lifetime",
        LOG,
        (
            Target("hardware/lifetime-hyperscaler", {"kind": "hyperscaler"}, pert(3, 5, 7)),
            Target("hardware/lifetime-academic", {"kind": "academic"}, pert(3, 5, 8)),
        ),
        levels={"kind": "hyperscaler"},
        only={
            "what": ("observed", "accounting", "assumed in an LCA"),
            "equipment": ("server", "gpu server"),
            "kind": ("hyperscaler", "academic", "colocation"),
        },
        name="life of a server",
        note=(
            "Lives in accounts, as observed and as assessments assume them: they do not differ by more than their "
            "sources do."
        ),
    ),
)


def cited(row: Mapping[str, Any]) -> tuple[str, int, str]:
    """Return title, year and identifier of the work that a row comes from, as the library cites it.

    A remark in brackets and the way on which a figure came are not of the title, and the identifier is then that of
    the go-between. `works.csv` has the title of works that tables name by their parts, and works without identifier.
    """
    identifier, year = row["identifier"], int(row["year"])
    if identifier in WORKS:
        work = WORKS[identifier]
        return work["title"], int(work["year"] or year), identifier if work["keep"] == "yes" else ""
    title = re.sub(r" \([^)]*\)", "", row["source"])
    first, *rest = re.split(
        r"[,;] (?:through|quoted in|quoted by|quoted|copied|as quoted by|in the data of)\b ?", title
    )
    if rest and "," not in first:  # an operator alone: the go-between is the work
        return rest[0], year, identifier
    return re.sub(r"(report|Form 10-K) 20\d\d$", r"\1", first), year, "" if rest else identifier


def works(fitted: Fitted, target: Target) -> list[dict[str, Any]]:
    """Return the works of a fit as a prior cites them; values of rows like the target alone are the prior's own."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for row in fitted.rows:
        title, year, identifier = cited(row)
        entry = found.setdefault((title, identifier), {"title": title, "year": year})
        entry["year"] = max(entry["year"], year)
        entry |= {"identifier": identifier} if identifier else {}
        if target.is_of(row):
            entry["values"] = sorted({*entry.get("values", []), row["value"]})
    for entry in found.values():
        if len(values := entry.get("values", [])) > MOST_VALUES:
            quantiles = np.quantile(values, [0.05, 0.5, 0.95])
            entry |= {"values": [float(f"{value:.4g}") for value in quantiles]}
            entry["detail"] = f"5, 50 and 95 % of {len(values)} values"
    if len(found) > MOST_WORKS:
        raise ValueError(f"{target.prior} rests on {len(found)} works, a prior cites at most {MOST_WORKS}")
    return [found[key] for key in sorted(found)]


def basis(fitted: Fitted) -> str:
    """Return the weakest basis of the rows; a spread that is borrowed is a judgement."""
    if len(set(fitted.clusters)) < ENOUGH:
        return "judgement"
    return "cited" if any(row["basis"] == "cited" for row in fitted.rows) else "read"


def record(fitted: Fitted) -> dict[str, Any]:
    """Return the record of a fit as its priors state it."""
    sources = len(set(fitted.clusters))
    about: dict[str, Any] = {
        "table": f"evidence/{fitted.kind.table}.csv",
        "values": len(fitted.rows),
        "sources": sources,
    }
    if sources > 1:
        about |= dict(zip(("coverage", "width", "crps"), summary(fitted.record), strict=True))
    if (before := fitted.before()) is not None:
        about["replaced"] = summary(before)
    return about


def summary(scored: Record) -> list[float]:
    """Return coverage, median width and mean score, of three digits."""
    numbers = (scored.inside.mean(), np.median(scored.width), scored.crps.mean())
    return [float(f"{number:.3g}") for number in numbers]


def tables() -> dict[str, dict[str, Any]]:
    """Return what the fits give for each prior, by its name."""
    found: dict[str, dict[str, Any]] = {}
    for fitted in fit_all(KINDS):
        about = record(fitted)
        for target in fitted.kind.targets:
            unit = {fitted.rows[0]["unit"]} - {"1"}
            found[target.prior] = {
                **fitted.prior(target),
                **({"unit": unit.pop()} if unit else {}),
                "source": works(fitted, target),
                "basis": basis(fitted),
                "record": about,
            }
    return found


def write(found: Mapping[str, Mapping[str, Any]]) -> None:
    """Write the priors into their files; scope, note and other words stay."""
    for stem in sorted({name.split("/")[0] for name in found}):
        path = PRIORS / f"{stem}.toml"
        document = tomlkit.parse(path.read_text(encoding="utf-8"))
        for name, table in found.items():
            file, key = name.split("/")
            if file == stem:
                old = document.get(key, {})
                words = {word: old[word] for word in BY_HAND if word in old}
                text = "".join(f"{word} = {toml(value)}\n" for word, value in table.items())
                entry = tomlkit.parse(text)
                for word, value in words.items():
                    entry.add(word, value)
                entry.add(tomlkit.nl())
                document[key] = tomlkit.item(entry)
        path.write_text(tomlkit.dumps(document), encoding="utf-8")


def toml(value: Any) -> str:
    """Return a value as it stands in a file: a table in one line, of a list of tables a line for each."""
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{key} = {toml(part)}' for key, part in value.items())} }}"
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return "[\n" + "".join(f"    {toml(part)},\n" for part in value) + "]"
    return json.dumps(value, ensure_ascii=False)


def fitted_elsewhere() -> Iterator[tuple[str, Record]]:
    """Yield the records of the fits of grids, by place, and of the energy of a token, by family of models."""
    scores = fit_grids.scores(fit_grids.read_figures())
    pit, width = np.array([(one.pit, np.log(one.high / one.low)) for one in scores]).T
    yield (
        "carbon intensity of a grid",
        Record(np.array([one.place for one in scores]), pit, width, np.full_like(pit, np.nan)),
    )
    rows = fit_tokens.measurements()
    pit, widths = fit_tokens.probabilities_of_unseen(rows), 2 * np.log(fit_tokens.discrepancies(fit_tokens.fit(rows)))
    for kind, name in enumerate(("dense models", "mixtures of experts")):
        of = rows.kind == kind
        width = np.full(of.sum(), widths[kind])
        yield f"energy of a token, {name}", Record(rows.family[of], pit[of], width, np.full_like(width, np.nan))


def records(fits: Iterable[Fitted]) -> Iterator[tuple[str, Record | None, Record | None]]:
    """Yield name, record, and that of the priors before, of every kind; None where there is nothing to leave out."""
    for fitted in fits:
        yield fitted.name, fitted.record if len(set(fitted.clusters)) > 1 else None, fitted.before()
    for name, scored in fitted_elsewhere():
        yield name, scored, None


def at_least(scored: Record) -> float:
    """Return the share by source that a true 90 % interval exceeds with probability 95 %."""
    sources = len(scored.by_source)
    return float(binom.ppf(CONFIDENCE, sources, TAILS[1] - TAILS[0]) / sources)


def lines(fits: Iterable[Fitted]) -> Iterator[str]:
    """Yield the table of the record, a line for each kind and one for all."""
    yield (
        f"{'kind':48s} values sources  inside  by source  at least  uniform  width | before: inside  width"
        "   CRPS now, before"
    )
    values = inside = 0
    for name, now, before in records(fits):
        if now is None:
            yield f"{name:48s} one source: nothing to leave out"
            continue
        values, inside = values + len(now.pit), inside + int(now.inside.sum())
        text = (
            f"{name:48s} {len(now.pit):6d} {len(now.by_source):7d} {now.inside.mean():7.1%}"
            f" {now.by_source.mean():10.1%}"
            f" {at_least(now):9.1%} {now.uniformity:8.3f} {np.median(now.width):6.2f}"
        )
        if before is not None:
            text += f" | {before.inside.mean():14.1%} {np.median(before.width):6.2f}"
            text += f"   {now.crps.mean():.3f}, {before.crps.mean():.3f}"
        yield text
    yield f"all kinds: {inside} of {values} values, {inside / values:.1%}, within 90 % intervals without their source"


def main() -> None:
    """Print the record and write the priors."""
    try:
        fits = fit_all(KINDS)
        print("\n".join(lines(fits)))
        write(tables())
    except InputError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(2)


if __name__ == "__main__":
    main()
