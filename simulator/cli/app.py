"""The command-line program and its exit codes."""

import os
import sys
import warnings
from collections.abc import Callable
from functools import partial
from typing import Any, NoReturn

import typer

from simulator.cli.encoding import write_anywhere
from simulator.cli.terminal import Stopped

app = typer.Typer(
    help="How uncertain is the carbon footprint of a language model, and which assumption makes it so?",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
RENAMED = {"--interval": "--ci-kind", "--on": "--executor", "--base": "--n-base", "--of": "--quantity"}  # of 0.1.0
MOST_LINES = 60  # most problems of one input that are printed


def command_line() -> int:
    """Run the command line; return 2 for bad input, 1 for no result or an unmet requirement, else 0."""
    from simulator.errors import ClusterError, InputError, ModelError, OutputError

    try:
        with warnings.catch_warnings():
            warnings.showwarning = partial(show_warning, warnings.showwarning)
            app(rename_options(sys.argv[1:]), prog_name="simulator")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 0
    except InputError as error:
        lines = [str(problem) for problem in error.problems]
        sys.stderr.write("\n".join(lines[:MOST_LINES]) + "\n")
        if len(lines) > MOST_LINES:
            sys.stderr.write(f"and {len(lines) - MOST_LINES} more problems\n")
        return 2
    except (ClusterError, ModelError, OutputError) as error:
        sys.stderr.write(f"{error}\n")
    except (Stopped, KeyboardInterrupt) as error:
        sys.stderr.write(f"{error or 'stopped; nothing was written'}\n")
        return 130
    except MemoryError:
        sys.stderr.write("not enough memory: take fewer draws, or keep fewer\n")
    return 1


def import_xarray() -> None:
    """Import xarray without what it imports to ask whether arrays are of its kind, as none here is.

    It asks once in a process, when it makes its first index, and takes what cannot be imported as not installed.
    """
    if "xarray" in sys.modules:
        return
    hidden = [name for name in ("dask", "pint") if name not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]  # None: cannot be imported
    try:
        import xarray

        xarray.Dataset(coords={"index": [0]}).load()
    finally:
        for name in hidden:
            del sys.modules[name]


def show_warning(other: Callable[..., None], message: Warning | str, *details: Any) -> None:
    """Print a warning of the simulator as a line, and any other in the usual way."""
    from simulator.errors import UnusualValue

    if isinstance(message, UnusualValue):
        sys.stderr.write(f"{message}\n")
    else:
        other(message, *details)


def rename_options(arguments: list[str]) -> list[str]:
    """Replace options of version 0.1.0 by their present names, and say so."""
    found = []
    for argument in arguments:
        option, equals, value = argument.partition("=")
        if option in RENAMED:
            sys.stderr.write(f"{option} is now {RENAMED[option]}\n")
        found.append(f"{RENAMED.get(option, option)}{equals}{value}")
    return found


def main() -> NoReturn:
    """Run the command line and end the process at once: Python's clean-up would take a tenth of a second."""
    write_anywhere()
    try:
        code = command_line()
        sys.stdout.flush()
    except OSError as error:  # of printing: files that cannot be written are OutputErrors
        if not isinstance(error, BrokenPipeError):  # a reader, a pager say, that has seen enough
            sys.stderr.write(f"cannot print: {error.strerror}\n")
        code = 1
    except ValueError:
        if not sys.stdout.closed:  # by a page of the user's own
            raise
        sys.stderr.write("cannot print: a page has closed the output\n")
        code = 1
    if "loky" in sys.modules:  # processes have drawn, whose locks are given back at the end
        sys.exit(code)
    os._exit(code)
