-- ============================================================================
-- Migration: Backfill users.full_name
-- ============================================================================
-- Date: 2025-12-01
-- Author: ValueCanvas team
-- Type: Data
-- Risk: High
-- Rollback: See rollbacks/20251201_140002_rollback.sql
--
-- Changes:
-- - users.full_name of every row that was written before the trigger was there
--
-- Dependencies:
-- - 20251201_140001_add_users_full_name
-- - Application 1.5 and 1.6 side by side
--
-- Testing:
-- - No row is left without a full name; rows that had one keep it
-- - updated_at stays as it was
-- ============================================================================

-- lockgate: change users-full-name 2/5 migrate
-- lockgate: backfill key=id pause=0.1s

UPDATE public.users
SET full_name = private.display_name(first_name, last_name)
WHERE full_name IS NULL;
