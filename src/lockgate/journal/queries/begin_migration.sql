-- A migration begins anew: what is recorded of earlier tries belongs to the past. No row comes back when the lease
-- belongs to another run.
WITH lease AS MATERIALIZED (
  SELECT 1 FROM lockgate.lease WHERE token = %(token)s FOR SHARE
), past AS (
  UPDATE lockgate.step SET status = 'superseded'
  FROM lease
  WHERE %(anew)s AND version = %(version)s AND status <> 'superseded'
)
INSERT INTO lockgate.migration (
  version, name, file, status, checksum, statement_checksum, content, rollback_content, plan, plan_digest, run_id
)
SELECT
  %(version)s, %(name)s, %(file)s, %(status)s, %(checksum)s, %(statement_checksum)s, %(content)s,
  %(rollback_content)s, %(plan)s::jsonb, %(plan_digest)s, %(run_id)s::uuid
FROM lease
ON CONFLICT (version) DO UPDATE SET
  name = EXCLUDED.name,
  file = EXCLUDED.file,
  status = EXCLUDED.status,
  checksum = EXCLUDED.checksum,
  statement_checksum = EXCLUDED.statement_checksum,
  content = EXCLUDED.content,
  rollback_content = EXCLUDED.rollback_content,
  plan = EXCLUDED.plan,
  plan_digest = EXCLUDED.plan_digest,
  run_id = EXCLUDED.run_id,
  started_at = clock_timestamp()
RETURNING version
