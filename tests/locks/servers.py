"""Running all forms in a database of their own on one of the shared servers."""

from __future__ import annotations

import psycopg
from tests.locks.forms import Form, all_forms
from tests.locks.measure import Bench, Json, prepare, prepare_server
from tests.servers import SessionServer


def forms_for(major: int, profile: str) -> list[Form]:
    """The forms that a server version knows and that can be run with rows, or without."""
    return [form for form in all_forms() if major in form.majors and profile in form.profiles()]


def measure_all(server: SessionServer, profile: str) -> dict[str, Json]:
    """What every form did, by its id; raises the error of the first one that cannot be run."""
    with server.database() as database:
        prepare_server(database.admin_url)
        prepare(database.admin_url, database.major, profile)
        bench = Bench(database.admin_url)
        try:
            return {form.id: _measured(bench, form) for form in forms_for(database.major, profile)}
        finally:
            bench.close()


def _measured(bench: Bench, form: Form) -> Json:
    try:
        return bench.measure(form)
    except psycopg.Error as error:
        raise AssertionError(f"{form.id}: {form.sql}: {error}") from error
