"""Where numbers come from."""

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, FiniteFloat
from pydantic_core import PydanticCustomError


def without_controls(text: str) -> str:
    """Refuse text that a terminal or a figure would stumble over."""
    if any(not letter.isprintable() and letter not in "\n\t" for letter in text):
        raise PydanticCustomError("control", "holds a control character")
    return text


Text = Annotated[str, Field(max_length=4000), AfterValidator(without_controls)]


class Source(BaseModel):
    """A published work that a prior or a reference rests on.

    `values` are what it says, in the unit of the prior; `detail` says of what.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    title: Text
    year: Annotated[int, Field(ge=1000, le=3000)] | None = None
    identifier: Annotated[Text | None, Field(description="doi:…, arXiv:… or another that stays")] = None
    values: Annotated[
        list[FiniteFloat] | None, Field(min_length=1, max_length=100, description="what it says, in the prior's unit")
    ] = None
    detail: Annotated[Text | None, Field(description="of what it says that")] = None

    @property
    def work(self) -> str:
        """What tells works apart."""
        return self.identifier or str(self)

    def __str__(self) -> str:
        return ", ".join(str(part) for part in (self.title, self.year, self.identifier) if part is not None)


Basis = Literal["read", "cited", "judgement"]  # at the source; in works that cite it; weighed by who wrote the prior
Sources = Source | Annotated[list[Source], Field(min_length=1, max_length=100)] | Literal["judgement"]


def sources_of(source: Sources | None) -> tuple[Source, ...]:
    """Return the works that a `source` key names; judgement names none."""
    if isinstance(source, Source):
        return (source,)
    return tuple(source) if isinstance(source, list) else ()
