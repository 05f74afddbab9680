-- User mappings. Only the names of their options leave the server: the values hold passwords.
SELECT u.umid AS oid, u.srvname AS server, CASE WHEN u.umuser <> 0 THEN u.usename END AS role,
       ARRAY(SELECT split_part(o, '=', 1) FROM unnest(u.umoptions) o ORDER BY 1) AS options
FROM pg_user_mappings u
ORDER BY 2, 3
