-- ============================================================================
-- Rollback: Make users.full_name NOT NULL and stop filling it
-- ============================================================================
-- Date: 2025-12-08
-- Author: ValueCanvas team
-- Rollback for: migrations/20251208_100000_finish_users_full_name.sql
--
-- Steps to rollback:
-- 1. Backup current state
-- 2. Run this script
-- 3. Verify application still works
-- 4. Monitor for issues
-- ============================================================================

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

CREATE TRIGGER users_fill_full_name
  BEFORE INSERT OR UPDATE OF first_name, last_name ON public.users
  FOR EACH ROW EXECUTE FUNCTION private.fill_full_name();
CREATE OR REPLACE TRIGGER users_set_updated_at
  BEFORE UPDATE OF email, first_name, last_name, avatar_path, locale ON public.users
  FOR EACH ROW EXECUTE FUNCTION private.set_updated_at();

-- Valid at once, as it was: the column is still NOT NULL while the rows are read.
ALTER TABLE public.users
  ADD CONSTRAINT users_full_name_present CHECK (full_name IS NOT NULL);
ALTER TABLE public.users ALTER COLUMN full_name DROP NOT NULL;

CREATE OR REPLACE FUNCTION private.handle_new_user() RETURNS trigger
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
