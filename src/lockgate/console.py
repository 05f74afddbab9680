"""The only place that prints: for people, quietly, or as JSON.

Results go to stdout; progress, notes and errors to stderr. Everything passes through the redaction of secrets. Colour
and drawing appear only on a terminal and only say again what words already say.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import sys
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import IO, Any

from lockgate.errors import LockgateError, NeedsPersonError, OutputError
from lockgate.redaction import redact

_STYLES = {
    "bold": "1",
    "dim": "2",
    "red": "31",
    "green": "32",
    "yellow": "33",
    "blue": "34",
    "cyan": "36",
}

_PIECE = 1_000_000
"""A long document is written in pieces of about so many characters: what hides secrets copies what it is given."""

QUIET_SECONDS = 2.0
"""Work that ends sooner shows no progress."""


@dataclass
class Console:
    """One conversation with a person or a program.

    ``as_json`` prints one JSON document on stdout and progress as JSON lines on stderr; ``quiet`` drops all but
    results and errors; ``verbose`` adds notes.
    """

    as_json: bool = False
    quiet: bool = False
    verbose: bool = False
    stdout: IO[str] = field(default_factory=lambda: sys.stdout)
    stderr: IO[str] = field(default_factory=lambda: sys.stderr)
    stdin: IO[str] = field(default_factory=lambda: sys.stdin)

    @property
    def width(self) -> int:
        """Columns of the terminal; 100 when the output is not one."""
        return shutil.get_terminal_size((100, 24)).columns if self.is_terminal else 100

    @property
    def is_terminal(self) -> bool:
        """Whether a person reads stdout on a terminal."""
        return bool(getattr(self.stdout, "isatty", lambda: False)())

    @property
    def coloured(self) -> bool:
        """Whether colour may be used (a terminal, and NO_COLOR is not set)."""
        return self.is_terminal and not self.as_json and "NO_COLOR" not in os.environ

    def style(self, text: str, *styles: str) -> str:
        """The text in one or more styles (bold, dim, red, green, yellow, blue, cyan), plain where colour is off."""
        if not self.coloured or not text:
            return text
        codes = ";".join(_STYLES[name] for name in styles)
        return f"\x1b[{codes}m{text}\x1b[0m"

    def say(self, text: str = "") -> None:
        """A line of the result, for people; silent in JSON and quiet mode."""
        if not self.as_json and not self.quiet:
            self._write(self.stdout, text)

    def output(self, text: str) -> None:
        """Text that is the result itself (a URL, SQL, a report): printed in every mode but JSON."""
        if not self.as_json:
            self._write(self.stdout, text)

    def secret_output(self, text: str) -> None:
        """A result that may hold a secret because the user asked for exactly that (``local url``)."""
        self._raw(self.stdout, text)

    def note(self, text: str) -> None:
        """A remark for those who asked for more (``--verbose``)."""
        if self.verbose:
            self._write(self.stderr, text)

    def warn(self, text: str) -> None:
        """Something the reader should know although the command goes on."""
        if self.as_json:
            self.event("warning", message=text)
        else:
            self._write(self.stderr, self.style("warning", "yellow") + "  " + text)

    def document(self, document: Any) -> None:
        """The one JSON document of ``--json``; silent otherwise."""
        if self.as_json:
            self._write(self.stdout, json.dumps(document, indent=2, ensure_ascii=False, default=str))

    def document_text(self, text: str) -> None:
        """A document of ``--json`` that is written out already, in pieces of whole lines; silent otherwise."""
        begin = 0
        while self.as_json and begin <= len(text):
            end = text.find("\n", begin + _PIECE)
            end = len(text) if end < 0 else end
            self._write(self.stdout, text[begin:end])
            begin = end + 1

    def event(self, event: str, /, **values: Any) -> None:
        """One JSON line on stderr; silent when not in JSON mode."""
        if self.as_json:
            self._write(self.stderr, json.dumps({"event": event, **values}, ensure_ascii=False, default=str))

    def error(self, error: LockgateError) -> None:
        """An error with its state, cause, evidence and next steps; on stderr where stdout takes no document."""
        if self.as_json:
            with suppress(OutputError):
                self._write(self.stdout, json.dumps(error.to_json(), indent=2, ensure_ascii=False))
                return
        with suppress(OutputError):
            self._tell_error(error)

    def _tell_error(self, error: LockgateError) -> None:
        self._write(self.stderr, self.style(error.message, "bold", "red"))
        rows = [("state", error.state), ("why", error.why)]
        rows += [("next" if number == 0 else "", step) for number, step in enumerate(error.next_steps)]
        rows.append(("more", error.evidence))
        shown = [(label, text) for label, text in rows if text]
        if shown:
            self._write(self.stderr, "")
        for label, text in shown:
            indented = text.replace("\n", "\n          ")
            self._write(self.stderr, f"  {self.style(f'{label:<6}', 'dim')}  {indented}")

    def table(self, header: Sequence[str], rows: Iterable[Sequence[object]], *, indent: int = 0) -> None:
        """Rows in aligned columns that fit the terminal; numbers to the right, long cells folded."""
        if self.as_json or self.quiet:
            return
        for line in render_table(header, rows, self.width - indent, colour=self.coloured):
            self._write(self.stdout, " " * indent + line)

    def confirm(self, question: str, *, assume_yes: bool, expected: str = "yes") -> None:
        """Ask before something that cannot be taken back; the person types ``expected``.

        Raises NeedsPersonError when the answer is another one, or nobody is there to answer.
        """
        if assume_yes:
            return
        if self.as_json or not getattr(self.stdin, "isatty", lambda: False)():
            raise NeedsPersonError(
                f"{question} Nobody is there to answer.",
                state="nothing was changed",
                next_steps=["run the same command with --yes"],
            )
        self._raw(self.stderr, f"{question} Type {expected!r} to go on: ", end="")
        if self.stdin.readline().strip() != expected:
            raise NeedsPersonError("Not confirmed.", state="nothing was changed")

    @contextmanager
    def progress(self, title: str, total: float | None = None, unit: str = "") -> Iterator[Progress]:
        """Progress with an estimate of the end; stays silent for the first two seconds."""
        progress = Progress(self, title, total, unit)
        try:
            yield progress
        finally:
            progress.close()

    def _write(self, stream: IO[str], text: str) -> None:
        self._raw(stream, redact(text))

    def _raw(self, stream: IO[str], text: str, end: str = "\n") -> None:
        try:
            print(text, file=stream, end=end, flush=True)
        except UnicodeEncodeError:
            encoding = getattr(stream, "encoding", None) or "ascii"
            print(text.encode(encoding, "replace").decode(encoding), file=stream, end=end, flush=True)
        except BrokenPipeError:
            raise
        except OSError as error:
            raise OutputError(
                f"The output cannot be written: {error.strerror}.",
                state="what was done stays done and is recorded, as far as something was to be changed",
                next_steps=["lockgate status   shows what is applied", "then run the same command again"],
            ) from error


class Progress:
    """How far some work is; safe to advance from several threads."""

    def __init__(self, console: Console, title: str, total: float | None, unit: str) -> None:
        self._console = console
        self._title = title
        self._total = total
        self._unit = unit
        self._done = 0.0
        self._detail = ""
        self._started = time.monotonic()
        self._shown = self._started + QUIET_SECONDS - self._interval
        self._drawn = False
        self._lock = threading.Lock()

    @property
    def _live(self) -> bool:
        stream = self._console.stderr
        return not self._console.as_json and bool(getattr(stream, "isatty", lambda: False)())

    @property
    def _interval(self) -> float:
        return 0.2 if self._live else 2.0

    def advance(self, amount: float = 1, detail: str | None = None) -> None:
        """Add to what is done."""
        self.update(self._done + amount, detail=detail)

    def update(self, done: float, *, total: float | None = None, detail: str | None = None) -> None:
        """Set what is done, and optionally a better total and a word on what happens now."""
        with self._lock:
            self._done = done
            self._total = total if total is not None else self._total
            self._detail = detail if detail is not None else self._detail
            now = time.monotonic()
            if now - self._shown >= self._interval:
                self._shown = now
                self._draw(now)

    def close(self) -> None:
        """Clear the line."""
        if self._drawn and self._live:
            self._console._raw(self._console.stderr, "\r\x1b[2K", end="")

    def eta_seconds(self, now: float) -> float | None:
        """Seconds to the end at the average rate so far, or None when it cannot be known."""
        if not self._total or self._done <= 0:
            return None
        elapsed = now - self._started
        return max(0.0, elapsed * (self._total - self._done) / self._done)

    def _draw(self, now: float) -> None:
        if self._console.as_json:
            self._console.event(
                "progress",
                title=self._title,
                done=self._done,
                total=self._total,
                eta_seconds=self.eta_seconds(now),
            )
        elif not self._console.quiet:
            text = redact(self._line(now))
            self._console._raw(
                self._console.stderr,
                f"\r\x1b[2K{text}" if self._live else text,
                end="" if self._live else "\n",
            )
            self._drawn = True

    def _line(self, now: float) -> str:
        parts = [self._title]
        if self._total:
            parts.append(f"{min(1.0, self._done / self._total):4.0%}")
            parts.append(f"{self._done:,.0f} of {self._total:,.0f} {self._unit}".rstrip())
        else:
            parts.append(counted(self._done, self._unit.removesuffix("s"), self._unit).rstrip())
        eta = self.eta_seconds(now)
        if eta is not None and self._done < (self._total or 0):
            parts.append(f"about {duration(eta)} left")
        if self._detail:
            parts.append(self._detail)
        return "  ".join(parts)[: max(20, shutil.get_terminal_size((100, 24)).columns - 1)]


def duration(seconds: float) -> str:
    """A length of time in words as short as they are clear: ``0.04 s``, ``12 s``, ``3 min 5 s``, ``2 h 10 min``."""
    if seconds < 0.995:
        return f"{seconds:.2f} s"
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"


def counted(number: float, noun: str, plural: str | None = None) -> str:
    """A number with its noun: ``1 row``, ``2,000 rows``, ``1 query``, ``2 queries``."""
    if number == 1:
        return f"1 {noun}"
    regular = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
    return f"{number:,.0f} {regular if plural is None else plural}"


def byte_size(count: float) -> str:
    """A number of bytes with a unit: ``512 B``, ``48 GB`` (powers of 1024, as PostgreSQL prints them)."""
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1024:
            return f"{count:.0f} {unit}"
        count /= 1024
    return f"{count:.1f} TB"


def render_table(
    header: Sequence[str], rows: Iterable[Sequence[object]], width: int, *, colour: bool = False
) -> list[str]:
    """The lines of a table without a frame, two blanks between columns."""
    from rich.console import Console as RichConsole
    from rich.table import Table
    from rich.text import Text

    cells = [["" if cell is None else str(cell) for cell in row] for row in rows]
    if not cells:
        return []
    table = Table(box=None, show_header=any(header), pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    for place, name in enumerate(header):
        right = all(_is_number(row[place]) for row in cells) and any(row[place] for row in cells)
        table.add_column(name, justify="right" if right else "left", overflow="fold")
    for row in cells:
        table.add_row(*(Text(cell) for cell in row))
    stream = io.StringIO()
    RichConsole(file=stream, width=width, force_terminal=colour, no_color=not colour, highlight=False).print(
        table
    )
    return [line.rstrip() for line in stream.getvalue().rstrip("\n").split("\n")]


def _is_number(text: str) -> bool:
    return (
        not text or text.replace(",", "").replace(".", "").replace("-", "").replace("%", "").strip().isdigit()
    )
