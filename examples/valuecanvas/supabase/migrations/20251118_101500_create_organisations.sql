-- ============================================================================
-- Migration: Create organisations and memberships
-- ============================================================================
-- Date: 2025-11-18
-- Author: ValueCanvas team
-- Type: Schema+RLS+Function
-- Risk: Medium
-- Rollback: See rollbacks/20251118_101500_rollback.sql
--
-- Changes:
-- - Types public.member_role (in growing order of rights) and public.organisation_plan
-- - Tables public.organisations and public.memberships
-- - private.organisation_ids(minimum), on which every policy by organisation is built
-- - Triggers: the creator becomes the owner; organisations.member_count follows memberships
-- - Row-level security by membership and role
--
-- Dependencies:
-- - 20251117_090000_create_users
-- - Application 1.1
--
-- Testing:
-- - The creator becomes the owner; members see their organisations and nobody else's
-- - An administrator invites members but makes no owners; a member may leave
-- - member_count is right after inserts and deletes of one and of many rows
-- ============================================================================

-- Lowest first: policies compare roles with >=.
CREATE TYPE public.member_role AS ENUM ('viewer', 'editor', 'admin', 'owner');
CREATE TYPE public.organisation_plan AS ENUM ('free', 'team', 'enterprise');

CREATE TABLE public.organisations (
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  name text NOT NULL,
  slug text NOT NULL,
  plan public.organisation_plan NOT NULL DEFAULT 'free',
  created_by uuid,
  member_count bigint NOT NULL DEFAULT 0,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT organisations_pkey PRIMARY KEY (id),
  CONSTRAINT organisations_slug_key UNIQUE (slug),
  CONSTRAINT organisations_created_by_fkey FOREIGN KEY (created_by) REFERENCES public.users (id) ON DELETE SET NULL,
  CONSTRAINT organisations_name_check CHECK (char_length(name) BETWEEN 1 AND 120),
  CONSTRAINT organisations_slug_check CHECK (slug ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$')
);
COMMENT ON TABLE public.organisations IS 'A tenant: whoever is a member sees what belongs to it';
COMMENT ON COLUMN public.organisations.member_count IS 'Kept by the triggers of public.memberships';
CREATE INDEX organisations_created_by_idx ON public.organisations (created_by);

CREATE TABLE public.memberships (
  organisation_id uuid NOT NULL,
  user_id uuid NOT NULL,
  role public.member_role NOT NULL DEFAULT 'viewer',
  created_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT memberships_pkey PRIMARY KEY (organisation_id, user_id),
  CONSTRAINT memberships_organisation_id_fkey FOREIGN KEY (organisation_id)
    REFERENCES public.organisations (id) ON DELETE CASCADE,
  CONSTRAINT memberships_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users (id) ON DELETE CASCADE
);
COMMENT ON TABLE public.memberships IS 'Who belongs to which organisation, and with which rights';
CREATE INDEX memberships_user_id_idx ON public.memberships (user_id);

-- Runs with the owner's rights: a policy on memberships that read memberships as the caller would recurse.
CREATE FUNCTION private.organisation_ids(minimum public.member_role) RETURNS SETOF uuid
  LANGUAGE sql
  STABLE
  SECURITY DEFINER
  SET search_path = ''
AS $$
  SELECT m.organisation_id
  FROM public.memberships AS m
  WHERE m.user_id = (SELECT auth.uid()) AND m.role >= minimum
$$;
COMMENT ON FUNCTION private.organisation_ids(public.member_role)
  IS 'The organisations in which the caller has at least this role';
REVOKE EXECUTE ON FUNCTION private.organisation_ids(public.member_role) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION private.organisation_ids(public.member_role) TO authenticated, service_role;

CREATE FUNCTION private.add_owner() RETURNS trigger
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path = ''
AS $$
BEGIN
  INSERT INTO public.memberships (organisation_id, user_id, role)
  VALUES (NEW.id, NEW.created_by, 'owner');
  RETURN NULL;
END;
$$;
REVOKE EXECUTE ON FUNCTION private.add_owner() FROM PUBLIC;

CREATE FUNCTION private.count_members() RETURNS trigger
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path = ''
AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    UPDATE public.organisations AS o
    SET member_count = o.member_count + n.members
    FROM (SELECT organisation_id, count(*) AS members FROM new_rows GROUP BY organisation_id) AS n
    WHERE o.id = n.organisation_id;
  ELSE
    UPDATE public.organisations AS o
    SET member_count = o.member_count - n.members
    FROM (SELECT organisation_id, count(*) AS members FROM old_rows GROUP BY organisation_id) AS n
    WHERE o.id = n.organisation_id;
  END IF;
  RETURN NULL;
END;
$$;
REVOKE EXECUTE ON FUNCTION private.count_members() FROM PUBLIC;

CREATE TRIGGER organisations_set_updated_at
  BEFORE UPDATE OF name, slug, plan ON public.organisations
  FOR EACH ROW EXECUTE FUNCTION private.set_updated_at();
CREATE TRIGGER organisations_add_owner
  AFTER INSERT ON public.organisations
  FOR EACH ROW WHEN (NEW.created_by IS NOT NULL) EXECUTE FUNCTION private.add_owner();
CREATE TRIGGER memberships_count_inserts
  AFTER INSERT ON public.memberships
  REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION private.count_members();
CREATE TRIGGER memberships_count_deletes
  AFTER DELETE ON public.memberships
  REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT EXECUTE FUNCTION private.count_members();

ALTER TABLE public.organisations ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.memberships ENABLE ROW LEVEL SECURITY;
REVOKE ALL ON TABLE public.organisations, public.memberships FROM anon, authenticated;
GRANT SELECT, INSERT (id, name, slug, created_by), UPDATE (name, slug), DELETE
  ON TABLE public.organisations TO authenticated;
GRANT SELECT, INSERT (organisation_id, user_id, role), UPDATE (role), DELETE
  ON TABLE public.memberships TO authenticated;

-- The creator is named, because INSERT … RETURNING reads the row before the trigger has made its owner.
CREATE POLICY organisations_select ON public.organisations
  FOR SELECT TO authenticated
  USING (created_by = (SELECT auth.uid()) OR id IN (SELECT private.organisation_ids('viewer')));
CREATE POLICY organisations_insert ON public.organisations
  FOR INSERT TO authenticated
  WITH CHECK (created_by = (SELECT auth.uid()));
CREATE POLICY organisations_update ON public.organisations
  FOR UPDATE TO authenticated
  USING (id IN (SELECT private.organisation_ids('admin')))
  WITH CHECK (id IN (SELECT private.organisation_ids('admin')));
CREATE POLICY organisations_delete ON public.organisations
  FOR DELETE TO authenticated
  USING (id IN (SELECT private.organisation_ids('owner')));

CREATE POLICY memberships_select ON public.memberships
  FOR SELECT TO authenticated
  USING (organisation_id IN (SELECT private.organisation_ids('viewer')));
CREATE POLICY memberships_insert ON public.memberships
  FOR INSERT TO authenticated
  WITH CHECK (
    organisation_id IN (SELECT private.organisation_ids('admin'))
    AND (role < 'owner' OR organisation_id IN (SELECT private.organisation_ids('owner')))
  );
CREATE POLICY memberships_update ON public.memberships
  FOR UPDATE TO authenticated
  USING (
    organisation_id IN (SELECT private.organisation_ids('admin'))
    AND (role < 'owner' OR organisation_id IN (SELECT private.organisation_ids('owner')))
  )
  WITH CHECK (
    organisation_id IN (SELECT private.organisation_ids('admin'))
    AND (role < 'owner' OR organisation_id IN (SELECT private.organisation_ids('owner')))
  );
CREATE POLICY memberships_delete ON public.memberships
  FOR DELETE TO authenticated
  USING (
    user_id = (SELECT auth.uid())
    OR (
      organisation_id IN (SELECT private.organisation_ids('admin'))
      AND (role < 'owner' OR organisation_id IN (SELECT private.organisation_ids('owner')))
    )
  );
