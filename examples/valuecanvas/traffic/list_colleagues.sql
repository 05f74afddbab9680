SELECT u.id, u.first_name, u.last_name, m.role
FROM public.memberships AS m
JOIN public.users AS u ON u.id = m.user_id
WHERE m.organisation_id = %(organisation)s
LIMIT 20
