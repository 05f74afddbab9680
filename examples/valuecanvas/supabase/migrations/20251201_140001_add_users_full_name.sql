-- ============================================================================
-- Migration: Add users.full_name and keep it filled
-- ============================================================================
-- Date: 2025-12-01
-- Author: ValueCanvas team
-- Type: Schema+RLS+Function
-- Risk: Medium
-- Rollback: See rollbacks/20251201_140001_rollback.sql
--
-- Changes:
-- - private.display_name(first, last): the one way to make a full name of two parts
-- - Column public.users.full_name, empty for the rows that exist
-- - A trigger fills it whenever the old application writes a name
--
-- Dependencies:
-- - 20251117_090000_create_users
-- - Application 1.5 and older (write the two parts) and 1.6 (writes full_name) side by side
--
-- Testing:
-- - Old insert, old update, new insert, new update; both parts NULL; one part NULL or blank
-- - A statement that sets full_name and a part keeps what it set
-- ============================================================================

-- lockgate: change users-full-name 1/5 expand

CREATE FUNCTION private.display_name(first_name text, last_name text) RETURNS text
  LANGUAGE sql
  STABLE
  SET search_path = ''
AS $$
  SELECT coalesce(nullif(btrim(concat_ws(' ', btrim(first_name), btrim(last_name))), ''), 'Unnamed')
$$;
COMMENT ON FUNCTION private.display_name(text, text) IS 'Never NULL: people without a name are called Unnamed';

CREATE FUNCTION private.fill_full_name() RETURNS trigger
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path = ''
AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    NEW.full_name := coalesce(NEW.full_name, private.display_name(NEW.first_name, NEW.last_name));
  ELSIF NEW.full_name IS NOT DISTINCT FROM OLD.full_name THEN
    NEW.full_name := private.display_name(NEW.first_name, NEW.last_name);
  END IF;
  RETURN NEW;
END;
$$;
REVOKE EXECUTE ON FUNCTION private.fill_full_name() FROM PUBLIC;

ALTER TABLE public.users ADD COLUMN full_name text;
GRANT UPDATE (full_name) ON TABLE public.users TO authenticated;

CREATE TRIGGER users_fill_full_name
  BEFORE INSERT OR UPDATE OF first_name, last_name ON public.users
  FOR EACH ROW EXECUTE FUNCTION private.fill_full_name();
