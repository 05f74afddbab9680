-- ============================================================================
-- Rollback: Give each item a token for links
-- ============================================================================
-- Date: 2026-01-05
-- Author: ValueCanvas team
-- Rollback for: migrations/20260105_091100_add_item_tokens.sql
-- ============================================================================

ALTER TABLE public.items DROP COLUMN share_token;
