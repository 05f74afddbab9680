UPDATE public.users
SET first_name = 'Name' || %(n)s
WHERE id = %(user)s
