-- ============================================================================
-- Migration: Give each item a token for links
-- ============================================================================
-- Date: 2026-01-05
-- Author: ValueCanvas team
-- Type: Schema
-- Risk: High
-- Rollback: See rollbacks/20260105_091100_rollback.sql
--
-- Changes:
-- - Column public.items.share_token with a random default
--
-- Dependencies:
-- - 20251208_100000_finish_users_full_name
--
-- Testing:
-- - The statement was only read, never run under load
-- ============================================================================

ALTER TABLE public.items ADD COLUMN share_token uuid DEFAULT gen_random_uuid();
