-- ============================================================================
-- Rollback: Drop the search index
-- ============================================================================
-- Date: 2026-01-05
-- Author: ValueCanvas team
-- Rollback for: migrations/20260105_090200_drop_search_index.sql
-- ============================================================================

-- lockgate: no-transaction

CREATE INDEX CONCURRENTLY items_search_idx
  ON public.items USING gin (to_tsvector('pg_catalog.simple', title));
