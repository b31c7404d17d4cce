"""Output for any stream: characters that its encoding lacks are written in ASCII."""

import codecs
import os
import sys
import unicodedata

ASCII = {"–": "-", "—": "-", "…": "...", "·": "-", "×": "x", "±": "+/-", "█": "#", "▏": "|", "’": "'", "µ": "u"}


def write_anywhere() -> None:
    """Make standard output and error take every text: a closed one swallows it, a narrow encoding gets ASCII."""
    codecs.register_error("look-alike", look_alike)
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:  # closed before the program began
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))
        elif hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="look-alike")


def look_alike(error: UnicodeError) -> tuple[str, int]:
    """Return ASCII in the place of letters that an encoding lacks, and where to go on."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    text = error.object[error.start : error.end]
    plain = "".join(ASCII.get(letter) or unicodedata.normalize("NFKD", letter) for letter in text)
    return plain.encode("ascii", "ignore").decode() or "?" * len(text), error.end
