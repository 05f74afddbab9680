SELECT c.id, c.parent_id, c.body, c.created_at, u.first_name, u.last_name
FROM public.comments AS c
LEFT JOIN public.users AS u ON u.id = c.author_id
WHERE c.item_id = %(item)s
ORDER BY c.created_at
