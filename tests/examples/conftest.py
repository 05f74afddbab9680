"""A database with the example's whole history."""

from __future__ import annotations

import pytest
from tests.examples import valuecanvas
from tests.servers import Database


@pytest.fixture
def canvas_db(supabase_db: Database) -> Database:
    """The example's schema without rows."""
    valuecanvas.migrate(supabase_db)
    return supabase_db
