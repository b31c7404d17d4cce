"""JSON Schemas of scenario and prior files for editors, made from the models that check the files."""

from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from simulator.distributions import FAMILIES, QUANTILE
from simulator.priors import family_table
from simulator.scenario import CorrelationTable, ScenarioFile
from simulator.scenario.inputs import ALL_PAGES, inputs_of

KINDS = ("scenario", "priors")
DIALECT = "https://json-schema.org/draft/2020-12/schema"
QUANTITY = 'a quantity such as "400 W", or a prior of the library such as "grid/us-ia"'
AS = {
    "type": "string",
    "description": "another name: inputs with the same name share draws, with others they share none",
}
NAMED = {"type": "object", "required": ["prior"], "additionalProperties": False}
SHARED_PRIOR = {"type": "string", "description": "a prior of the library, such as grid/us-ia"}
SHARED = {**NAMED, "properties": {"prior": SHARED_PRIOR, "as": AS}}
OTHER_NAME = {"type": "string", "description": "a prior of the library that this is another name of"}
OTHER = {**NAMED, "properties": {"prior": OTHER_NAME}}


def schema(kind: str) -> dict[str, Any]:
    """Return the schema of one of `KINDS`: scenario files, or a library's files of priors and correlations."""
    tables = {family: family_table(family) for family in FAMILIES}
    models: list[type[BaseModel]] = [ScenarioFile, CorrelationTable, *tables.values()]
    _, document = models_json_schema([(model, "validation") for model in models])
    definitions = without_null(document["$defs"])
    for family, table in tables.items():
        describe_family(definitions[table.__name__], family)
    definitions["prior"] = {"oneOf": [{"$ref": f"#/$defs/{table.__name__}"} for table in tables.values()]}
    definitions["component"] = {
        "type": "object",
        "required": ["weight"],
        "properties": {"weight": {"type": "number"}},
        "description": "a distribution of its own, or prior = a prior of the library; and its weight",
    }
    definitions["MixturePrior"]["properties"]["components"]["items"] = {"$ref": "#/$defs/component"}
    definitions["input"] = {
        "anyOf": [{"type": "number"}, {"type": "string", "description": QUANTITY}, SHARED, {"$ref": "#/$defs/prior"}]
    }
    whole = definitions.pop("ScenarioFile")
    if kind == "priors":
        correlations = whole["properties"]["correlations"]
        whole = {"type": "object", "properties": {"correlations": correlations}}
        own = {"allOf": [{"$ref": "#/$defs/prior"}, {"required": ["source"]}]}
        whole["additionalProperties"] = {"anyOf": [own, OTHER]}
    else:
        for table in tables.values():
            definitions[table.__name__]["properties"]["as"] = AS
        whole["properties"]["pages"]["items"] = {"enum": list(ALL_PAGES)}
        inputs = {
            name: {"$ref": "#/$defs/input", "description": f"[{unit}], for {', '.join(pages)}"}
            for name, (unit, pages) in sorted(inputs_of(ALL_PAGES).items())
        }
        whole["properties"]["inputs"] = {"type": "object", "properties": inputs, "additionalProperties": False}
    return {"$schema": DIALECT, **whole, "$defs": definitions}


def describe_family(definition: dict[str, Any], family: str) -> None:
    """Add to the schema of a family's table its name, and the quantiles that it takes."""
    definition["properties"]["distribution"] = {"const": family}
    forms = [", ".join(form) for form in FAMILIES[family].forms]
    definition["description"] = f"{family}: {'; or '.join(forms)}"
    if FAMILIES[family].takes_quantiles:
        definition["properties"] |= dict.fromkeys(("p05", "p50", "p95"), {"type": "number"})
        definition["patternProperties"] = {f"^{QUANTILE.pattern}$": {"type": "number"}}


def without_null(part: Any) -> Any:
    """Return a part of a schema without null, which TOML has not, and without the names of Python's classes."""
    if isinstance(part, list):
        return [without_null(item) for item in part]
    if not isinstance(part, dict):
        return part
    options = part.get("anyOf", [])
    rest = {
        key: without_null(value)
        for key, value in part.items()
        if not (key == "title" and isinstance(value, str)) and not (key == "default" and value is None)
    }
    if {"type": "null"} in options:
        left = [without_null(option) for option in options if option != {"type": "null"}]
        del rest["anyOf"]
        return {**rest, **left[0]} if len(left) == 1 else {**rest, "anyOf": left}
    return rest
