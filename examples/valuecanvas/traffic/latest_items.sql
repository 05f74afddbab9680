SELECT id, canvas_id, title, updated_at
FROM public.items
WHERE organisation_id = %(organisation)s
ORDER BY updated_at DESC
LIMIT 20
