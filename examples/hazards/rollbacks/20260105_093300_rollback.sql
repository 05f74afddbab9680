-- ============================================================================
-- Rollback: Create the list of addresses
-- ============================================================================
-- Date: 2026-01-05
-- Author: ValueCanvas team
-- Rollback for: migrations/20260105_093300_create_member_emails.sql
-- ============================================================================

DROP VIEW public.member_emails;
