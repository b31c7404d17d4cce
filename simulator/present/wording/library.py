"""Tables and sentences about the library."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

import numpy as np

from simulator.present.ledger import BASES, Citation, on_judgement
from simulator.present.wording.numbers import Table, brief, percent, with_unit
from simulator.priors import Library, Prior, Record
from simulator.scenario import Scenario, default_correlations

PROBABILITIES = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)  # of the quantiles that are shown


def names_table(names: Sequence[str]) -> Table:
    """Return the names of priors, in order, file by file."""
    rows: list[tuple[str, ...]] = []
    for stem, group in groupby(names, key=lambda name: name.split("/")[0]):
        keys = [name.removeprefix(f"{stem}/") for name in group]
        rows.append((f"{stem}/", str(len(keys)), "  ".join(keys)))
    return Table(("", "", ""), rows, columns="lrl")


def found_table(found: Iterable[Prior]) -> Table:
    """Return priors with median, 90 % interval and unit."""
    rows: list[tuple[str, ...]] = []
    for prior in found:
        low, median, high = prior.distribution.ppf(np.array([0.05, 0.5, 0.95]))
        ends = f"{brief(low)} – {brief(high)}" if low < high else "fixed"
        rows.append((prior.name, brief(median), ends, "" if prior.unit == "1" else prior.unit))
    return Table(("", "median", "90 % interval", "unit"), rows, columns="nrrn", spare=(2, 3, 1))


def heading(prior: Prior) -> str:
    """Return the name of a prior, with its unit."""
    return with_unit(prior.name, prior.unit)


def quantiles_table(prior: Prior) -> Table:
    """Return the quantiles of a prior, a column each."""
    row = tuple(map(brief, prior.distribution.ppf(np.array(PROBABILITIES))))
    return Table(tuple(map(percent, PROBABILITIES)), [row], columns="r" * len(row))


def about_table(prior: Prior, library: Library) -> Table:
    """Return what is said of a prior: parameters, scope, basis, sources, and what the library correlates it with."""
    rows = [("prior", prior.description)]
    if prior.target_quantiles:
        rows.append(("fit", describe_fit(prior)))
    rows.append(("scope", prior.scope))
    if prior.valid_for:
        rows.append(
            ("valid for", "; ".join(f"{key} {describe_ends(*ends)}" for key, ends in prior.valid_for.items()))
        )
    rows += [("basis", BASES[prior.basis]), ("note", prior.note)]
    if prior.record is not None:
        rows.append(("record", describe_record(prior.record)))
    for source in prior.sources:
        values = (
            f"value{'s' * (len(source.values) > 1)} {', '.join(map(brief, source.values))}" if source.values else ""
        )
        rows.append(("source", "; ".join(filter(None, (str(source), source.detail, values)))))
    rows += [("correlated with", sentence) for sentence in describe_correlations(library, prior.name)]
    rows.append(("file", prior.file))
    return Table(("", ""), [(name, " ".join(text.split())) for name, text in rows], columns="ll")


def describe_fit(prior: Prior) -> str:
    """Return how far the quantiles of a prior are from those that its file gives."""
    probabilities = np.array([float(f"0.{name[1:]}") for name in prior.target_quantiles])
    asked = np.array(list(prior.target_quantiles.values()))
    got = prior.distribution.ppf(probabilities)
    if np.allclose(got, asked, rtol=1e-4, atol=1e-4 * np.ptp(asked)):
        return f"matches the {len(asked)} given quantiles"
    pairs = zip(prior.target_quantiles, got, asked, strict=True)
    return "; ".join(f"{name} is {brief(one)}, given {brief(other)}" for name, one, other in pairs)


def describe_ends(low: float | str, high: float | str) -> str:
    """Return the values of an input that a prior is meant for, as its file gives them."""
    low, high = (end if isinstance(end, str) else f"{end:g}" for end in (low, high))
    if low == high:
        return low
    if high == "inf":
        return f"from {low} up"
    return f"up to {high}" if low == "-inf" else f"{low} to {high}"


def describe_record(record: Record) -> str:
    """Return how a fitted prior did on sources that were left out, and the prior before it."""
    text = f"fitted to {record.values} values of {record.sources} sources ({record.table})"
    told = [("90 % intervals without a value's source hold", record.coverage, record.crps)]
    if record.replaced is not None:
        told.append(("the prior before held", record.replaced[0], record.replaced[2]))
    for words, coverage, crps in told:
        if coverage is not None:
            text += f"; {words} {percent(coverage)}" + (f", CRPS {crps:.3g}" if crps is not None else "")
    return text


def describe_correlations(library: Library, name: str) -> Iterator[str]:
    """Yield which priors the library correlates with a prior, and how."""
    for table in default_correlations(library):
        if name in table.between:
            how = "a shared factor" if table.rank is None else f"rank {brief(table.rank)}"
            how = how if table.linear is None else f"linear {brief(table.linear)}"
            yield f"{', '.join(other for other in table.between if other != name)} ({how})"


def remark(scenario: Scenario) -> str:
    """Return which inputs of a scenario cite no work; empty if all do."""
    names = on_judgement(scenario)
    return f"Inputs without a cited work: {', '.join(names)}" if names else ""


def citations_table(cited: Sequence[Citation]) -> Table:
    """Return numbered works, each above what rests on it."""
    rows: list[tuple[str, ...]] = []
    for number, citation in enumerate(cited, 1):
        rows += [(f"{number}.", citation.text), ("", ", ".join(citation.used_by))]
    return Table(("", ""), rows, bold=set(range(0, len(rows), 2)), columns="rl")
