"""The forecast is what the server does: every form on every version, with rows and without.

What was measured is stored, and each run compares the forecast with all of it. Each run also measures every form on
every version again, on two of them with rows and on two without, the other way round the next day; nightly both.
"""

from __future__ import annotations

import functools

import pytest
from tests.conftest import ServerSource
from tests.locks import measurements, page
from tests.locks.compare import comparable, difference, predicted, replayed
from tests.locks.forms import MAJORS, Form, all_forms
from tests.locks.paths import PAGE
from tests.locks.servers import forms_for, measure_all
from tests.sampling import in_turn
from tests.servers import PLAIN

from lockgate.analysis.state.catalog import Catalog
from lockgate.errors import LocalServerError

CASES = [
    (major, profile) for place, major in enumerate(MAJORS) for profile in in_turn(("rows", "empty"), place)
]


@functools.cache
def schema(major: int, settings: tuple[str, ...]) -> Catalog:
    return replayed(major, settings)


@pytest.mark.server
@pytest.mark.slow
@pytest.mark.parametrize(("major", "profile"), CASES)
def test_forecast_is_what_the_server_does(major: int, profile: str, session_servers: ServerSource) -> None:
    try:
        server = session_servers(major, PLAIN)
    except LocalServerError as error:
        pytest.skip(error.message)
    measured = measure_all(server, profile)
    kept = measurements.of_major(measurements.load(), major)
    wrong: list[str] = []
    changed: list[str] = []
    for form in forms_for(major, profile):
        catalog = schema(major, form.settings)
        seen = comparable(measured[form.id], form, profile)
        found = difference(comparable(predicted(form, catalog, major), form, profile), seen)
        wrong += [f"{form.id}: {form.sql}\n    {line}" for line in found]
        if measurements.stored_profile(form) == profile:
            stored = comparable(kept[form.id], form, profile)
            changed += [f"{form.id}: {line}" for line in difference(stored, seen)]
    assert not wrong, "\n".join(wrong)
    assert not changed, "run scripts/measure_locks.py; stored and measured differ:\n" + "\n".join(changed)


def test_forms_are_many_and_have_names_of_their_own() -> None:
    names = [form.id for form in all_forms()]
    assert len(names) == len(set(names))
    assert len(names) >= 300


def test_every_form_is_stored() -> None:
    stored = measurements.load()
    assert set(stored) == {form.id for form in all_forms()}, "run scripts/measure_locks.py"
    for form in all_forms():
        assert sorted(m for entry in stored[form.id] for m in entry["majors"]) == list(form.majors)


def test_page_is_written_from_what_is_stored() -> None:
    assert not page.missing_families()
    assert PAGE.read_text("utf-8") == page.render(measurements.load()), "run scripts/measure_locks.py --page"


@pytest.mark.parametrize("major", MAJORS)
def test_forecast_agrees_with_what_is_stored(major: int) -> None:
    """The same comparison without a server, so that it is made everywhere."""
    kept = measurements.of_major(measurements.load(), major)
    wrong = [
        f"{form.id}: {line}"
        for form in all_forms()
        if major in form.majors
        for line in _disagreement(form, major, kept[form.id])
    ]
    assert not wrong, "\n".join(wrong)


def _disagreement(form: Form, major: int, kept: measurements.Json) -> list[str]:
    profile = measurements.stored_profile(form)
    forecasted = predicted(form, schema(major, form.settings), major)
    return difference(comparable(forecasted, form, profile), comparable(kept, form, profile))
