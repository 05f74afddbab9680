SELECT actor_id, action, entity, entity_id, created_at
FROM public.activity_log
WHERE organisation_id = %(organisation)s AND created_at > now() - interval '30 days'
ORDER BY created_at DESC
LIMIT 30
