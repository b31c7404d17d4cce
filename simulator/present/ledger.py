"""The ledger: every assumption of a scenario with its origin and its sources, and the works that it cites."""

import inspect
import re
from collections.abc import Iterator
from dataclasses import dataclass

from simulator.scenario import Scenario

PARTICLE_NAME_YEAR = re.compile(r"(?:[^\W\d_]+[ '’]){1,3}[^\W\d_a-z]\w.*\b[12]\d{3}\b")  # de Vries 2023
LAST_BRACKETS = re.compile(r"\(((?:[^()]|\([^()]*\))*)\)[ .]*$")
IDENTIFIER = re.compile(r"(?:arXiv|doi):\S+$")
BASES = {
    "read": "read at the source",
    "cited": "read in works that cite the source",
    "judgement": "judgement",
    "": "not stated",
}


@dataclass(frozen=True)
class Citation:
    """A work, as it is cited, and what rests on it: inputs, quantities, published values and correlations."""

    text: str
    used_by: tuple[str, ...]


def citations(scenario: Scenario) -> list[Citation]:
    """Return the works that a scenario's priors, correlations, published values and equations rest on, once each."""
    texts: dict[str, str] = {}
    uses: dict[str, list[str]] = {}
    for work, text, user in works(scenario):
        # The entry of a prior is fuller than an equation's "Smith et al. 2020, arXiv:…".
        texts[work] = max(texts.get(work, ""), text, key=len)
        if user not in uses.setdefault(work, []):
            uses[work].append(user)
    return sorted((Citation(text, tuple(uses[work])) for work, text in texts.items()), key=lambda item: item.text)


def works(scenario: Scenario) -> Iterator[tuple[str, str, str]]:
    """Yield what tells a work apart, its citation, and what rests on it."""
    for name, item in scenario.inputs.items():
        yield from ((source.work, str(source), name) for source in item.prior.sources)
    for group in scenario.correlations:
        yield from ((source.work, str(source), " and ".join(group.names)) for source in group.sources)
    for reference in scenario.reference_values:
        yield from ((source.work, str(source), reference.label) for source in reference.sources)
    for name, equation in scenario.book.equations.items():
        if source := source_of(equation.function.__doc__ or ""):
            identifier = IDENTIFIER.search(source)
            yield identifier[0] if identifier else source, source, name


def source_of(docstring: str) -> str:
    """Return the source of an equation: what the brackets at the end of its docstring's first paragraph hold.

    Brackets may stand in them, and a full stop may follow. Without a source it is empty.
    """
    brackets = LAST_BRACKETS.search(" ".join(inspect.cleandoc(docstring).partition("\n\n")[0].split()))
    text = brackets[1].strip() if brackets else ""
    return text if is_source(text) else ""


def is_source(text: str) -> bool:
    """Tell a source (Smith 2020; ISO 14040; de Vries 2023) from a word on how it is computed (sum over stages)."""
    starts = text[:1].isupper() or PARTICLE_NAME_YEAR.match(text) is not None
    return starts or re.search(r"\b(?:arXiv|doi):\S", text) is not None


def on_judgement(scenario: Scenario) -> list[str]:
    """Return the inputs that cite no work."""
    return [name for name, item in scenario.inputs.items() if not item.prior.sources]


def ledger_markdown(scenario: Scenario) -> str:
    """Return the ledger of a scenario as Markdown: a table of the inputs, what is said of them, and references."""
    cited = citations(scenario)
    references = [f"{one.text} ({', '.join(one.used_by)})" for one in cited]
    rows, notes, correlated, pages = [], [], [], []
    for name, item in scenario.inputs.items():
        prior = item.prior
        origin = item.origin if prior.name == name else f"{item.origin}, {prior.name}"
        footnotes = (str(number) for number, citation in enumerate(cited, 1) if name in citation.used_by)
        cells = (name, f"{prior.description} {prior.unit}".removesuffix(" 1"), origin, BASES[prior.basis])
        rows.append(f"| {' | '.join(map(escape, cells))} | {', '.join(footnotes)} |")
        if note := " ".join(filter(None, (end_with_stop(prior.scope), prior.note))):
            notes.append(f"- **{escape(name)}**: {escape(note)}")
    for group in scenario.correlations:
        correlated += [f"- {escape(pair)}" for pair in group.description.split("; ")]
        correlated += [f"  - {escape(note)}" for note in group.notes]
    for page in scenario.own_pages:
        computed = ", ".join(name for name, item in scenario.book.equations.items() if item.page == page)
        pages.append(f"- **{escape(page)}.py**: {escape(computed)}")
    sections = {
        f"# {escape(scenario.title)}: assumptions": [
            "| input | prior | from | basis | references |",
            "|---|---|---|---|---|",
            *rows,
        ],
        "## Scope and notes": notes,
        "## Correlated inputs (rank correlations, before ties)": correlated,
        "## Your own pages": pages,
        "## References": [f"{number}. {escape(text)}" for number, text in enumerate(references, 1)],
    }
    return "\n".join("\n".join([title, "", *lines, ""]) for title, lines in sections.items() if lines)


def end_with_stop(text: str) -> str:
    """Return text with a full stop at its end."""
    return f"{text}." if text and not text.endswith(".") else text


def escape(text: str) -> str:
    """Return text that Markdown and HTML take as it is, on one line."""
    text = " ".join(text.split()).replace("&", "&amp;").replace("<", "&lt;")
    return re.sub(r"([\\`*\[\]|])", r"\\\1", text)
