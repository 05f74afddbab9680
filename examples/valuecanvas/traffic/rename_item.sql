UPDATE public.items
SET title = 'Edited ' || %(n)s
WHERE id = %(item)s
