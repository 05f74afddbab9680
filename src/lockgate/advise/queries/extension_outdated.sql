-- An extension is older than what the server offers.
--
-- Its new version may repair faults, security holes among them; `ALTER EXTENSION … UPDATE` is never done by itself, not
-- even when the server is upgraded. Read the extension's notes first, and test the update: some have no way back.
--
-- - https://www.postgresql.org/docs/current/sql-alterextension.html
-- - https://supabase.com/docs/guides/database/database-advisors?lint=0022_extension_versions_outdated
SELECT format('The extension %%I is installed in version %%s, and the server offers %%s.', e.extname, e.extversion,
              a.default_version) AS message,
       'What was repaired since then is not repaired here.' AS why,
       format('ALTER EXTENSION %%I UPDATE;', e.extname) AS safe
FROM pg_extension e
JOIN pg_available_extensions a ON a.name = e.extname
WHERE a.default_version IS DISTINCT FROM e.extversion
ORDER BY e.extname
