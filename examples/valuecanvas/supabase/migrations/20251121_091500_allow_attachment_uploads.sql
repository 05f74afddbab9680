-- ============================================================================
-- Migration: Allow members to read and editors to upload attachments
-- ============================================================================
-- Date: 2025-11-21
-- Author: ValueCanvas team
-- Type: RLS
-- Risk: Medium
-- Rollback: See rollbacks/20251121_091500_rollback.sql
--
-- Changes:
-- - Policies on storage.objects for the bucket "attachments": the first folder of a path is the organisation
--
-- Dependencies:
-- - 20251121_090000_create_attachments_bucket
-- - 20251118_101500_create_organisations
-- - Application 1.3
--
-- Testing:
-- - A viewer downloads and cannot upload; an editor uploads only below the own organisation
-- - A path whose first folder is no uuid is refused and raises no error
-- ============================================================================

-- Compared as text: a cast to uuid would raise on the paths of other buckets.
CREATE POLICY attachments_download ON storage.objects
  FOR SELECT TO authenticated
  USING (
    bucket_id = 'attachments'
    AND (storage.foldername(name))[1] IN (SELECT o.id::text FROM private.organisation_ids('viewer') AS o (id))
  );
CREATE POLICY attachments_upload ON storage.objects
  FOR INSERT TO authenticated
  WITH CHECK (
    bucket_id = 'attachments'
    AND (storage.foldername(name))[1] IN (SELECT o.id::text FROM private.organisation_ids('editor') AS o (id))
  );
CREATE POLICY attachments_remove ON storage.objects
  FOR DELETE TO authenticated
  USING (
    bucket_id = 'attachments'
    AND (storage.foldername(name))[1] IN (SELECT o.id::text FROM private.organisation_ids('editor') AS o (id))
  );
