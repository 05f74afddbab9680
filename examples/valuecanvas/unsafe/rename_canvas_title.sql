-- Takes a millisecond, and every query of the running application that names the old column fails from then on.
ALTER TABLE public.canvases RENAME COLUMN title TO name;
