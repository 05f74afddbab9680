-- ============================================================================
-- Migration: Drop the search index
-- ============================================================================
-- Date: 2026-01-05
-- Author: ValueCanvas team
-- Type: Schema
-- Risk: High
-- Rollback: See rollbacks/20260105_090200_rollback.sql
--
-- Changes:
-- - The index items_search_idx goes
--
-- Dependencies:
-- - 20251208_100000_finish_users_full_name
--
-- Testing:
-- - The statement was only read, never run under load
-- ============================================================================

DROP INDEX public.items_search_idx;
