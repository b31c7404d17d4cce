"""Sources of numbers."""

import re
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    FiniteFloat,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)
from pydantic_core import PydanticCustomError

WORKS_WANTED = 'a table {title = "…", year = …, identifier = "…"}, or a list of such tables'
SOURCE_WANTED = 'a table {title = "…", year = …, identifier = "…"}, a list of such tables, or "judgement"'


def describe_wanted(description: str) -> WrapValidator:
    """Say in one message what is wanted, where pydantic would complain of each part, or each branch of a union."""

    def check(value: Any, check_parts: ValidatorFunctionWrapHandler) -> Any:
        try:
            return check_parts(value)
        except ValidationError:
            raise PydanticCustomError("wanted", "{wanted}", {"wanted": description}) from None

    return WrapValidator(check)


def without_controls(text: str) -> str:
    """Refuse text that a terminal or a figure would stumble over."""
    if any(not letter.isprintable() and letter not in "\n\t" for letter in text):
        raise PydanticCustomError("refused", "holds a control character")
    return text


Text = Annotated[str, Field(max_length=4000), AfterValidator(without_controls)]


class Source(BaseModel):
    """A published work that a prior or a reference cites.

    `values` are its numbers, in the unit of the prior; `detail` says what they describe.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    title: Text
    year: Annotated[int, Field(ge=1000, le=3000)] | None = None
    identifier: Annotated[Text | None, Field(description="doi:…, arXiv:… or another that stays")] = None
    values: Annotated[
        list[FiniteFloat] | None,
        Field(min_length=1, max_length=100, description="its numbers, in the unit of the prior"),
    ] = None
    detail: Annotated[Text | None, Field(description="what its values describe")] = None

    @property
    def work(self) -> str:
        """What tells works apart."""
        return self.identifier or str(self)

    @property
    def keys(self) -> set[tuple[str, str]]:
        """Its title and its identifier, as works are compared by them."""
        return {("title", plain_title(self.title)), ("identifier", plain_identifier(self.identifier) or self.title)}

    def same_work(self, other: "Source") -> bool:
        """Tell whether two sources are one work, by identifier or title, as a preprint and its printed version are.

        Without an identifier, one title in two years is two editions, as of a yearly report.
        """
        known = plain_identifier(self.identifier), plain_identifier(other.identifier)
        if known[0] and known[0] == known[1]:
            return True
        editions = not any(known) and None not in (self.year, other.year) and self.year != other.year
        return plain_title(self.title) == plain_title(other.title) and not editions

    def __str__(self) -> str:
        return ", ".join(str(part) for part in (self.title, self.year, self.identifier) if part is not None)


def plain_title(text: str) -> str:
    """Return a title without what does not tell works apart: case, spaces and punctuation."""
    return " ".join(re.findall(r"\w+", text.casefold()))


def plain_identifier(text: str | None) -> str:
    """Return an identifier as it is compared: without case, an arXiv number without version, however it is cited."""
    plain = (text or "").casefold().replace(" ", "")
    plain = re.sub(r"^(https?://)?(dx\.)?doi\.org/", "doi:", plain)
    plain = re.sub(r"^(doi:10\.48550/arxiv\.|https?://arxiv\.org/(abs|pdf)/)", "arxiv:", plain)
    return re.sub(r"^(arxiv:.*\d)v\d+$", r"\1", plain)


Basis = Literal["read", "cited", "judgement"]  # at the source; in works that cite it; weighed by who wrote the prior
SourceList = Annotated[list[Source], Field(min_length=1, max_length=100)]
Works = Annotated[Source | SourceList, describe_wanted(WORKS_WANTED)]
Sources = Annotated[Source | SourceList | Literal["judgement"], describe_wanted(SOURCE_WANTED)]


def sources_of(source: Sources | None) -> tuple[Source, ...]:
    """Return the works that a `source` key names; judgement names none."""
    if isinstance(source, Source):
        return (source,)
    return tuple(source) if isinstance(source, list) else ()
