"""Fit the priors that rest on tables of evidence, print their record, and write them into the library.

    python evidence/fit_priors.py

`KINDS` says of each table which covariates matter and which priors it gives; `hierarchical.py` has the model. In the
files of the library the fit writes distribution, sources, basis and record of a prior; scope and note are by hand.
"""

import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import tomlkit
from hierarchical import TAILS, Fitted, Kind, Record, Target, fit_all
from scipy.stats import binom

from simulator.errors import InputError

PRIORS = Path(__file__).resolve().parents[1] / "priors"
ENOUGH = 3  # sources; with fewer the spread between them is that of other kinds
CONFIDENCE = 0.05  # of the tests of the record
MOST_WORKS = 100  # that a prior may cite

KINDS: tuple[Kind, ...] = ()


def works(fitted: Fitted, target: Target) -> list[dict[str, Any]]:
    """Return the works of a fit as a prior cites them; values of rows like the target alone are the prior's own."""
    found: dict[tuple[str, int, str], dict[str, Any]] = {}
    for row in fitted.rows:
        work = {"title": row["source"], "year": int(row["year"]), "identifier": row["identifier"]}
        entry = found.setdefault(tuple(work.values()), {key: value for key, value in work.items() if value})
        if target.is_of(row):
            entry.setdefault("values", []).append(row["value"])
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
    """Write the priors into their files; words and the order of keys stay."""
    kept = ("scope", "note", "valid_for", "case")
    for stem in sorted({name.split("/")[0] for name in found}):
        path = PRIORS / f"{stem}.toml"
        document = tomlkit.parse(path.read_text(encoding="utf-8"))
        for name, table in found.items():
            file, key = name.split("/")
            if file == stem:
                entry = document.setdefault(key, tomlkit.table())
                words = {word: entry[word] for word in kept if word in entry}
                for old in list(entry):
                    entry.remove(old)
                for word, value in {**table, **words}.items():
                    entry.add(word, toml(value))
        path.write_text(tomlkit.dumps(document), encoding="utf-8")


def toml(value: Any) -> Any:
    """Return a value as it stands in a file: tables in one line, a list of tables with a line for each."""
    if isinstance(value, dict):
        table = tomlkit.inline_table()
        table.update({key: toml(part) for key, part in value.items()})
        return table
    if isinstance(value, list) and value and isinstance(value[0], dict):
        array = tomlkit.array()
        array.extend(toml(part) for part in value)
        return array.multiline(True)
    return value


def lines(fits: Iterable[Fitted]) -> Iterable[str]:
    """Yield the table of the record, a line for each kind and one for all."""
    yield (
        f"{'kind':26s} values sources  inside  by source  at least  uniform  width | before: inside  width"
        "   CRPS now, before"
    )
    values = inside = 0
    for fitted in fits:
        sources = len(set(fitted.clusters))
        if sources < 2:
            yield f"{fitted.name:26s} {len(fitted.rows):6d} {sources:7d}  one source: nothing to leave out"
            continue
        now, before = fitted.record, fitted.before()
        values, inside = values + len(now.pit), inside + int(now.inside.sum())
        text = (
            f"{fitted.name:26s} {len(now.pit):6d} {sources:7d} {now.inside.mean():7.1%} {now.by_source.mean():10.1%}"
            f" {binom.ppf(CONFIDENCE, sources, TAILS[1] - TAILS[0]) / sources:9.1%} {now.uniformity:8.3f}"
            f" {np.median(now.width):6.2f}"
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
        sys.exit(f"{error}")


if __name__ == "__main__":
    main()
