"""Looks for holes."""

from __future__ import annotations

from typing import Any


def search(probe: Any, roles: Any) -> list[Any]:
    return []


def search_functions(*args: Any) -> list[Any]:
    return []
