UPDATE public.canvases
SET title = 'Canvas ' || %(n)s
WHERE id = %(canvas)s
