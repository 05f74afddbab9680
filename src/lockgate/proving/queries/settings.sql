-- The settings of this session that a user can change.
SELECT name, setting
FROM pg_catalog.pg_settings
WHERE context IN ('user', 'superuser')
    AND name NOT IN ('session_authorization', 'role', 'application_name')
    AND setting IS NOT NULL
