SELECT id, organisation_name, title, item_count, updated_at
FROM public.canvas_overview
WHERE organisation_id = %(organisation)s
ORDER BY updated_at DESC
LIMIT 20
