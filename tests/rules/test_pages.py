"""The reference pages are those of the docstrings."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).parents[2] / "scripts" / "rule_pages.py"


def test_no_page_is_stale() -> None:
    found = subprocess.run([sys.executable, SCRIPT, "--check"], capture_output=True, text=True, check=False)
    assert (found.returncode, found.stdout.split()) == (0, []), "run scripts/rule_pages.py"
