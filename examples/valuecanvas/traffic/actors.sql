-- Who the traffic comes from: members who may edit, each with a canvas and an item of one organisation.
SELECT m.user_id AS "user", m.organisation_id AS organisation, c.id AS canvas, i.id AS item
FROM (
  SELECT user_id, organisation_id FROM public.memberships WHERE role >= 'editor' ORDER BY user_id LIMIT 400
) AS m
CROSS JOIN LATERAL (
  SELECT id FROM public.canvases WHERE organisation_id = m.organisation_id ORDER BY updated_at DESC LIMIT 1
) AS c
CROSS JOIN LATERAL (
  SELECT id FROM public.items WHERE canvas_id = c.id ORDER BY id LIMIT 1
) AS i
