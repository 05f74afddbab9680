-- ============================================================================
-- Rollback: Add a colour to items and count them
-- ============================================================================
-- Date: 2026-01-05
-- Author: ValueCanvas team
-- Rollback for: migrations/20260105_092300_add_item_colour.sql
-- ============================================================================

ALTER TABLE public.items DROP COLUMN colour;
