INSERT INTO public.comments (organisation_id, item_id, body)
VALUES (%(organisation)s, %(item)s, 'Seen (' || %(n)s || ')')
RETURNING id
