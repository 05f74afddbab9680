"""JUnit XML, which every CI service reads: test cases grouped in suites."""

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
    """One test case. At most one of ``failure`` and ``skipped`` is set; ``details`` is the long text of a failure."""

    name: str
    group: str
    seconds: float = 0.0
    file: str | None = None
    failure: str | None = None
    details: str = ""
    skipped: str | None = None


def render(suite: str, cases: Sequence[Case]) -> str:
    """One suite as a JUnit document."""
    root = ElementTree.Element("testsuites")
    element = ElementTree.SubElement(root, "testsuite", _counts(suite, cases))
    for case in cases:
        element.append(_element(case))
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def _counts(suite: str, cases: Iterable[Case]) -> dict[str, str]:
    known = list(cases)
    return {
        "name": suite,
        "tests": str(len(known)),
        "failures": str(sum(case.failure is not None for case in known)),
        "errors": "0",
        "skipped": str(sum(case.skipped is not None for case in known)),
        "time": f"{sum(case.seconds for case in known):.3f}",
    }


def _element(case: Case) -> ElementTree.Element:
    values = {"name": _clean(case.name), "classname": _clean(case.group), "time": f"{case.seconds:.3f}"}
    if case.file is not None:
        values["file"] = _clean(case.file)
    element = ElementTree.Element("testcase", values)
    if case.failure is not None:
        failure = ElementTree.SubElement(element, "failure", {"message": _clean(case.failure)})
        failure.text = _clean(case.details or case.failure)
    if case.skipped is not None:
        ElementTree.SubElement(element, "skipped", {"message": _clean(case.skipped)})
    return element


def _clean(text: str) -> str:
    return _UNSPEAKABLE.sub("\ufffd", text)
