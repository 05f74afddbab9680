"""Where the forms, the measurements and the page made from them lie."""

from __future__ import annotations

from pathlib import Path

FOLDER = Path(__file__).parent
ROOT = FOLDER.parent.parent
MEASURED = FOLDER / "measured.json"
PAGE = ROOT / "docs" / "reference" / "locks.md"
