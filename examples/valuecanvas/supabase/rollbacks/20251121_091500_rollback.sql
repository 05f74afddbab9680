-- ============================================================================
-- Rollback: Allow members to read and editors to upload attachments
-- ============================================================================
-- Date: 2025-11-21
-- Author: ValueCanvas team
-- Rollback for: migrations/20251121_091500_allow_attachment_uploads.sql
--
-- Steps to rollback:
-- 1. Backup current state
-- 2. Run this script
-- 3. Verify application still works
-- 4. Monitor for issues
-- ============================================================================

DROP POLICY attachments_remove ON storage.objects;
DROP POLICY attachments_upload ON storage.objects;
DROP POLICY attachments_download ON storage.objects;
