SELECT id, kind, title, body, x, y, value_cents, comment_count
FROM public.items
WHERE canvas_id = %(canvas)s
ORDER BY created_at
LIMIT 200
