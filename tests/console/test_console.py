from __future__ import annotations

import errno
import io
import json

import pytest

from lockgate.console import Console, byte_size, duration, render_table
from lockgate.errors import ExitCode, LockBudgetError, NeedsPersonError, OutputError
from lockgate.redaction import redact, remember


def console(**options: bool) -> tuple[Console, io.StringIO, io.StringIO]:
    out, err = io.StringIO(), io.StringIO()
    return Console(stdout=out, stderr=err, stdin=io.StringIO(), **options), out, err


def test_an_error_says_state_cause_and_next_step() -> None:
    made, out, err = console()
    made.error(LockBudgetError("No locks.", state="nothing", why="busy\nvery", next_steps=["wait", "retry"]))
    assert out.getvalue() == ""
    assert err.getvalue().splitlines() == [
        "No locks.",
        "",
        "  state   nothing",
        "  why     busy",
        "          very",
        "  next    wait",
        "          retry",
    ]
    as_json, out, _ = console(as_json=True)
    as_json.error(LockBudgetError("No locks."))
    assert json.loads(out.getvalue())["exit_code"] == ExitCode.LOCK_BUDGET


class Full(io.StringIO):
    """A stream on a disk without space."""

    def write(self, text: str) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")


def test_output_that_cannot_be_written_is_an_error_that_is_told_where_it_can_be() -> None:
    err = io.StringIO()
    made = Console(stdout=Full(), stderr=err, stdin=io.StringIO(), as_json=True)
    with pytest.raises(OutputError, match="No space left") as failure:
        made.document({})
    made.error(failure.value)
    assert "lockgate status" in err.getvalue()
    Console(stdout=Full(), stderr=Full(), stdin=io.StringIO()).error(failure.value)


def test_json_mode_prints_one_document_and_events_on_the_side() -> None:
    made, out, err = console(as_json=True)
    made.say("for people")
    made.table(("a",), [["b"]])
    made.warn("careful")
    made.event("step", name="x")
    made.document({"ok": True})
    assert json.loads(out.getvalue()) == {"ok": True}
    assert [json.loads(line)["event"] for line in err.getvalue().splitlines()] == ["warning", "step"]


def test_nobody_is_asked_when_nobody_is_there() -> None:
    made, _, _ = console()
    with pytest.raises(NeedsPersonError, match="Nobody is there"):
        made.confirm("Really?", assume_yes=False)
    made.confirm("Really?", assume_yes=True)


@pytest.mark.parametrize(
    "text",
    [
        "postgresql://bob:s3cr3t-pw@db.example.org/app",
        "host=x password=s3cr3t-pw dbname=y",
        "host=x password='s3cr3t-pw' dbname=y",
        "ALTER ROLE bob PASSWORD 's3cr3t-pw'",
        "postgresql://db.example.org/app?password=s3cr3t-pw&x=1",
    ],
)
def test_secrets_never_reach_an_output(text: str) -> None:
    made, out, err = console(verbose=True)
    made.say(text)
    made.note(text)
    made.warn(text)
    made.error(LockBudgetError(text, why=text, state=text, next_steps=[text]))
    assert "s3cr3t" not in out.getvalue() + err.getvalue()
    assert out.getvalue()


def test_a_remembered_secret_is_hidden_in_both_spellings() -> None:
    remember("p%40ss-word")
    assert redact("a p@ss-word and a p%40ss-word") == "a •••• and a ••••"


def test_tables_fit_and_numbers_stand_to_the_right() -> None:
    lines = render_table(("name", "rows"), [["users", 5], ["a" * 60, 1234]], 40)
    assert all(len(line) <= 40 for line in lines)
    assert lines[1].endswith("5")
    assert render_table(("name",), [], 40) == []


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.04, "0.04 s"),
        (3.14, "3.1 s"),
        (12, "12 s"),
        (185, "3 min 5 s"),
        (7800, "2 h 10 min"),
        (60, "1 min"),
    ],
)
def test_durations_are_short_and_clear(seconds: float, words: str) -> None:
    assert duration(seconds) == words


def test_sizes_have_units() -> None:
    assert [byte_size(n) for n in (512, 2048, 48 * 1024**3)] == ["512 B", "2 kB", "48 GB"]


def test_progress_says_nothing_at_first_and_estimates_the_end_later(monkeypatch: pytest.MonkeyPatch) -> None:
    made, _, err = console()
    with made.progress("copying", total=100, unit="rows") as progress:
        progress.advance(10)
        assert err.getvalue() == ""
        monkeypatch.setattr(progress, "_started", progress._started - 10)
        monkeypatch.setattr(progress, "_shown", progress._shown - 10)
        progress.advance(10)
    assert "20%" in err.getvalue()
    assert "left" in err.getvalue()


def test_a_function_call_is_no_secret() -> None:
    assert redact("UPDATE t SET token = gen_random_uuid()") == "UPDATE t SET token = gen_random_uuid()"
    assert "abc" not in redact("token = 'abc'")
