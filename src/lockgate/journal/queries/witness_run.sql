SELECT
  (SELECT max(token) FROM lockgate.lease),
  r.ended_at, r.system_identifier, r.timeline, r.inventory, r.newest
FROM (SELECT) AS always
LEFT JOIN LATERAL (
  SELECT * FROM lockgate.run WHERE inventory IS NOT NULL ORDER BY started_at DESC LIMIT 1
) AS r ON true
