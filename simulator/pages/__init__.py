"""Pages of a user's own: Python files that join the equation book, checked as its own pages are."""

from simulator.pages.files import OwnPage, modules_of, read_pages
from simulator.pages.trial import wrong_equations

__all__ = ["OwnPage", "modules_of", "read_pages", "wrong_equations"]
