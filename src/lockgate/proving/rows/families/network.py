"""Network addresses."""

from __future__ import annotations

import re

from lockgate.proving.rows.families.base import Family, Subject


class Addresses(Family):
    """``inet`` and ``cidr``."""

    names = frozenset({"inet", "cidr"})
    form = re.compile(r"[0-9a-fA-F:.]+(/\d+)?")
    ordered = True

    def plain(self, subject: Subject, number: int, distinct: bool) -> str:
        """Addresses of 10.0.0.0/8."""
        return f"10.0.{number // 250 % 250}.{number % 250 + 1}"

    def hostile(self, subject: Subject) -> tuple[str, ...]:
        """The whole internet of either protocol, one address of either."""
        return ("0.0.0.0/0", "::/0", "255.255.255.255/32", "2001:db8::ff00:42:8329/128", "2001:db8::/32")


class MacAddresses(Family):
    """``macaddr`` and ``macaddr8``."""

    names = frozenset({"macaddr", "macaddr8"})
    form = re.compile(r"[0-9a-fA-F]{2}([:-][0-9a-fA-F]{2}){5,7}")
    ordered = True

    def plain(self, subject: Subject, number: int, distinct: bool) -> str:
        """Locally administered addresses."""
        middle = ":ff:fe" if subject.shape.name == "macaddr8" else ""
        return f"02:00:00{middle}:00:{number // 256 % 256:02x}:{number % 256:02x}"

    def hostile(self, subject: Subject) -> tuple[str, ...]:
        """All zeros and broadcast."""
        count = 8 if subject.shape.name == "macaddr8" else 6
        return (":".join(["00"] * count), ":".join(["ff"] * count))
