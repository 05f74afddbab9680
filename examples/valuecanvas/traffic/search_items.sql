SELECT id, canvas_id, title
FROM public.search_items(%(organisation)s, %(word)s)
LIMIT 10
