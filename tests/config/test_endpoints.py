"""Which address of a hosted project a connection string leads to, and what a user is told to use instead."""

from __future__ import annotations

import psycopg
import pytest

from lockgate.config.endpoints import Kind, advice, detour, endpoint_of
from lockgate.engine.connecting import explain

REF = "abcdefghijklmnopqrst"
POOLER = "aws-0-eu-west-1.pooler.supabase.com"


@pytest.mark.parametrize(
    ("conninfo", "kind", "keeps"),
    [
        (f"postgresql://postgres:x@db.{REF}.supabase.co:5432/postgres", Kind.DIRECT, True),
        (f"postgresql://postgres:x@db.{REF}.supabase.co/postgres", Kind.DIRECT, True),
        (f"postgresql://postgres:x@db.{REF}.supabase.co:6543/postgres", Kind.DEDICATED_POOLER, False),
        (f"postgresql://postgres.{REF}:x@{POOLER}:5432/postgres", Kind.SESSION_POOLER, True),
        (
            f"postgres://postgres.{REF}:p%40ss@{POOLER}:6543/postgres?sslmode=require",
            Kind.TRANSACTION_POOLER,
            False,
        ),
        (f"host={POOLER} port=6543 user=postgres.{REF} dbname=postgres", Kind.TRANSACTION_POOLER, False),
    ],
)
def test_every_address_is_known(conninfo: str, kind: Kind, keeps: bool) -> None:
    endpoint = endpoint_of(conninfo)
    assert endpoint is not None
    assert endpoint.kind is kind
    assert endpoint.keeps_sessions is keeps
    assert endpoint.reference == REF
    assert bool(advice(conninfo)) is not keeps


def test_another_server_gets_no_advice() -> None:
    for conninfo in (
        "postgresql://postgres@db.example.org:6543/x",
        "host=/tmp",
        "postgresql://localhost/postgres",
    ):
        assert endpoint_of(conninfo) is None
        assert advice(conninfo) == detour(conninfo) == ()


def test_the_right_address_is_spelled_out_without_the_password() -> None:
    told = advice(f"postgresql://postgres.{REF}:secret@{POOLER}:6543/postgres")
    assert told[0].startswith(f"postgresql://postgres.{REF}@{POOLER}:5432/postgres ")
    assert told[1].startswith(f"postgresql://postgres@db.{REF}.supabase.co:5432/postgres ")
    assert not any("secret" in line for line in told)


def test_users_that_belong_to_another_address() -> None:
    assert f"postgres.<ref>@{POOLER}:5432" in advice(f"postgresql://postgres:x@{POOLER}:5432/postgres")[0]
    assert f"postgres@db.{REF}" in advice(f"postgresql://postgres.{REF}:x@db.{REF}.supabase.co/postgres")[0]


def test_without_ipv6_the_error_names_the_pooler() -> None:
    direct = f"postgresql://postgres:secret@db.{REF}.supabase.co:5432/postgres"
    for text in ("failed to resolve host", "Network is unreachable", "connection timeout expired"):
        error = explain(psycopg.OperationalError(text), direct)
        assert any(
            f"postgres.{REF}@<region>.pooler.supabase.com:5432" in step for step in error.next_steps
        ), text
        assert "secret" not in str(error.next_steps)
    refused = explain(psycopg.OperationalError("password authentication failed"), direct)
    assert not any("pooler.supabase.com:5432" in step for step in refused.next_steps)
