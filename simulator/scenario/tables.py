"""The keys of a scenario file, checked before their meaning."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from simulator.errors import Location, Problems
from simulator.priors import Sources, Text, Works, describe_wanted, read_table
from simulator.scenario.correlations import CorrelationTable

MOST_TABLES = 100  # in a list


class ReferenceTable(BaseModel):
    """A published value to mark in tables and plots."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    quantity: Text
    value: Annotated[Text | float, describe_wanted('a quantity such as "300 kgCO2e", or a number')]
    label: Text
    source: Sources | None = None
    note: Text | None = None


class ObservedTable(ReferenceTable):
    """A published value that a back-test tests the scenario against; no prior may come from its source."""

    value: Annotated[
        Text | float, describe_wanted('a quantity such as "300 kgCO2e", "3 to 4 J" or "3.5 ± 0.5 J", or a number')
    ]
    label: Text = "published"
    source: Works
    together: Annotated[
        Text | None, Field(description="a name for values that depend on each other, beside those of one source")
    ] = None


class ScenarioFile(BaseModel):
    """The keys of a scenario file."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    title: Annotated[Text, Field(min_length=1, max_length=200)]
    description: Text = ""
    pages: Annotated[list[str], Field(max_length=100, description="parts of the equation book")] = []
    inputs: Annotated[dict[str, Any], Field(max_length=1000)] = {}
    references: Annotated[list[ReferenceTable], Field(max_length=MOST_TABLES)] = []
    observed: Annotated[list[ObservedTable], Field(max_length=MOST_TABLES)] = []
    correlations: Annotated[list[CorrelationTable], Field(max_length=MOST_TABLES)] = []
    groups: Annotated[dict[Text, Annotated[list[Text], Field(min_length=1)]], Field(max_length=100)] = {}


LISTS: Mapping[str, type[BaseModel]] = {
    "references": ReferenceTable,
    "observed": ObservedTable,
    "correlations": CorrelationTable,
}


def read_contents(table: Mapping[str, Any], at: Location, problems: Problems) -> ScenarioFile:
    """Check the keys of a scenario file, and return what is right of it, down to the keys of each table of a list."""
    tables = {
        key: [read_table(model, item, at / key / number, problems) for number, item in enumerate(table[key], 1)]
        for key, model in LISTS.items()
        if isinstance(table.get(key), list) and len(table[key]) <= MOST_TABLES
    }
    return read_table(ScenarioFile, {**table, **tables}, at, problems)
