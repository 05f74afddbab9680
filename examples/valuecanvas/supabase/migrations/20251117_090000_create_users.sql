-- ============================================================================
-- Migration: Create users, one row for each sign-up
-- ============================================================================
-- Date: 2025-11-17
-- Author: ValueCanvas team
-- Type: Schema+RLS+Function
-- Risk: Medium
-- Rollback: See rollbacks/20251117_090000_rollback.sql
--
-- Changes:
-- - Schema private for everything that the API must not expose
-- - private.set_updated_at(), the trigger function of every updated_at column
-- - Table public.users with row-level security: everybody sees and edits their own row
-- - private.handle_new_user() and its trigger on auth.users, which fills public.users
--
-- Dependencies:
-- - None; the platform's auth.users must exist
-- - Application 1.0
--
-- Testing:
-- - A sign-up creates exactly one row; deleting the sign-up deletes it
-- - anon sees nothing, a user sees one row, a stranger's update changes no row
-- ============================================================================

CREATE SCHEMA private;
COMMENT ON SCHEMA private IS 'Functions and partitions that the API does not expose';
GRANT USAGE ON SCHEMA private TO authenticated, service_role;

CREATE FUNCTION private.set_updated_at() RETURNS trigger
  LANGUAGE plpgsql
  SET search_path = ''
AS $$
BEGIN
  NEW.updated_at := now();
  RETURN NEW;
END;
$$;
REVOKE EXECUTE ON FUNCTION private.set_updated_at() FROM PUBLIC;

CREATE TABLE public.users (
  id uuid NOT NULL,
  email text,
  first_name text,
  last_name text,
  avatar_path text,
  locale text NOT NULL DEFAULT 'en',
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT users_pkey PRIMARY KEY (id),
  CONSTRAINT users_id_fkey FOREIGN KEY (id) REFERENCES auth.users (id) ON DELETE CASCADE,
  CONSTRAINT users_locale_check CHECK (locale ~ '^[a-z]{2}(-[A-Z]{2})?$')
);
COMMENT ON TABLE public.users IS 'The profile of a person who signed up';
COMMENT ON COLUMN public.users.email IS 'A copy of auth.users.email; NULL for sign-ups by telephone';

-- Columns are named, so that counters and backfills do not look like edits.
CREATE TRIGGER users_set_updated_at
  BEFORE UPDATE OF email, first_name, last_name, avatar_path, locale ON public.users
  FOR EACH ROW EXECUTE FUNCTION private.set_updated_at();

ALTER TABLE public.users ENABLE ROW LEVEL SECURITY;
REVOKE ALL ON TABLE public.users FROM anon, authenticated;
GRANT SELECT, UPDATE (first_name, last_name, avatar_path, locale) ON TABLE public.users TO authenticated;

CREATE POLICY users_select ON public.users
  FOR SELECT TO authenticated
  USING (id = (SELECT auth.uid()));

CREATE POLICY users_update ON public.users
  FOR UPDATE TO authenticated
  USING (id = (SELECT auth.uid()))
  WITH CHECK (id = (SELECT auth.uid()));

-- Runs with the owner's rights, because the auth service may not write to public.
CREATE FUNCTION private.handle_new_user() RETURNS trigger
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path = ''
AS $$
BEGIN
  INSERT INTO public.users (id, email, first_name, last_name)
  VALUES (
    NEW.id,
    NEW.email,
    NEW.raw_user_meta_data ->> 'first_name',
    NEW.raw_user_meta_data ->> 'last_name'
  );
  RETURN NEW;
END;
$$;
REVOKE EXECUTE ON FUNCTION private.handle_new_user() FROM PUBLIC;

CREATE TRIGGER on_auth_user_created
  AFTER INSERT ON auth.users
  FOR EACH ROW EXECUTE FUNCTION private.handle_new_user();
