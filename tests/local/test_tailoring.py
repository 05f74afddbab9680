"""Installations with the platform's extensions: what is copied, what is linked, what stands in."""

from __future__ import annotations

import hashlib
import hmac
import json
import uuid
from pathlib import Path

import psycopg
import pytest

from lockgate.local import binaries, ephemeral, flavours, tailoring
from lockgate.local.substitutes import SUBSTITUTES

MAJORS = [15, 16, 17, 18]


@pytest.mark.parametrize("major", MAJORS)
def test_the_original_stays_as_it_is(major, short_path) -> None:
    original = binaries.find(major)
    before = sorted(path.name for path in (original.share_dir / "extension").iterdir())
    tailored = tailoring.tailor(original, short_path)
    assert sorted(path.name for path in (original.share_dir / "extension").iterdir()) == before
    assert tailored.bin_dir != original.bin_dir
    assert not (tailored.bin_dir / "postgres").is_symlink()
    assert (tailored.bin_dir / "psql").resolve() == (original.bin_dir / "psql").resolve()
    assert tailoring.tailor(original, short_path) == tailored


def test_no_cache_means_no_tailoring() -> None:
    original = binaries.find(17)
    assert tailoring.tailor(original, Path("/proc/nowhere")) == original


def test_trusted_is_said_once(short_path) -> None:
    tailored = tailoring.tailor(binaries.find(17), short_path)
    for name in ("hstore", "dblink", "pg_stat_statements"):
        control = (tailored.share_dir / "extension" / f"{name}.control").read_text()
        assert control.count("trusted = true") == 1
    assert "trusted" not in (tailored.share_dir / "extension" / "amcheck.control").read_text()


def test_each_substitute_says_what_it_does() -> None:
    names = [item.name for item in SUBSTITUTES]
    assert len(names) == len(set(names))
    for item in SUBSTITUTES:
        assert item.script.strip()
        assert item.meaning in item.control
        assert "'" not in item.meaning


@pytest.fixture(scope="module", params=MAJORS)
def substituted(request):
    """A server on which every substitute of its major is created."""
    with (
        ephemeral.server(request.param) as running,
        psycopg.connect(running.url, autocommit=True) as connection,
    ):
        for item in tailoring.substitutes_for(binaries.find(request.param)):
            free = item.schema is None and item.name not in ("pg_cron", "pg_net", "pgsodium")
            place = " WITH SCHEMA extensions" if free else ""
            connection.execute(f'CREATE EXTENSION IF NOT EXISTS "{item.name}"{place} CASCADE')
        yield connection


def ask(connection, sql, *values):
    return connection.execute(sql, values).fetchone()[0]


@pytest.mark.server
def test_they_can_all_be_created_dropped_and_created_again(substituted) -> None:
    made = tailoring.substitutes_for(binaries.find(substituted.info.server_version // 10000))
    for item in made:
        with substituted.transaction(force_rollback=True):
            substituted.execute(f'DROP EXTENSION "{item.name}" CASCADE')
            substituted.execute(f'CREATE EXTENSION "{item.name}" CASCADE')


@pytest.mark.server
@pytest.mark.parametrize("name", ["", "a", "www.example.org", "ä" * 70])
def test_identifiers_are_those_of_the_standard(substituted, name) -> None:
    assert ask(substituted, "SELECT uuid_generate_v5(uuid_ns_url(), %s)", name) == uuid.uuid5(
        uuid.NAMESPACE_URL, name
    )
    assert ask(substituted, "SELECT uuid_generate_v3(uuid_ns_dns(), %s)", name) == uuid.uuid3(
        uuid.NAMESPACE_DNS, name
    )
    assert ask(substituted, "SELECT uuid_generate_v1()").version == 1
    assert ask(substituted, "SELECT uuid_generate_v4()").version == 4


@pytest.mark.server
@pytest.mark.parametrize("length", [0, 1, 54, 55, 56, 57, 63, 64, 65, 200])
def test_hashes_are_those_of_the_standard(substituted, length) -> None:
    data = bytes(number % 251 for number in range(length))
    for name in ("md5", "sha1", "sha224", "sha256", "sha384", "sha512"):
        assert (
            ask(substituted, "SELECT digest(%s::bytea, %s)", data, name) == hashlib.new(name, data).digest()
        )
        assert (
            ask(substituted, "SELECT hmac(%s::bytea, %s::bytea, %s)", b"text", data or b"k", name)
            == hmac.new(data or b"k", b"text", name).digest()
        )


@pytest.mark.server
def test_passwords_can_be_checked(substituted) -> None:
    hashed = ask(substituted, "SELECT crypt('secret', gen_salt('bf'))")
    assert hashed.startswith("$2a$06$")
    assert len(hashed) == 60
    assert ask(substituted, "SELECT crypt('secret', %s) = %s", hashed, hashed) is True
    assert ask(substituted, "SELECT crypt('other', %s) = %s", hashed, hashed) is False


@pytest.mark.server
def test_encryption_goes_there_and_back(substituted) -> None:
    assert ask(substituted, "SELECT pgp_sym_decrypt(pgp_sym_encrypt('geheim', 'k'), 'k')") == "geheim"
    with pytest.raises(psycopg.errors.ExternalRoutineInvocationException):
        ask(substituted, "SELECT pgp_sym_decrypt(pgp_sym_encrypt('geheim', 'k'), 'other')")


@pytest.mark.server
def test_tokens_are_signed_as_everywhere(substituted) -> None:
    """The example token of jwt.io with the secret "secret"."""
    payload = '{"sub":"1234567890","name":"John Doe","iat":1516239022}'
    token = ask(substituted, "SELECT sign(%s::json, 'secret')", payload)
    assert token.endswith(".XbPfbIHMI6arZ3Y922BhjWgQzWXcXNrz0ogtVhfEd2o")
    row = substituted.execute("SELECT payload, valid FROM verify(%s, 'secret')", (token,)).fetchone()
    assert row == (json.loads(payload), True)
    assert substituted.execute("SELECT valid FROM verify(%s, 'wrong')", (token,)).fetchone() == (False,)


@pytest.mark.server
def test_short_texts_for_numbers_are_those_of_the_algorithm(substituted) -> None:
    """The examples of hashids.org."""
    salt = "this is my salt"
    for ids, least, made in (
        ([12345], 0, "NkK9"),
        ([683, 94108, 123, 5], 0, "aBMswoO2UB3Sj"),
        ([5, 5, 5, 5], 0, "1Wc8cwcE"),
        ([1], 8, "gB0NV05e"),
    ):
        assert ask(substituted, "SELECT id_encode(%s::bigint[], %s, %s)", ids, salt, least) == made
        assert ask(substituted, "SELECT id_decode(%s, %s, %s)", made, salt, least) == ids
    largest = "SELECT id_decode_once(id_encode(9223372036854775807, 'x', 40), 'x', 40)"
    assert ask(substituted, largest) == 9223372036854775807
    for foreign in ("", "NkK9", "!"):
        assert ask(substituted, "SELECT id_decode(%s, 'another salt')", foreign) == []


@pytest.mark.server
def test_jobs_are_kept(substituted) -> None:
    with substituted.transaction(force_rollback=True):
        number = ask(substituted, "SELECT cron.schedule('nightly', '0 3 * * *', 'SELECT 1')")
        assert ask(substituted, "SELECT cron.schedule('nightly', '30 seconds', 'SELECT 2')") == number
        row = substituted.execute("SELECT schedule, command, username FROM cron.job").fetchone()
        assert row == ("30 seconds", "SELECT 2", "postgres")
        assert ask(substituted, "SELECT cron.unschedule('nightly')") is True
    with pytest.raises(psycopg.errors.InvalidParameterValue):
        ask(substituted, "SELECT cron.schedule('x', 'whenever', 'SELECT 1')")


@pytest.mark.server
def test_requests_are_kept(substituted) -> None:
    number = ask(substituted, "SELECT net.http_post('http://127.0.0.1:1', '{\"a\": 1}', '{\"q\": \"x\"}')")
    row = ask(substituted, "SELECT net.http_collect_response(%s)::text", number)
    assert "PENDING" in row


@pytest.mark.server
def test_queues_hand_each_message_out_once(substituted) -> None:
    with substituted.transaction(force_rollback=True):
        substituted.execute("SELECT pgmq.create('work')")
        sent = substituted.execute(
            "SELECT pgmq.send_batch('work', ARRAY['{\"n\": 1}', '{\"n\": 2}']::jsonb[])"
        ).fetchall()
        assert sent == [(1,), (2,)]
        assert ask(substituted, "SELECT message FROM pgmq.read('work', 30, 1)") == {"n": 1}
        assert ask(substituted, "SELECT message FROM pgmq.read('work', 30, 1)") == {"n": 2}
        assert substituted.execute("SELECT * FROM pgmq.read('work', 30, 1)").fetchone() is None
        assert ask(substituted, "SELECT pgmq.archive('work', 1)") is True
        assert ask(substituted, "SELECT pgmq.delete('work', 1)") is False
        row = substituted.execute("SELECT queue_length, total_messages FROM pgmq.metrics('work')").fetchone()
        assert row == (1, 2)
        assert ask(substituted, "SELECT pgmq.drop_queue('work')") is True


SCHEMA = {
    "type": "object",
    "required": ["name"],
    "properties": {
        "name": {"type": "string", "minLength": 2, "pattern": "^[a-z]+$"},
        "age": {"type": "integer", "minimum": 0},
        "tags": {"type": "array", "items": {"$ref": "#/definitions/tag"}, "uniqueItems": True},
        "kind": {"enum": ["a", "b"]},
        "either": {"oneOf": [{"type": "string"}, {"type": "null"}]},
    },
    "additionalProperties": False,
    "definitions": {"tag": {"type": "string", "maxLength": 3}},
}


@pytest.mark.server
@pytest.mark.parametrize(
    ("instance", "valid"),
    [
        ({"name": "ab"}, True),
        ({"name": "ab", "age": 3, "tags": ["x", "y"], "kind": "b", "either": None}, True),
        ({}, False),
        ({"name": "a"}, False),
        ({"name": "AB"}, False),
        ({"name": 5}, False),
        ({"name": "ab", "age": -1}, False),
        ({"name": "ab", "age": 1.5}, False),
        ({"name": "ab", "tags": ["long"]}, False),
        ({"name": "ab", "tags": ["x", "x"]}, False),
        ({"name": "ab", "kind": "c"}, False),
        ({"name": "ab", "either": 3}, False),
        ({"name": "ab", "extra": 1}, False),
        ([], False),
    ],
)
def test_documents_are_validated(substituted, instance, valid) -> None:
    found = ask(substituted, "SELECT jsonb_matches_schema(%s, %s)", json.dumps(SCHEMA), json.dumps(instance))
    assert found is valid


@pytest.mark.server
def test_vectors_measure_distances(substituted) -> None:
    with substituted.transaction(force_rollback=True):
        substituted.execute("CREATE EXTENSION IF NOT EXISTS vector WITH SCHEMA extensions")
        substituted.execute("CREATE TABLE items (id int, embedding vector(3))")
        substituted.execute("INSERT INTO items VALUES (1, '[1,0,0]'), (2, '[0,1,0]'), (3, '[0.9,0.1,0]')")
        substituted.execute("CREATE INDEX ON items USING hnsw (embedding vector_cosine_ops)")
        substituted.execute("CREATE INDEX ON items USING ivfflat (embedding vector_l2_ops)")
        rows = substituted.execute("SELECT id FROM items ORDER BY embedding <=> '[1,0,0]'").fetchall()
        assert rows == [(1,), (3,), (2,)]
        row = substituted.execute(
            "SELECT '[1,2]'::vector <-> '[4,6]', '[1,2]'::vector <#> '[3,4]'"
        ).fetchone()
        assert row == (5.0, -11.0)
        with (
            pytest.raises(psycopg.errors.DataException, match="expected 3 dimensions, not 2"),
            substituted.transaction(),
        ):
            substituted.execute("INSERT INTO items VALUES (4, '[1,2]')")


@pytest.mark.server
def test_the_platform_is_what_a_flavour_says(short_path, monkeypatch) -> None:
    monkeypatch.setenv(flavours.CACHE_VARIABLE, str(short_path))
    assert flavours.POSTGRES.installation(17) == binaries.find(17)
    assert flavours.SUPABASE.installation(17).bin_dir.is_relative_to(short_path)
