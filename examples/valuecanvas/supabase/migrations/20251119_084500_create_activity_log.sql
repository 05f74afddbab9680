-- ============================================================================
-- Migration: Create the activity log, one partition a month
-- ============================================================================
-- Date: 2025-11-19
-- Author: ValueCanvas team
-- Type: Schema+RLS+Function
-- Risk: Medium
-- Rollback: See rollbacks/20251119_084500_rollback.sql
--
-- Changes:
-- - Type public.activity_action
-- - Table public.activity_log, partitioned by month of created_at, with a default partition
-- - private.record_activity(), the trigger function that the tables to come use
-- - Row-level security: members read the log of their organisations, nobody writes it through the API
--
-- Dependencies:
-- - 20251118_101500_create_organisations
-- - Application 1.2
--
-- Testing:
-- - Rows land in the partition of their month; rows of other months in the default partition
-- - The partitions cannot be read around the policy of the parent
-- ============================================================================

CREATE TYPE public.activity_action AS ENUM ('created', 'updated', 'deleted');

-- No foreign keys: a log outlives what it tells of.
CREATE TABLE public.activity_log (
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  organisation_id uuid NOT NULL,
  actor_id uuid,
  action public.activity_action NOT NULL,
  entity text NOT NULL,
  entity_id uuid NOT NULL,
  detail jsonb NOT NULL DEFAULT '{}',
  created_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT activity_log_pkey PRIMARY KEY (id, created_at)
) PARTITION BY RANGE (created_at);
COMMENT ON TABLE public.activity_log IS 'Who did what and when; written by triggers only';

-- In the schema private, because the API would offer a partition in public as a table without policies.
CREATE TABLE private.activity_log_2025_10 PARTITION OF public.activity_log
  FOR VALUES FROM ('2025-10-01 00:00:00+00') TO ('2025-11-01 00:00:00+00');
CREATE TABLE private.activity_log_2025_11 PARTITION OF public.activity_log
  FOR VALUES FROM ('2025-11-01 00:00:00+00') TO ('2025-12-01 00:00:00+00');
CREATE TABLE private.activity_log_2025_12 PARTITION OF public.activity_log
  FOR VALUES FROM ('2025-12-01 00:00:00+00') TO ('2026-01-01 00:00:00+00');
CREATE TABLE private.activity_log_2026_01 PARTITION OF public.activity_log
  FOR VALUES FROM ('2026-01-01 00:00:00+00') TO ('2026-02-01 00:00:00+00');
CREATE TABLE private.activity_log_default PARTITION OF public.activity_log DEFAULT;

CREATE INDEX activity_log_organisation_id_idx ON public.activity_log (organisation_id, created_at DESC);
CREATE INDEX activity_log_entity_id_idx ON public.activity_log (entity_id);

CREATE FUNCTION private.record_activity() RETURNS trigger
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path = ''
AS $$
DECLARE
  subject record;
BEGIN
  IF TG_OP = 'DELETE' THEN
    subject := OLD;
  ELSE
    subject := NEW;
  END IF;
  INSERT INTO public.activity_log (organisation_id, actor_id, action, entity, entity_id)
  VALUES (
    subject.organisation_id,
    (SELECT auth.uid()),
    CASE TG_OP
      WHEN 'INSERT' THEN 'created'::public.activity_action
      WHEN 'UPDATE' THEN 'updated'::public.activity_action
      ELSE 'deleted'::public.activity_action
    END,
    TG_TABLE_NAME,
    subject.id
  );
  RETURN NULL;
END;
$$;
COMMENT ON FUNCTION private.record_activity()
  IS 'For tables with the columns id and organisation_id: writes one line of public.activity_log';
REVOKE EXECUTE ON FUNCTION private.record_activity() FROM PUBLIC;

ALTER TABLE public.activity_log ENABLE ROW LEVEL SECURITY;
REVOKE ALL ON TABLE public.activity_log FROM anon, authenticated;
GRANT SELECT ON TABLE public.activity_log TO authenticated;

CREATE POLICY activity_log_select ON public.activity_log
  FOR SELECT TO authenticated
  USING (organisation_id IN (SELECT private.organisation_ids('viewer')));
