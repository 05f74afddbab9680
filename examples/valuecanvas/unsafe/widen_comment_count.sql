-- Writes all of public.items and its indexes anew while nobody can read or write it.
ALTER TABLE public.items ALTER COLUMN comment_count TYPE numeric;
