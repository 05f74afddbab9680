"""The reference names everything that exists. LOCKGATE_WRITE_DOCS=1 writes the generated part anew."""

from __future__ import annotations

import os
import re
import tomllib
from pathlib import Path

from lockgate.cli.init import command as init
from lockgate.cli.names import convert
from lockgate.cli.new import command as new
from lockgate.config.load import read_config
from lockgate.config.reference import reference
from lockgate.config.variables import FILES
from lockgate.migration.directives.forms import SPECS
from lockgate.migration.header import FIELDS, ROLLBACK_FIELDS
from lockgate.migration.layouts import LAYOUTS

DOCS = Path(__file__).parents[2] / "docs" / "reference"
BEGIN, END = "<!-- generated: settings -->\n", "<!-- end -->\n"
COMMON = {"--json", "--project", "--quiet", "--verbose", "--help"}


def test_the_table_of_settings_is_that_of_the_code():
    path = DOCS / "configuration.md"
    head, _, rest = path.read_text("utf-8").partition(BEGIN)
    _, _, tail = rest.partition(END)
    expected = f"{head}{BEGIN}\n{reference()}\n{END}{tail}"
    if "LOCKGATE_WRITE_DOCS" in os.environ:
        path.write_text(expected, "utf-8")
    assert path.read_text("utf-8") == expected, "run the test once with LOCKGATE_WRITE_DOCS=1"


def test_the_example_settings_can_be_read(tmp_path: Path):
    text = (DOCS / "configuration.md").read_text("utf-8")
    (example,) = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    assert tomllib.loads(example)
    file = tmp_path / "lockgate.toml"
    file.write_text(example)
    assert set(read_config(tmp_path, file).environments) == {"staging", "production"}


def test_every_file_of_variables_is_named():
    text = (DOCS / "configuration.md").read_text("utf-8")
    assert all(f"`{file}`" in text for file in FILES)


def test_every_layout_directive_and_field_is_named():
    text = (DOCS / "files.md").read_text("utf-8")
    missing = [layout.name for layout in LAYOUTS if f"| `{layout.name}` |" not in text]
    missing += [spec.word for spec in SPECS if f"`-- lockgate: {spec.usage}`".replace("|", "\\|") not in text]
    missing += [field for field in (*FIELDS, *ROLLBACK_FIELDS) if f"`{field}`" not in text]
    assert missing == []


def test_every_option_is_named():
    text = (DOCS / "files.md").read_text("utf-8") + (DOCS / "configuration.md").read_text("utf-8")
    options = {name for command in (init, new, convert) for item in command.params for name in item.opts}
    assert [
        name for name in options if name.startswith("--") and name not in COMMON and name not in text
    ] == []
