-- Looks harmless, reads all of public.users while nobody can read or write it, and breaks sign-ups by telephone.
ALTER TABLE public.users ALTER COLUMN email SET NOT NULL;
