-- ============================================================================
-- Migration: Create the storage bucket for attachments
-- ============================================================================
-- Date: 2025-11-21
-- Author: ValueCanvas team
-- Type: Data
-- Risk: High
-- Rollback: None (see the directive below)
--
-- Changes:
-- - A private bucket "attachments", at most 50 MB a file, pictures and PDF only
--
-- Dependencies:
-- - The platform's storage.buckets must exist
-- - Application 1.3
--
-- Testing:
-- - The bucket exists, is private, and a second run changes nothing
-- ============================================================================

-- lockgate: irreversible storage refuses deletes by SQL and the bucket may hold files by then; empty and delete it with the Storage API

INSERT INTO storage.buckets (id, name, public, file_size_limit, allowed_mime_types)
VALUES (
  'attachments',
  'attachments',
  false,
  52428800,
  ARRAY['image/png', 'image/jpeg', 'image/webp', 'application/pdf']
)
ON CONFLICT (id) DO NOTHING;
