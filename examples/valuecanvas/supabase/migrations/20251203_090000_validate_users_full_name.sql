-- ============================================================================
-- Migration: Prove that every user has a full name
-- ============================================================================
-- Date: 2025-12-03
-- Author: ValueCanvas team
-- Type: Schema
-- Risk: Medium
-- Rollback: See rollbacks/20251203_090000_rollback.sql
--
-- Changes:
-- - Validates users_full_name_present: reads the table once while reads and writes go on
--
-- Dependencies:
-- - 20251202_090000_require_users_full_name
-- - Application 1.5 and 1.6 side by side
--
-- Testing:
-- - The constraint is marked as valid; writers do not wait meanwhile
-- ============================================================================

-- lockgate: change users-full-name 4/5 migrate

ALTER TABLE public.users VALIDATE CONSTRAINT users_full_name_present;
