"""``python -m lockgate``, and the entry point of the ``lockgate`` command."""

from __future__ import annotations

import sys


def main() -> None:
    """Start the command line; the overview and the version are answered without loading it."""
    words = sys.argv[1:]
    if not words or words in (["--help"], ["-h"]):
        from lockgate.cli import overview

        sys.stdout.write(overview())
    elif words == ["--version"]:
        from lockgate import __version__

        sys.stdout.write(f"lockgate {__version__}\n")
    else:
        from lockgate.cli.frame import main as run

        run()


if __name__ == "__main__":
    main()
