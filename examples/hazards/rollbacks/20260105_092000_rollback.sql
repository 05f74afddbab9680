-- ============================================================================
-- Rollback: Call cards tiles
-- ============================================================================
-- Date: 2026-01-05
-- Author: ValueCanvas team
-- Rollback for: migrations/20260105_092000_rename_card_kind.sql
-- ============================================================================

ALTER TYPE public.item_kind RENAME VALUE 'tile' TO 'card';
