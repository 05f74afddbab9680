SELECT id, email, first_name, last_name, avatar_path, locale
FROM public.users
WHERE id = %(user)s
