"""Reads the ``.sql`` files that lie beside the modules which use them."""

from __future__ import annotations

import functools
from importlib import resources


@functools.cache
def read(package: str, name: str) -> str:
    """The text of ``queries/<name>.sql`` of a package."""
    return resources.files(package).joinpath("queries", f"{name}.sql").read_text("utf-8")
