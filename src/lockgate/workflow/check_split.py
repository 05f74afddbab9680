"""Checking in two processes: a forked one checks the first files while this one replays them and checks the rest.

Each file is judged by the schema that the files before it leave, so the second half needs the first one replayed; but
replaying costs about a third of checking. The fork has every parse tree already and hands back text. Whatever happens
to it, the result is the same: what it does not deliver is worked out here.
"""

from __future__ import annotations

import gc
import os
import pickle
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Final, NoReturn

from lockgate.analysis.check import check_beginning, check_rest
from lockgate.analysis.options import Options
from lockgate.analysis.parts import Part
from lockgate.analysis.source import Source

WORTH_IT: Final = 200
"""So many statements must be left for this process, or a second one saves less than it costs."""

_REPLAY: Final = 0.25
"""What replaying a statement costs, where checking it costs 1; less what the fork loses by copying memory."""

_ENDING: Final = (signal.SIGINT, signal.SIGTERM)


def check_in_two(sources: Sequence[Source], first: int, options: Options) -> Part:
    """Check the files from place ``first`` on, in two processes where that is possible and faster."""
    sizes = [len(source.script.statements) for source in sources]
    begin = middle(sizes, first)
    if sum(sizes[begin:]) < WORTH_IT or not may_fork():
        return check_rest(sources, first, first, _nothing_before, options)
    return check_split(sources, first, begin, options)


def check_split(sources: Sequence[Source], first: int, begin: int, options: Options) -> Part:
    """The same, divided at place ``begin``."""

    def beginning() -> Part:
        return check_beginning(sources, first, begin, options)

    with Fork(beginning) as fork:
        return check_rest(sources, first, begin, fork.result, options)


def may_fork() -> bool:
    """Whether a second process can run beside this one, and nothing forbids a fork.

    On macOS the system's own libraries may not survive one; a thread would leave its locks locked in the child.
    """
    return sys.platform == "linux" and threading.active_count() == 1 and len(os.sched_getaffinity(0)) > 1


def middle(sizes: Sequence[int], first: int) -> int:
    """Where to divide files of so many statements, so that both processes are done at the same time.

    With a share x for the fork, x times 1 is as long as x times the cost of a replay and the rest times 1.
    """
    share = sum(sizes[first:]) / (2 - _REPLAY)
    for number in range(first, len(sizes)):
        share -= sizes[number]
        if share <= 0:
            return number + 1
    return len(sizes)


def _nothing_before() -> Part:
    raise AssertionError("nothing was left to another process")


class Fork:
    """A child that works out one part; it ends with the block, at the latest."""

    def __init__(self, work: Callable[[], Part]) -> None:
        self._work = work

    def __enter__(self) -> Fork:
        self._pipe, theirs = os.pipe()
        # Until the child has its own way to take a signal, none may reach it.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, _ENDING)
        self._child = os.fork()
        if self._child == 0:
            _deliver(self._work, theirs, before)
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        os.close(theirs)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._pipe)
        if self._child:
            os.kill(self._child, signal.SIGKILL)
            os.waitpid(self._child, 0)

    def result(self) -> Part:
        """What the child found; what kept it from that is met here again, and told as ever."""
        with open(self._pipe, "rb", closefd=False) as pipe:
            content = pipe.read()
        _, status = os.waitpid(self._child, 0)
        self._child = 0
        if status:
            return self._work()
        part: Part = pickle.loads(content)  # noqa: S301 (our own child wrote it)
        return part


def _deliver(work: Callable[[], Part], pipe: int, mask: set[int | signal.Signals]) -> NoReturn:
    """The life of the child: it prints nothing, cleans up nothing, and dies of an interrupt."""
    code = 1
    try:
        for number in _ENDING:
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        gc.disable()  # a walk over all parse trees would copy them
        with open(pipe, "wb") as file:
            file.write(pickle.dumps(work(), pickle.HIGHEST_PROTOCOL))
        code = 0
    finally:
        os._exit(code)
