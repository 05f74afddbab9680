"""The bridge to PostgreSQL's own parser (libpg_query), called through ctypes.

The library ships inside the ``postgast`` distribution. It is loaded directly, without importing that package, because
its Python layer takes longer to import than most files take to parse. The parse tree comes as JSON: ``json`` builds it
in C, several times faster than one Python object for each protobuf message.
"""

from __future__ import annotations

import ctypes
import functools
import importlib
import importlib.util
import json
import re
import sys
from pathlib import Path
from typing import Any

from lockgate.errors import LockgateError

_NAMES = {"linux": "libpg_query.so", "darwin": "libpg_query.dylib", "win32": "pg_query.dll"}


class _Error(ctypes.Structure):
    _fields_ = (
        ("message", ctypes.c_char_p),
        ("funcname", ctypes.c_char_p),
        ("filename", ctypes.c_char_p),
        ("lineno", ctypes.c_int),
        ("cursorpos", ctypes.c_int),
        ("context", ctypes.c_char_p),
    )


class _Result(ctypes.Structure):
    """The shape of the JSON results: parse tree, and plpgsql functions (which has no stderr buffer)."""

    _fields_ = (
        ("tree", ctypes.c_char_p),
        ("stderr_buffer", ctypes.c_char_p),
        ("error", ctypes.POINTER(_Error)),
    )


class _PlpgsqlResult(ctypes.Structure):
    _fields_ = (("tree", ctypes.c_char_p), ("error", ctypes.POINTER(_Error)))


class _SplitStmt(ctypes.Structure):
    _fields_ = (("location", ctypes.c_int), ("length", ctypes.c_int))


class _SplitResult(ctypes.Structure):
    _fields_ = (
        ("stmts", ctypes.POINTER(ctypes.POINTER(_SplitStmt))),
        ("n_stmts", ctypes.c_int),
        ("stderr_buffer", ctypes.c_char_p),
        ("error", ctypes.POINTER(_Error)),
    )


class ParserError(Exception):
    """The parser refused a text; ``byte`` counts bytes from 0, or is None when it did not say where."""

    def __init__(self, message: str, byte: int | None) -> None:
        super().__init__(message)
        self.message = message
        self.byte = byte


@functools.cache
def _library() -> ctypes.CDLL:
    spec = importlib.util.find_spec("postgast")
    name = _NAMES.get(sys.platform)
    if spec is None or spec.origin is None or name is None:
        raise LockgateError(
            "PostgreSQL's parser (libpg_query) is not installed for this platform",
            next_steps=["pip install postgast"],
        )
    library = ctypes.CDLL(str(Path(spec.origin).with_name(name)))
    for function, result in (
        ("pg_query_parse", _Result),
        ("pg_query_parse_plpgsql", _PlpgsqlResult),
        ("pg_query_split_with_scanner", _SplitResult),
    ):
        getattr(library, function).restype = result
        getattr(library, function).argtypes = [ctypes.c_char_p]
    return library


def _check(error: Any) -> None:
    if error:
        found = error.contents
        byte = found.cursorpos - 1 if found.cursorpos > 0 else None
        raise ParserError(found.message.decode("utf-8", "replace"), byte)


def parse_json(sql: bytes) -> list[dict[str, Any]]:
    """The raw statements of some SQL, each ``{"stmt", "stmt_location", "stmt_len"}``; raises ParserError."""
    library = _library()
    result = library.pg_query_parse(sql)
    try:
        _check(result.error)
        stmts: list[dict[str, Any]] = json.loads(result.tree).get("stmts", [])
        return stmts
    except RecursionError as error:
        raise ParserError("the statement is nested too deeply", None) from error
    finally:
        library.pg_query_free_parse_result(result)


def parse_plpgsql_json(create_function: bytes) -> list[dict[str, Any]]:
    """The bodies of a CREATE FUNCTION … LANGUAGE plpgsql; raises ParserError."""
    library = _library()
    result = library.pg_query_parse_plpgsql(create_function)
    try:
        _check(result.error)
        functions: list[dict[str, Any]] = json.loads(_mended(result.tree))
        return functions
    except (RecursionError, ValueError) as error:
        raise ParserError("what the parser says of the function cannot be read", None) from error
    finally:
        library.pg_query_free_plpgsql_parse_result(result)


_PROMISE = re.compile(rb"(?<=[\[,])\{\}\}(?=[,\]])")


def _mended(tree: bytes) -> bytes:
    """The library writes one brace too many for each variable of a trigger function that is filled on demand."""
    head, action, body = tree.partition(b'"action":')
    return _PROMISE.sub(b"{}", head) + action + body


def split_bytes(sql: bytes) -> list[tuple[int, int]]:
    """Start and length in bytes of each statement, found by the scanner alone; raises ParserError."""
    library = _library()
    result = library.pg_query_split_with_scanner(sql)
    try:
        _check(result.error)
        return [
            (result.stmts[i].contents.location, result.stmts[i].contents.length)
            for i in range(result.n_stmts)
        ]
    finally:
        library.pg_query_free_split_result(result)


def deparse_statements(stmts: list[dict[str, Any]]) -> str:
    """SQL text of parse trees in the form of :func:`parse_json`; raises ParserError."""
    json_format = importlib.import_module("google.protobuf.json_format")
    postgast = importlib.import_module("postgast")
    messages = importlib.import_module("postgast.pg_query_pb2")
    try:
        text: str = postgast.deparse(json_format.ParseDict({"stmts": stmts}, messages.ParseResult()))
        return text
    except (postgast.PgQueryError, json_format.ParseError) as error:
        raise ParserError(str(error), None) from error
