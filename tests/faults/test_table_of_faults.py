"""The page of faults names only tests that there are."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "reference" / "faults.md"


def test_every_row_names_a_test_that_exists() -> None:
    rows = re.findall(r"^\|.*\| `([\w/.]*?)(?:::)?(test_\w+)` \|$", PAGE.read_text("utf-8"), re.MULTILINE)
    files = {path: path.read_text("utf-8") for path in (ROOT / "tests" / "faults").glob("test_*.py")}
    assert len(rows) >= 35
    for path, name in rows:
        texts = [(ROOT / path).read_text("utf-8")] if path else files.values()
        assert any(f"def {name}(" in text for text in texts), (path, name)


def test_every_fault_has_a_row() -> None:
    text = PAGE.read_text("utf-8")
    listed = [
        line
        for line in text.splitlines()
        if line.startswith("| ") and not line.startswith(("| fault", "|---"))
    ]
    assert all(re.search(r"`test_\w+`|::test_\w+`", line) for line in listed), listed
