"""The command line."""

from simulator.cli import library, verbs  # noqa: F401 - they add their verbs to the program
from simulator.cli.app import command_line, main

__all__ = ["command_line", "main"]
