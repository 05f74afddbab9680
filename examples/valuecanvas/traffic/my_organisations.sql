SELECT id, name, slug, role, member_count
FROM public.my_organisations
ORDER BY name
