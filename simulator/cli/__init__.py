"""The command line."""

from simulator.cli.verbs import command_line, main

__all__ = ["command_line", "main"]
