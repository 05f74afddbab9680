-- ============================================================================
-- Migration: Make users.full_name NOT NULL and stop filling it
-- ============================================================================
-- Date: 2025-12-08
-- Author: ValueCanvas team
-- Type: Schema+Function
-- Risk: High
-- Rollback: See rollbacks/20251208_100000_rollback.sql
--
-- Changes:
-- - private.handle_new_user() writes full_name itself
-- - users.full_name becomes NOT NULL, proved by the validated CHECK, so that no row is read
-- - The CHECK and the trigger that filled the column are dropped
-- - An edit of full_name counts as an edit of the row (updated_at)
--
-- Dependencies:
-- - 20251203_090000_validate_users_full_name
-- - Application 1.6 everywhere: nothing writes first_name and last_name alone any more
--
-- Testing:
-- - A sign-up with and without names; setting full_name to NULL fails
-- - first_name and last_name stay for one release, then they go in a change of their own
-- ============================================================================

-- lockgate: change users-full-name 5/5 contract
-- lockgate: gate "application 1.6 is deployed everywhere"

CREATE OR REPLACE FUNCTION private.handle_new_user() RETURNS trigger
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path = ''
AS $$
BEGIN
  INSERT INTO public.users (id, email, first_name, last_name, full_name)
  VALUES (
    NEW.id,
    NEW.email,
    NEW.raw_user_meta_data ->> 'first_name',
    NEW.raw_user_meta_data ->> 'last_name',
    coalesce(
      NEW.raw_user_meta_data ->> 'full_name',
      private.display_name(NEW.raw_user_meta_data ->> 'first_name', NEW.raw_user_meta_data ->> 'last_name')
    )
  );
  RETURN NEW;
END;
$$;

ALTER TABLE public.users ALTER COLUMN full_name SET NOT NULL;
ALTER TABLE public.users DROP CONSTRAINT users_full_name_present;

CREATE OR REPLACE TRIGGER users_set_updated_at
  BEFORE UPDATE OF email, first_name, last_name, full_name, avatar_path, locale ON public.users
  FOR EACH ROW EXECUTE FUNCTION private.set_updated_at();
DROP TRIGGER users_fill_full_name ON public.users;
DROP FUNCTION private.fill_full_name();
