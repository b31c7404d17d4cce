"""What a scenario file may hold, before it is known what it means."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from simulator.priors import Sources, Text, Works
from simulator.scenario.correlations import CorrelationTable


class ReferenceTable(BaseModel):
    """A published value to mark in tables and plots."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    quantity: Text
    value: Text | float
    label: Text
    source: Sources | None = None
    note: Text | None = None


class ObservedTable(ReferenceTable):
    """A published value that a back-test holds the scenario to; none of its priors may come from its source."""

    label: Text = "published"
    source: Works


class ScenarioFile(BaseModel):
    """The keys of a scenario file."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    title: Annotated[Text, Field(min_length=1, max_length=200)]
    description: Text = ""
    pages: Annotated[list[str], Field(max_length=100, description="parts of the equation book")] = []
    inputs: Annotated[dict[str, Any], Field(max_length=1000)] = {}
    references: Annotated[list[ReferenceTable], Field(max_length=100)] = []
    observed: Annotated[list[ObservedTable], Field(max_length=100)] = []
    correlations: Annotated[list[CorrelationTable], Field(max_length=100)] = []
    groups: Annotated[dict[Text, Annotated[list[Text], Field(min_length=1)]], Field(max_length=100)] = {}
