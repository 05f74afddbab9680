"""JUnit XML, which every CI service reads: test cases grouped in suites.

Only attributes are written that the schema of Jenkins' xUnit plugin (``junit-10.xsd``) knows.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final
from xml.etree import ElementTree

# What XML 1.0 cannot hold at all, not even as an entity.
_UNSPEAKABLE: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Case:
    """One test case. At most one of ``failure`` and ``skipped`` is set.

    ``kind`` is what sort of failure it is, ``details`` its long text.
    """

    name: str
    group: str
    seconds: float = 0.0
    file: str | None = None
    line: int | None = None
    failure: str | None = None
    kind: str | None = None
    details: str = ""
    skipped: str | None = None


@dataclass(frozen=True, slots=True)
class Suite:
    """Test cases that belong together."""

    name: str
    cases: Sequence[Case]


def render(name: str, suites: Sequence[Suite]) -> str:
    """A JUnit document, without a line feed at its end; an empty one is valid, too."""
    every = [case for suite in suites for case in suite.cases]
    root = ElementTree.Element("testsuites", _counts(name, every))
    for suite in suites:
        # Only a suite counts what was skipped; readers of the whole add that up.
        counts = _counts(suite.name, suite.cases) | {"skipped": _count(case.skipped for case in suite.cases)}
        ElementTree.SubElement(root, "testsuite", counts).extend(map(_element, suite.cases))
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode")


def _counts(name: str, cases: Sequence[Case]) -> dict[str, str]:
    return {
        "name": _clean(name),
        "tests": str(len(cases)),
        "failures": _count(case.failure for case in cases),
        "errors": "0",
        "time": f"{sum(case.seconds for case in cases):.3f}",
    }


def _count(texts: Iterable[str | None]) -> str:
    return str(sum(text is not None for text in texts))


def _element(case: Case) -> ElementTree.Element:
    values = {"name": case.name, "classname": case.group, "time": f"{case.seconds:.3f}"}
    element = _made("testcase", **values, file=case.file, line=case.line)
    if case.failure is not None:
        failure = _made("failure", message=case.failure, type=case.kind)
        failure.text = _clean(case.details or case.failure)
        element.append(failure)
    if case.skipped is not None:
        element.append(_made("skipped", message=case.skipped))
    return element


def _made(tag: str, **values: str | int | None) -> ElementTree.Element:
    known = {key: _clean(str(value)) for key, value in values.items() if value is not None}
    return ElementTree.Element(tag, known)


def _clean(text: str) -> str:
    return _UNSPEAKABLE.sub("\ufffd", text)
