-- ============================================================================
-- Migration: Call cards tiles
-- ============================================================================
-- Date: 2026-01-05
-- Author: ValueCanvas team
-- Type: Schema
-- Risk: High
-- Rollback: See rollbacks/20260105_092000_rollback.sql
--
-- Changes:
-- - Value card of public.item_kind becomes tile
--
-- Dependencies:
-- - 20251208_100000_finish_users_full_name
--
-- Testing:
-- - The statement was only read, never run under load
-- ============================================================================

ALTER TYPE public.item_kind RENAME VALUE 'card' TO 'tile';
