-- Verify: Backfill users.full_name. Each query must return true.

SELECT NOT EXISTS (SELECT FROM public.users WHERE full_name IS NULL);
