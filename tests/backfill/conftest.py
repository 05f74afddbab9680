"""Tables to fill, and a child process that can be killed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

CHILD = Path(__file__).with_name("child.py")


def make_users(pg, rows=5000, key="id uuid PRIMARY KEY", extra=""):
    """``users`` with random or ascending keys, a name in two parts, and an empty ``full_name``."""
    value = "n" if "int" in key else "md5(n::text)::uuid"
    with pg.connect() as c:
        c.execute(
            f"CREATE TABLE users ({key}, first_name text, last_name text, full_name text, touched int DEFAULT 0{extra})"
        )
        c.execute(
            "INSERT INTO users (id, first_name, last_name)"
            f" SELECT {value}, 'f' || n, 'l' || n FROM generate_series(1, {rows}) n"
        )
        c.execute("ANALYZE users")


@pytest.fixture
def users(pg):
    make_users(pg)
    return pg


class Child:
    """A ``lockgate`` worker in a process of its own, to be killed."""

    def __init__(self, url: str, name: str, *options: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, str(CHILD), url, name, *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()

    def finish(self, timeout: float = 120) -> str:
        output, _ = self.process.communicate(timeout=timeout)
        return output


@pytest.fixture
def child():
    children: list[Child] = []

    def start(*arguments: str) -> Child:
        children.append(Child(*arguments))
        return children[-1]

    yield start
    for one in children:
        if one.process.poll() is None:
            one.kill()
