"""The equation book: a page a stage of the lifecycle, nothing but pure functions.

A function is named after the quantity it computes, its parameters after the quantities it needs, its annotations are
units. A parameter with a default is a part that a scenario may leave out. `SHOWN` of a page says which of its
quantities a run reports, and how; `LEFT_OUT` what an impact leaves out because no source gives it.
"""

from typing import NamedTuple


class Shown(NamedTuple):
    """How tables and figures show a quantity.

    Attributes
    ----------
    label : str
        Its words.
    level : int
        Its indent, below what it is a part of.
    share : str
        The quantity that is its share of the total.
    stage : str
        The stage that it is a footprint of; where this is the only one, the total and its parts show the same.
    per : str
        What it falls on, such as ``request``.
    """

    label: str
    level: int = 0
    share: str = ""
    stage: str = ""
    per: str = ""
