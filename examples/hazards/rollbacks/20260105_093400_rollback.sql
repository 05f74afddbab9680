-- ============================================================================
-- Rollback: Create a look-up of owners
-- ============================================================================
-- Date: 2026-01-05
-- Author: ValueCanvas team
-- Rollback for: migrations/20260105_093400_create_owner_lookup.sql
-- ============================================================================

DROP FUNCTION private.is_owner(uuid);
