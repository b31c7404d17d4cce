"""Time whole processes: start-up against importing the libraries alone, and runs of growing size.

    python -m benchmarks.process [--rounds 3] [--billion]

Compile the libraries first (`uv sync --no-dev --compile-bytecode`, or one earlier run of each command).
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time

PROGRAM = [sys.executable, "-m", "simulator"]
RUN = [*PROGRAM, "run", "gpt4-iowa", "--quiet"]
IMPORTS = "import numpy, scipy.stats, xarray, arviz, matplotlib.pyplot"
STARTUP = {
    "imports of the libraries": [sys.executable, "-c", IMPORTS],
    "run, 1e6 draws, no plots": [*RUN, "--no-plots"],
    "run, 1e6 draws, with plots": RUN,
    "rank": [*PROGRAM, "rank", "gpt4-iowa", "--quiet"],
    "compare, two scenarios": [*PROGRAM, "compare", "gpt4-iowa", "gpt4-quebec", "--quiet"],
    "plot": [*PROGRAM, "plot", "RESULT"],
    "check": [*PROGRAM, "check", "gpt4-iowa"],
    "--help": [*PROGRAM, "--help"],
}
SIZES = {"1e6": "1e6", "1e7": "1e7", "1e8": "1e8"}


def measure(command: list[str]) -> tuple[float, float, float]:
    """Return wall seconds, processor seconds and peak MB of a process."""
    if "--quiet" in command:  # into a folder of its own: what a folder has already is used again
        command = [*command, "--output", tempfile.mkdtemp()]
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
    return time.perf_counter() - started, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--billion", action="store_true")
    given = parser.parse_args()
    folder = tempfile.mkdtemp()
    subprocess.run([*RUN, "--output", folder], check=True)
    STARTUP["plot"][-1] = f"{folder}/gpt4-iowa"
    for command in STARTUP.values():
        measure(command)
    print("seconds, the median of five; ratio to the imports of the same round, processor seconds, peak MB")
    for turn in range(given.rounds):
        base = None
        for name, command in STARTUP.items():
            wall, processor, peak = sorted(measure(command) for _ in range(5))[2]
            base = base or wall
            print(f"{name:28s} {wall:7.2f} {wall / base:6.2f} {processor:7.2f} {peak:7.0f}")
        print(f"-- round {turn + 1}")
    for name, draws in {**SIZES, **({"1e9": "1e9"} if given.billion else {})}.items():
        wall, processor, peak = measure([*RUN, "--no-plots", "--draws", draws])
        print(f"run, {name} draws {wall:18.2f} s {processor:10.2f} s of processor {peak:7.0f} MB")


if __name__ == "__main__":
    main()
