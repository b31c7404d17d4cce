"""Books: pages of equations bound together, ordered and checked, with pages of the user's own."""

from simulator.book.equations import PAGES, Book, Equation, bind, read_page
from simulator.book.own_pages import OwnPage, is_self_contained, modules_of, read_pages
from simulator.book.trial import wrong_equations

__all__ = [
    "PAGES",
    "Book",
    "Equation",
    "OwnPage",
    "bind",
    "is_self_contained",
    "modules_of",
    "read_page",
    "read_pages",
    "wrong_equations",
]
