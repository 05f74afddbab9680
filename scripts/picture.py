"""Draw what a command prints on a terminal as an SVG: `scripts/picture.py docs/images/check.svg -- check FILE`."""

from __future__ import annotations

import io
import os
import pty
import re
import sys
from pathlib import Path

from rich.console import Console
from rich.text import Text

COLUMNS = 116


def main() -> int:
    separator = sys.argv.index("--")
    output, words = Path(sys.argv[1]), sys.argv[separator + 1 :]
    shown = captured([sys.executable, "-m", "lockgate", *words])
    console = Console(record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True)
    console.print(Text.from_ansi(f"$ lockgate {' '.join(words)}\n\n{shown}"))
    svg = console.export_svg(title="lockgate")
    # The fonts of whoever looks are good enough: nothing is fetched from elsewhere.
    svg = re.sub(r"@font-face \{.*?\}", "", svg, flags=re.DOTALL)
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(re.sub(r"<!--.*?-->", "", svg, flags=re.DOTALL).replace("Fira Code, ", ""), "utf-8")
    return 0


def captured(command: list[str]) -> str:
    """What a command prints when it believes to be on a terminal."""
    os.environ["COLUMNS"] = str(COLUMNS)
    child, descriptor = pty.fork()
    if child == 0:
        os.execv(command[0], command)
    parts = []
    try:
        while data := os.read(descriptor, 65536):
            parts.append(data)
    except OSError:
        pass
    os.waitpid(child, 0)
    return b"".join(parts).decode("utf-8", "replace").replace("\r\n", "\n")


if __name__ == "__main__":
    sys.exit(main())
