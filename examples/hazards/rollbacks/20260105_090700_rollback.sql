-- ============================================================================
-- Rollback: Allow each file once for each item
-- ============================================================================
-- Date: 2026-01-05
-- Author: ValueCanvas team
-- Rollback for: migrations/20260105_090700_make_attachments_unique.sql
-- ============================================================================

ALTER TABLE public.attachments DROP CONSTRAINT attachments_item_id_object_path_key;
