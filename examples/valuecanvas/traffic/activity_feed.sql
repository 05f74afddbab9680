SELECT actor_id, action, entity, entity_id, created_at
FROM public.activity_log
WHERE organisation_id = %(organisation)s
ORDER BY created_at DESC
LIMIT 30
