"""The command line."""

from simulator.cli import verbs  # noqa: F401 - they add their verbs to the program, in the order in which help has them

# isort: split
from simulator.cli import files, library  # noqa: F401
from simulator.cli.app import command_line, main

__all__ = ["command_line", "main"]
