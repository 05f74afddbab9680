"""Templates that another tool makes SQL of: their placeholders are taken for names, so that the rest can be read."""

from __future__ import annotations

import re
from typing import Final

from lockgate.values import value

_PLACEHOLDER: Final = re.compile(
    r"""
      (?P<erb><%[^=%][^%]*+(?:%(?!>)[^%]*+)*+%>)        # control of ERB: nothing is left of it
    | (?P<control>\{[%\#].*?[%\#]\}|\{\{-?\s*config\b.*?\}\})
    | <%=(?P<ruby>.*?)%>
    | \{\{(?P<jinja>.*?)\}\}
    | \$\{(?P<shell>[^}\n]*)\}
    | \#\{(?P<inline>[^}\n]*)\}
    | %\((?P<python>\w+)\)s
    | @(?P<autoconf>[A-Za-z_]\w*)@
    | (?<![:\w\])"'])(?P<psql>:(?:'\w+'|"\w+"|[A-Za-z_]\w*))
    """,
    re.VERBOSE | re.DOTALL,
)
_WORD: Final = re.compile(r"[A-Za-z_]\w*")
_BLACK: Final = re.compile(r"[^\r\n]")
_TOOLS: Final = {
    "erb": "ERB",
    "ruby": "ERB",
    "control": "Jinja",
    "jinja": "Jinja or Go",
    "shell": "Flyway or a shell",
    "inline": "Ruby",
    "python": "Python",
    "autoconf": "another tool",
    "psql": "psql",
}


@value(frozen=True, slots=True)
class Template:
    """A text with names in the places of its placeholders: line by line and column by column as it was.

    ``first`` is the first placeholder, at the character ``offset``; ``count`` how many there are; ``tool`` who fills
    them in.
    """

    text: str
    first: str
    offset: int
    count: int
    tool: str


def read_template(text: str) -> Template | None:
    """The template that a text may be; None where nothing looks like a placeholder."""
    found = list(_PLACEHOLDER.finditer(text))
    if not found:
        return None
    first = found[0]
    filled = _PLACEHOLDER.sub(_filled, text)
    return Template(filled, first.group(), first.start(), len(found), _TOOLS[first.lastgroup or ""])


def _filled(match: re.Match[str]) -> str:
    whole, kind = match.group(), match.lastgroup or ""
    if kind in ("erb", "control"):
        return _BLACK.sub(" ", whole)
    if kind == "psql":
        # An underscore in front makes no word of the language.
        return ("_" if whole[1] not in "'\"" else " ") + whole[1:]
    words = _WORD.findall(match[kind])
    name = words[-1] if words else "_"
    if _touches_a_word(match):
        return name.ljust(len(whole), "_") if "\n" not in whole else whole
    quoted = f'"{name}"'
    return quoted + _BLACK.sub(" ", whole[len(quoted) :])


def _touches_a_word(match: re.Match[str]) -> bool:
    text, start, end = match.string, match.start(), match.end()
    around = text[start - 1 : start] + text[end : end + 1]
    return any(character.isalnum() or character == "_" for character in around)
