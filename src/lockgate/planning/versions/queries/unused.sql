DO $lockgate$
DECLARE
  users text;
BEGIN
  SELECT string_agg(line, '; ') INTO users
  FROM (
    SELECT format('%s has %s', coalesce('role ' || r.rolname, 'the database'), c.setting) AS line
    FROM pg_db_role_setting s
    LEFT JOIN pg_roles r ON r.oid = s.setrole
    CROSS JOIN unnest(s.setconfig) AS c (setting)
    WHERE s.setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
      AND c.setting ~ '^(search_path|pgrst\.db_schemas)='
      AND {schema} IN (
        SELECT btrim(part, ' "')
        FROM unnest(string_to_array(substring(c.setting FROM position('=' IN c.setting) + 1), ',')) AS part
      )
  ) AS found;
  IF users IS NOT NULL THEN
    RAISE EXCEPTION '% is still in use: %', {schema}, users;
  END IF;
END
$lockgate$
