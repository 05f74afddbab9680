-- ============================================================================
-- Rollback: Add a foreign key from items to organisations
-- ============================================================================
-- Date: 2026-01-05
-- Author: ValueCanvas team
-- Rollback for: migrations/20260105_090500_add_items_organisation_key.sql
-- ============================================================================

ALTER TABLE public.items DROP CONSTRAINT items_organisation_id_fkey;
