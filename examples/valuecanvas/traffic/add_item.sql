INSERT INTO public.items (organisation_id, canvas_id, kind, title)
VALUES (%(organisation)s, %(canvas)s, 'note', 'New ' || %(n)s)
RETURNING id
