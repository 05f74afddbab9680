-- ============================================================================
-- Migration: Add guests and make them the default
-- ============================================================================
-- Date: 2026-01-05
-- Author: ValueCanvas team
-- Type: Schema
-- Risk: High
-- Rollback: None (see the directive below)
--
-- Changes:
-- - Value guest of public.member_role, default of public.memberships.role
--
-- Dependencies:
-- - 20251208_100000_finish_users_full_name
--
-- Testing:
-- - The statement was only read, never run under load
-- ============================================================================

-- lockgate: irreversible a value cannot be taken out of an enum

ALTER TYPE public.member_role ADD VALUE 'guest' BEFORE 'viewer';
ALTER TABLE public.memberships ALTER COLUMN role SET DEFAULT 'guest';
