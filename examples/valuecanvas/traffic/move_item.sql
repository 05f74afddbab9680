UPDATE public.items
SET x = %(n)s %% 4000, y = %(n)s %% 3000
WHERE id = %(item)s
