-- ============================================================================
-- Migration: Index the search and the latest items
-- ============================================================================
-- Date: 2025-11-25
-- Author: ValueCanvas team
-- Type: Schema
-- Risk: Medium
-- Rollback: See rollbacks/20251125_070000_rollback.sql
--
-- Changes:
-- - GIN index for public.search_items
-- - Index for the latest items of an organisation
--
-- Dependencies:
-- - 20251124_113000_create_overviews
-- - Application 1.4 (works before, only more slowly)
--
-- Testing:
-- - EXPLAIN of both queries uses the indexes; items stay writable while they are built
-- ============================================================================

-- lockgate: no-transaction

CREATE INDEX CONCURRENTLY items_search_idx
  ON public.items USING gin (to_tsvector('pg_catalog.simple', title));

CREATE INDEX CONCURRENTLY items_organisation_id_idx
  ON public.items (organisation_id, updated_at DESC);
