"""What ``--to NAME|URL`` means: a connection string, and whether the database behind it is protected."""

from __future__ import annotations

import difflib
import ipaddress
import os
import re
from collections.abc import Mapping
from dataclasses import field
from typing import Final
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from lockgate.config.model import Config
from lockgate.config.sections import Environment
from lockgate.config.variables import look_up, reference
from lockgate.errors import ConfigError, UsageError
from lockgate.redaction import redact, remember
from lockgate.values import value

EMBEDDED: Final = "local"
"""The name of the embedded server, unless ``[environments.local]`` gives it a URL."""


@value(frozen=True, slots=True)
class Target:
    """A database to work on.

    ``conninfo`` is a libpq connection string and may hold a password: it is never printed, ``str()`` and ``repr()``
    leave it out. ``embedded`` means the project's own local server, whose connection string ``lockgate.local`` knows;
    ``conninfo`` is empty then.
    """

    name: str
    conninfo: str = field(repr=False)
    protected: bool
    embedded: bool = False

    @property
    def display(self) -> str:
        """Where it leads, without user and password: ``db.example.org:5432/postgres``."""
        if self.embedded:
            return "the embedded server"
        found = parse_conninfo(self.conninfo)
        host = found.get("host") or found.get("hostaddr") or "the default host"
        port = f":{found['port']}" if found.get("port") else ""
        return f"{host}{port}/{found.get('dbname', '')}".rstrip("/")

    def __str__(self) -> str:
        return self.name


def resolve_target(config: Config, text: str, environ: Mapping[str, str] | None = None) -> Target:
    """The target that a name of ``[environments]``, ``local``, a URL or ``env(NAME)`` means; raises ConfigError."""
    environment = config.environments.get(text)
    if environment is not None and (environment.url or text != EMBEDDED):
        return _from_environment(config, text, environment, environ)
    if text == EMBEDDED:
        return Target(EMBEDDED, "", protected=False, embedded=True)
    if reference(text) or "://" in text or "=" in text:
        conninfo = _checked(_value(config, text, environ), text)
        return _target(None, conninfo, None, environ)
    raise _unknown(config, text)


def _from_environment(
    config: Config, name: str, environment: Environment, environ: Mapping[str, str] | None
) -> Target:
    if not environment.url:
        raise ConfigError(
            f"[environments.{name}] has no url",
            next_steps=[f'add url = "env({re.sub("[^A-Za-z0-9]", "_", name).upper()}_DATABASE_URL)"'],
        )
    conninfo = _checked(_value(config, environment.url, environ), f"[environments.{name}] url")
    if environment.password:
        conninfo = with_password(conninfo, _value(config, environment.password, environ))
    return _target(name, conninfo, environment.protected, environ)


def _value(config: Config, text: str, environ: Mapping[str, str] | None) -> str:
    name = reference(text)
    return look_up(name, config.root, environ) if name else text


def _target(
    name: str | None, conninfo: str, protected: bool | None, environ: Mapping[str, str] | None
) -> Target:
    remember(parse_conninfo(conninfo).get("password"))
    decided = not is_this_machine(conninfo, environ) if protected is None else protected
    made = Target(name or "", conninfo, decided)
    return made if name else Target(made.display, conninfo, decided)


def _checked(conninfo: str, source: str) -> str:
    shown = "the connection string" if "://" in source or "=" in source else source
    if re.search(r"\[[A-Z_ -]*PASSWORD\]", unquote(conninfo), re.IGNORECASE):
        raise ConfigError(f"{shown} still holds the placeholder [YOUR-PASSWORD]")
    scheme = _SCHEME.match(conninfo)
    if scheme and scheme[1] not in ("postgres", "postgresql"):
        raise ConfigError(f"{shown} is not a PostgreSQL address: it begins with {scheme[1]}://")
    if not scheme and "=" not in conninfo:
        raise ConfigError(
            f"{shown} is not a connection string", next_steps=["write postgresql://user@host:5432/database"]
        )
    return conninfo.strip()


def _unknown(config: Config, text: str) -> UsageError:
    names = sorted({EMBEDDED, *config.environments})
    close = difflib.get_close_matches(text, names, n=1)
    hint = f"did you mean {close[0]}?" if close else f"known: {', '.join(names)}"
    return UsageError(
        f"there is no environment {redact(text)!r}; {hint}",
        next_steps=[f"add [environments.{text}] to lockgate.toml, or give a connection string"]
        if re.fullmatch(r"[\w-]+", text)
        else [],
    )


_SCHEME: Final = re.compile(r"\s*([A-Za-z][A-Za-z0-9+.-]*)://")
_PAIR: Final = re.compile(r"\s*(\w+)\s*=\s*(?:'((?:[^'\\]|\\.)*)'|((?:[^\s'\\]|\\.)*))")


def parse_conninfo(conninfo: str) -> dict[str, str]:
    """The parts of a connection string by libpq's names (host, port, user, password, dbname, …), decoded.

    A light reading for display and protection that needs no driver; the driver has the last word on validity.
    """
    if _SCHEME.match(conninfo):
        return _parse_url(conninfo)
    pairs = {}
    for match in _PAIR.finditer(conninfo):
        raw = match[2] if match[2] is not None else match[3]
        pairs[match[1]] = re.sub(r"\\(.)", r"\1", raw)
    return pairs


def _parse_url(url: str) -> dict[str, str]:
    rest = url.split("://", 1)[1]
    authority = re.split(r"[/?#]", rest.rsplit("@", 1)[-1], maxsplit=1)[0]
    login = rest.rsplit("@", 1)[0] if "@" in rest else ""
    user, _, password = login.partition(":")
    hosts = [re.fullmatch(r"(\[[^\]]*\]|[^:]*)(?::(\d*))?", part) for part in authority.split(",")]
    split = urlsplit("x://" + rest.rsplit("@", 1)[-1].replace("[", "").replace("]", ""))
    found = {
        "user": user,
        "password": password,
        "host": ",".join(match[1].strip("[]") for match in hosts if match),
        "port": ",".join(match[2] for match in hosts if match and match[2]),
        "dbname": split.path.removeprefix("/"),
    }
    decoded = {key: unquote(value) for key, value in found.items() if value}
    return {**decoded, **dict(parse_qsl(split.query))}


def with_password(conninfo: str, password: str) -> str:
    """The connection string with a password added."""
    if _SCHEME.match(conninfo):
        joint = "&" if "?" in conninfo else "?"
        return f"{conninfo}{joint}password={quote(password, safe='')}"
    escaped = password.replace("\\", "\\\\").replace("'", "\\'")
    return f"{conninfo} password='{escaped}'"


def is_this_machine(conninfo: str, environ: Mapping[str, str] | None = None) -> bool:
    """Whether a connection string surely leads to a server on this machine (not so for a service or several hosts)."""
    found = parse_conninfo(conninfo)
    if "service" in found:
        return False
    values = os.environ if environ is None else environ
    host = found.get("hostaddr") or found.get("host") or values.get("PGHOST") or "/"
    return all(_is_loopback(part) for part in host.split(","))


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.startswith(("/", "@")):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
