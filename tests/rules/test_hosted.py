"""What a hosted project was seen to refuse is found, and what it permits is not."""

from __future__ import annotations

import pytest
from tests.local.test_supabase_rights import CASES, OK

from lockgate.analysis.check import check
from lockgate.analysis.options import Options
from lockgate.analysis.source import Source

OPTIONS = Options(
    platform="supabase", select=frozenset({"supabase-platform-ownership", "supabase-storage-delete"})
)
NOT_IN_THE_SQL = (
    "CREATE EVENT TRIGGER e ON sql_drop EXECUTE FUNCTION now()",
    "ALTER DATABASE {database} SET app.settings.secret",
    "ALTER ROLE postgres SUPERUSER",
    "pg_read_file",
    "log_statement_stats",
)
"""Refusals that depend on a function, a parameter or an attribute, and have no place in a migration."""

NOT_TOLD_YET = (
    "SET SESSION AUTHORIZATION",
    "SET deadlock_timeout",
    "ALTER ROLE ALL",
    "SET session_preload_libraries",
    "lo_import",
    "LANGUAGE internal",
    "DROP EVENT TRIGGER pgrst_ddl_watch",
    "COMMENT ON TRIGGER",
    "COMMENT ON POLICY",
    "ALTER EXTENSION pgcrypto DROP FUNCTION",
    "DROP EXTENSION plpgsql",
    "CREATE EXTENSION amcheck",
    "CREATE EXTENSION nonsense",
    "CREATE EXTENSION pgcrypto",
    "CREATE EXTENSION pg_net",
    "UPDATE cron.job",
    "ALTER FOREIGN DATA WRAPPER",
)
"""Refusals that the rules do not know: an entry that they come to know has to go."""


@pytest.mark.parametrize(
    ("outcome", "sql"), [case for case in CASES if not any(words in case[1] for words in NOT_IN_THE_SQL)]
)
def test_finding_and_refusal_agree(outcome: str | None, sql: str) -> None:
    text = sql.replace("{database}", "d").replace("{{", "{").replace("}}", "}")
    found = check([Source.from_text(text)], OPTIONS).findings
    told = outcome is not OK and not any(words in sql for words in NOT_TOLD_YET)
    assert bool(found) == told, [finding.message for finding in found]
