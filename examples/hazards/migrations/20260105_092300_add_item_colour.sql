-- ============================================================================
-- Migration: Add a colour to items and count them
-- ============================================================================
-- Date: 2026-01-05
-- Author: ValueCanvas team
-- Type: Schema
-- Risk: High
-- Rollback: See rollbacks/20260105_092300_rollback.sql
--
-- Changes:
-- - Column public.items.colour, and a count of all items as a check
--
-- Dependencies:
-- - 20251208_100000_finish_users_full_name
--
-- Testing:
-- - The statement was only read, never run under load
-- ============================================================================

ALTER TABLE public.items ADD COLUMN colour text;
SELECT count(*) FROM public.items;
