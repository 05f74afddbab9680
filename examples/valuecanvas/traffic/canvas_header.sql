SELECT c.id, c.title, c.description, c.settings, c.item_count
FROM public.canvases AS c
WHERE c.id = %(canvas)s
