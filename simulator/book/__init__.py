"""The equation book: pages bound, ordered and checked; a user's own pages too."""

from simulator.book.equations import PAGES, Book, Equation, bind, read_page
from simulator.book.own_pages import OwnPage, modules_of, read_pages
from simulator.book.trial import wrong_equations

__all__ = [
    "PAGES",
    "Book",
    "Equation",
    "OwnPage",
    "bind",
    "modules_of",
    "read_page",
    "read_pages",
    "wrong_equations",
]
