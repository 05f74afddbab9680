-- ============================================================================
-- Rollback: Limit the length of items
-- ============================================================================
-- Date: 2026-01-05
-- Author: ValueCanvas team
-- Rollback for: migrations/20260105_090600_limit_item_bodies.sql
-- ============================================================================

ALTER TABLE public.items DROP CONSTRAINT items_body_check;
