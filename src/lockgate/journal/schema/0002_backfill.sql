-- Walks through tables in chunks. One job is one statement; its ranges are disjoint parts of a table, each with a cursor
-- that moves in the same transaction as the rows. Every runner (a command, a worker, pg_cron) uses the functions below,
-- so that all of them keep the same books.

CREATE TABLE lockgate.backfill_job (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text NOT NULL UNIQUE,
  kind text NOT NULL CHECK (kind IN ('update', 'delete', 'insert', 'function')),
  statement text NOT NULL,
  digest text NOT NULL,
  target text NOT NULL,
  walker text NOT NULL,
  passes integer NOT NULL DEFAULT 1,
  reasons text[] NOT NULL DEFAULT '{}',
  mode text NOT NULL CHECK (mode IN ('converges', 'once')),
  session jsonb NOT NULL DEFAULT '{}',
  remaining_sql text,
  unfixable_sql text,
  settings jsonb NOT NULL DEFAULT '{}',
  run_token bigint,
  desired text NOT NULL DEFAULT 'run' CHECK (desired IN ('run', 'pause', 'cancel')),
  status text NOT NULL DEFAULT 'running'
    CHECK (status IN ('running', 'done', 'incomplete', 'failed', 'cancelled')),
  sweep integer NOT NULL DEFAULT 0,
  first_sweep integer NOT NULL DEFAULT 0,
  rows_estimate bigint,
  rows_counted boolean NOT NULL DEFAULT false,
  rows_left bigint,
  rows_unfixable bigint,
  notes text[] NOT NULL DEFAULT '{}',
  error text,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  finished_at timestamptz
);
COMMENT ON TABLE lockgate.backfill_job IS 'One data statement that is run in chunks; desired is what the people want, status what is.';
COMMENT ON COLUMN lockgate.backfill_job.run_token IS 'The token of the run that owns the job: a later holder of the lease fences it off.';
COMMENT ON COLUMN lockgate.backfill_job.session IS 'Settings under which every runner executes the statement, wherever it runs.';

CREATE TABLE lockgate.backfill_source (
  job_id bigint NOT NULL REFERENCES lockgate.backfill_job (id) ON DELETE CASCADE,
  number integer NOT NULL,
  relation oid NOT NULL,
  relation_name text NOT NULL,
  filenode oid,
  probe_sql text NOT NULL,
  chunk_sql text NOT NULL,
  last_sql text NOT NULL,
  key_sql text NOT NULL,
  PRIMARY KEY (job_id, number)
);
COMMENT ON COLUMN lockgate.backfill_source.filenode IS 'Where rows are found by their place: the file that was measured. Null where they are found by key.';

CREATE TABLE lockgate.backfill_range (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  job_id bigint NOT NULL REFERENCES lockgate.backfill_job (id) ON DELETE CASCADE,
  kind text NOT NULL DEFAULT 'walk' CHECK (kind IN ('walk', 'verify')),
  source integer,
  sweep integer NOT NULL DEFAULT 0,
  pass integer NOT NULL DEFAULT 0,
  number integer NOT NULL DEFAULT 0,
  upper_bound text[],
  position text[],
  done boolean NOT NULL DEFAULT false,
  rows_changed bigint NOT NULL DEFAULT 0,
  units_done bigint NOT NULL DEFAULT 0,
  units_total bigint NOT NULL DEFAULT 0,
  chunks bigint NOT NULL DEFAULT 0,
  chunk_size bigint,
  lease_token bigint NOT NULL DEFAULT 0,
  lease_owner text,
  lease_pid integer,
  lease_backend timestamptz,
  lease_until timestamptz,
  touched_at timestamptz
) WITH (fillfactor = 50);
CREATE INDEX backfill_range_todo ON lockgate.backfill_range (job_id, sweep, pass, number) WHERE NOT done;
COMMENT ON COLUMN lockgate.backfill_range.position IS 'The last key or place that is done; null before the first row.';
COMMENT ON COLUMN lockgate.backfill_range.lease_token IS 'Grows with each holder; a chunk of an earlier holder cannot commit.';

CREATE TABLE lockgate.backfill_skipped (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  job_id bigint NOT NULL REFERENCES lockgate.backfill_job (id) ON DELETE CASCADE,
  sweep integer NOT NULL,
  row_key text[] NOT NULL,
  sqlstate text NOT NULL,
  reason text NOT NULL,
  at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX backfill_skipped_job ON lockgate.backfill_skipped (job_id, sweep);
COMMENT ON TABLE lockgate.backfill_skipped IS 'Rows that no chunk could change, by key; the sweep at the end tries them again.';

CREATE TABLE lockgate.backfill_worker (
  job_id bigint NOT NULL REFERENCES lockgate.backfill_job (id) ON DELETE CASCADE,
  owner text NOT NULL,
  seen_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  chunk_size bigint,
  chunk_ms double precision,
  rows_per_second double precision,
  throttled_by text,
  PRIMARY KEY (job_id, owner)
);
COMMENT ON TABLE lockgate.backfill_worker IS 'Who works on a job now, how fast, and what holds them back.';

-- The place of a row as one number, and back: pages have fewer than block_size / 28 + 1 line pointers.
CREATE FUNCTION lockgate.backfill_slots() RETURNS bigint LANGUAGE sql STABLE
  RETURN current_setting('block_size')::bigint / 28 + 1;

CREATE FUNCTION lockgate.backfill_place(p_tid text) RETURNS bigint LANGUAGE sql STABLE
  RETURN split_part(trim('()' FROM p_tid), ',', 1)::bigint * lockgate.backfill_slots()
    + split_part(trim('()' FROM p_tid), ',', 2)::bigint;

CREATE FUNCTION lockgate.backfill_tid(p_place bigint) RETURNS text LANGUAGE sql STABLE
  RETURN format('(%s,%s)', p_place / lockgate.backfill_slots(), p_place % lockgate.backfill_slots());

-- The end of a chunk that begins behind p_from; whole pages wherever it is at least one page long.
CREATE FUNCTION lockgate.backfill_next_place(
  p_from text[], p_upper text[], p_size bigint, OUT upto text[], OUT units bigint
) LANGUAGE plpgsql STABLE AS $$
DECLARE
  slots bigint := lockgate.backfill_slots();
  here bigint := coalesce(lockgate.backfill_place(p_from[1]), 0);
  there bigint := here + p_size;
BEGIN
  IF p_size >= slots THEN
    there := there / slots * slots;
  END IF;
  units := least(there, lockgate.backfill_place(p_upper[1])) - here;
  IF there < lockgate.backfill_place(p_upper[1]) THEN
    upto := ARRAY[lockgate.backfill_tid(there)];
  END IF;
END $$;

CREATE FUNCTION lockgate.backfill_claim(p_job bigint, p_owner text, p_lease interval)
RETURNS SETOF lockgate.backfill_range LANGUAGE sql AS $$
  UPDATE lockgate.backfill_range AS taken
  SET lease_token = taken.lease_token + 1, lease_owner = p_owner, lease_pid = pg_backend_pid(),
    lease_backend = (SELECT a.backend_start FROM pg_stat_activity AS a WHERE a.pid = pg_backend_pid()),
    lease_until = clock_timestamp() + p_lease
  WHERE taken.id = (
    SELECT r.id FROM lockgate.backfill_range AS r
    WHERE r.job_id = p_job AND NOT r.done
      AND (
        r.lease_until IS NULL OR r.lease_until < clock_timestamp()
        OR NOT EXISTS (
          SELECT FROM pg_stat_activity AS a
          WHERE a.pid = r.lease_pid AND (a.backend_start IS NULL OR a.backend_start = r.lease_backend)
        )
      )
      AND (
        r.kind = 'walk'
        OR NOT EXISTS (
          SELECT FROM lockgate.backfill_range AS w WHERE w.job_id = p_job AND w.kind = 'walk' AND NOT w.done
        )
      )
    ORDER BY r.sweep, r.pass, r.number, r.id
    LIMIT 1
    FOR UPDATE SKIP LOCKED
  )
  RETURNING taken.*
$$;

CREATE FUNCTION lockgate.backfill_release(p_range bigint, p_token bigint) RETURNS void LANGUAGE sql AS $$
  UPDATE lockgate.backfill_range SET lease_owner = NULL, lease_pid = NULL, lease_backend = NULL, lease_until = NULL
  WHERE id = p_range AND lease_token = p_token
$$;

-- Begin a chunk: make sure that the lease is still ours, and find where the chunk ends.
CREATE FUNCTION lockgate.backfill_open(
  p_range bigint, p_token bigint, p_size bigint,
  OUT after_key text[], OUT upto_key text[], OUT units bigint, OUT finished boolean, OUT desired text
) LANGUAGE plpgsql AS $$
DECLARE
  r lockgate.backfill_range;
  j lockgate.backfill_job;
  s lockgate.backfill_source;
BEGIN
  SELECT * INTO r FROM lockgate.backfill_range WHERE id = p_range AND lease_token = p_token AND NOT done FOR UPDATE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'another worker has taken over this part of the backfill' USING ERRCODE = 'LG001';
  END IF;
  SELECT * INTO STRICT j FROM lockgate.backfill_job WHERE id = r.job_id;
  SELECT * INTO STRICT s FROM lockgate.backfill_source WHERE job_id = r.job_id AND number = r.source;
  desired := CASE WHEN j.status = 'running' THEN j.desired ELSE 'cancel' END;
  after_key := r.position;
  finished := false;
  units := 0;
  IF desired <> 'run' THEN
    RETURN;
  END IF;
  IF j.run_token IS NOT NULL THEN
    PERFORM FROM lockgate.lease AS l WHERE l.token = j.run_token FOR SHARE;
    IF NOT FOUND THEN
      RAISE EXCEPTION 'another run has taken over this database' USING ERRCODE = 'LG004';
    END IF;
  END IF;
  PERFORM set_config(g.key, g.value, true) FROM jsonb_each_text(j.session) AS g;
  EXECUTE s.probe_sql INTO upto_key, units USING r.position, r.upper_bound, p_size;
  IF upto_key IS NULL OR upto_key = r.upper_bound THEN
    upto_key := r.upper_bound;
    finished := true;
  END IF;
  units := coalesce(units, greatest(0, least(p_size, r.units_total - r.units_done)));
END $$;

-- End a chunk in the transaction that changed its rows.
CREATE FUNCTION lockgate.backfill_close(
  p_range bigint, p_token bigint, p_upto text[], p_units bigint, p_changed bigint, p_finished boolean,
  p_size bigint, p_lease interval
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  r lockgate.backfill_range;
  s lockgate.backfill_source;
BEGIN
  UPDATE lockgate.backfill_range
  SET position = p_upto, done = p_finished, rows_changed = rows_changed + p_changed, units_done = units_done + p_units,
    chunks = chunks + 1, chunk_size = p_size, touched_at = clock_timestamp(), lease_until = clock_timestamp() + p_lease
  WHERE id = p_range AND lease_token = p_token AND NOT done
  RETURNING * INTO r;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'another worker has taken over this part of the backfill' USING ERRCODE = 'LG001';
  END IF;
  -- Checked behind the change, whose lock keeps a rewrite or a rename out until we commit.
  SELECT * INTO STRICT s FROM lockgate.backfill_source WHERE job_id = r.job_id AND number = r.source;
  IF to_regclass(s.relation_name) IS DISTINCT FROM s.relation::regclass THEN
    RAISE EXCEPTION 'the table was dropped, or another one has taken its name' USING ERRCODE = 'LG003';
  END IF;
  IF s.filenode IS NOT NULL AND pg_relation_filenode(s.relation::regclass) IS DISTINCT FROM s.filenode THEN
    RAISE EXCEPTION 'the rows have moved: the table was rewritten' USING ERRCODE = 'LG002';
  END IF;
END $$;

-- One chunk, whole: its rows and its cursor are committed together or not at all.
CREATE FUNCTION lockgate.backfill_step(
  p_range bigint, p_token bigint, p_size bigint, p_lease interval,
  OUT changed bigint, OUT units bigint, OUT finished boolean, OUT desired text
) LANGUAGE plpgsql AS $$
DECLARE
  o record;
  statement text;
  pass integer;
BEGIN
  o := lockgate.backfill_open(p_range, p_token, p_size);
  changed := 0;
  units := o.units;
  finished := o.finished;
  desired := o.desired;
  IF desired <> 'run' THEN
    RETURN;
  END IF;
  SELECT s.chunk_sql, r.pass INTO STRICT statement, pass
  FROM lockgate.backfill_range AS r
  JOIN lockgate.backfill_source AS s ON s.job_id = r.job_id AND s.number = r.source
  WHERE r.id = p_range;
  EXECUTE statement USING o.after_key, o.upto_key, pass;
  GET DIAGNOSTICS changed = ROW_COUNT;
  PERFORM lockgate.backfill_close(p_range, p_token, o.upto_key, units, changed, finished, p_size, p_lease);
END $$;

-- Set aside the one row that a chunk of the smallest size would change; returns how many were set aside in all.
CREATE FUNCTION lockgate.backfill_set_aside(
  p_range bigint, p_token bigint, p_sqlstate text, p_reason text, p_lease interval
) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  o record;
  r lockgate.backfill_range;
  s lockgate.backfill_source;
  found_key text[];
BEGIN
  o := lockgate.backfill_open(p_range, p_token, 1);
  SELECT * INTO STRICT r FROM lockgate.backfill_range WHERE id = p_range;
  SELECT * INTO STRICT s FROM lockgate.backfill_source WHERE job_id = r.job_id AND number = r.source;
  IF o.desired = 'run' THEN
    EXECUTE s.key_sql INTO found_key USING o.after_key, o.upto_key, r.pass;
    IF found_key IS NOT NULL THEN
      INSERT INTO lockgate.backfill_skipped (job_id, sweep, row_key, sqlstate, reason)
      VALUES (r.job_id, r.sweep, found_key, p_sqlstate, p_reason);
    END IF;
    PERFORM lockgate.backfill_close(p_range, p_token, o.upto_key, o.units, 0, o.finished, 1, p_lease);
  END IF;
  RETURN (SELECT count(*) FROM lockgate.backfill_skipped WHERE job_id = r.job_id AND sweep = r.sweep);
END $$;

-- Begin the walk through one source anew, as one range for each pass, over all that is there now.
CREATE FUNCTION lockgate.backfill_walk_again(p_job bigint, p_source integer, p_sweep integer, p_passes integer)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  s lockgate.backfill_source;
  last_key text[];
  units bigint;
BEGIN
  UPDATE lockgate.backfill_range SET done = true, lease_token = lease_token + 1, lease_until = NULL
  WHERE job_id = p_job AND source = p_source AND kind = 'walk' AND NOT done;
  UPDATE lockgate.backfill_source
  SET filenode = CASE WHEN filenode IS NOT NULL THEN pg_relation_filenode(relation::regclass) END
  WHERE job_id = p_job AND number = p_source
  RETURNING * INTO STRICT s;
  EXECUTE s.last_sql INTO last_key, units;
  IF last_key IS NOT NULL THEN
    INSERT INTO lockgate.backfill_range (job_id, source, sweep, pass, upper_bound, units_total)
    SELECT p_job, p_source, p_sweep, pass, last_key, coalesce(units, 0)
    FROM generate_series(CASE WHEN p_passes = 1 THEN -1 ELSE 0 END, CASE WHEN p_passes = 1 THEN -1 ELSE p_passes - 1 END)
      AS pass;
  END IF;
END $$;

-- What follows LG002: rows are looked up by place and the places are not those any more.
CREATE FUNCTION lockgate.backfill_moved(p_range bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  r lockgate.backfill_range;
  s lockgate.backfill_source;
BEGIN
  SELECT * INTO STRICT r FROM lockgate.backfill_range WHERE id = p_range;
  SELECT * INTO STRICT s FROM lockgate.backfill_source WHERE job_id = r.job_id AND number = r.source FOR UPDATE;
  IF pg_relation_filenode(s.relation::regclass) IS NOT DISTINCT FROM s.filenode THEN
    RETURN;
  END IF;
  PERFORM lockgate.backfill_walk_again(r.job_id, r.source, r.sweep, j.passes)
  FROM lockgate.backfill_job AS j WHERE j.id = r.job_id;
  UPDATE lockgate.backfill_job
  SET notes = notes || format('%s was rewritten while it was walked; the walk through it began anew', s.relation_name)
  WHERE id = r.job_id;
END $$;

-- The proof at the end: count what is left, sweep it up, and count again.
CREATE FUNCTION lockgate.backfill_verify(p_range bigint, p_token bigint, p_sweeps integer, OUT outcome text)
LANGUAGE plpgsql AS $$
DECLARE
  r lockgate.backfill_range;
  j lockgate.backfill_job;
  remaining bigint;
  hopeless bigint := 0;
  skipped bigint;
  poisoned bigint;
BEGIN
  SELECT * INTO r FROM lockgate.backfill_range WHERE id = p_range AND lease_token = p_token AND NOT done FOR UPDATE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'another worker has taken over this part of the backfill' USING ERRCODE = 'LG001';
  END IF;
  SELECT * INTO STRICT j FROM lockgate.backfill_job WHERE id = r.job_id;
  IF j.desired <> 'run' OR j.status <> 'running' THEN
    outcome := CASE WHEN j.status = 'running' THEN j.desired ELSE 'cancel' END;
    RETURN;
  END IF;
  PERFORM set_config(g.key, g.value, true) FROM jsonb_each_text(j.session) AS g;
  IF j.remaining_sql IS NOT NULL THEN
    EXECUTE j.remaining_sql INTO remaining;
    IF remaining > 0 AND j.unfixable_sql IS NOT NULL THEN
      EXECUTE j.unfixable_sql INTO hopeless;
    END IF;
  END IF;
  SELECT count(*), count(*) FILTER (WHERE k.sqlstate !~ '^(55|40|57)') INTO skipped, poisoned
  FROM lockgate.backfill_skipped AS k WHERE k.job_id = j.id AND k.sweep = j.sweep;
  IF j.mode = 'converges' AND remaining > hopeless + poisoned AND j.sweep - j.first_sweep < p_sweeps THEN
    PERFORM lockgate.backfill_walk_again(j.id, s.number, j.sweep + 1, 1)
    FROM lockgate.backfill_source AS s WHERE s.job_id = j.id;
    UPDATE lockgate.backfill_job SET sweep = j.sweep + 1, rows_left = remaining, rows_unfixable = hopeless
    WHERE id = j.id;
    UPDATE lockgate.backfill_range
    SET sweep = j.sweep + 1, lease_owner = NULL, lease_until = NULL, lease_pid = NULL WHERE id = r.id;
    outcome := 'sweep';
    RETURN;
  END IF;
  outcome := CASE WHEN coalesce(remaining, 0) = 0 AND skipped = 0 THEN 'done' ELSE 'incomplete' END;
  UPDATE lockgate.backfill_job
  SET status = outcome, rows_left = remaining, rows_unfixable = hopeless, finished_at = clock_timestamp()
  WHERE id = j.id;
  UPDATE lockgate.backfill_range
  SET done = true, lease_owner = NULL, lease_until = NULL, lease_pid = NULL, touched_at = clock_timestamp()
  WHERE id = r.id;
END $$;

-- The guide's progress table, for dashboards.
CREATE VIEW lockgate.migration_progress AS
SELECT
  j.id,
  j.name AS migration_name,
  (SELECT array_to_string(r.position, ', ') FROM lockgate.backfill_range AS r
   WHERE r.job_id = j.id AND r.position IS NOT NULL ORDER BY r.touched_at DESC NULLS LAST LIMIT 1) AS last_processed_id,
  coalesce(p.rows_changed, 0)::bigint AS rows_processed,
  CASE j.status WHEN 'done' THEN 'completed'
    WHEN 'running' THEN CASE j.desired WHEN 'pause' THEN 'paused' WHEN 'cancel' THEN 'cancelling' ELSE 'running' END
    ELSE j.status END AS status,
  j.created_at AS started_at,
  j.finished_at AS completed_at,
  j.target AS table_name,
  j.walker,
  j.rows_estimate,
  j.rows_left,
  j.rows_unfixable,
  (SELECT count(*) FROM lockgate.backfill_skipped AS k WHERE k.job_id = j.id AND k.sweep = j.sweep) AS rows_skipped,
  CASE WHEN j.status = 'done' THEN 100.0 ELSE least(99.9, round(100.0 * p.units_done / nullif(p.units_total, 0), 1)) END
    AS percent,
  (SELECT round(sum(w.rows_per_second)::numeric, 1) FROM lockgate.backfill_worker AS w
   WHERE w.job_id = j.id AND w.seen_at > clock_timestamp() - interval '1 minute') AS rows_per_second,
  (SELECT string_agg(DISTINCT w.throttled_by, '; ') FROM lockgate.backfill_worker AS w
   WHERE w.job_id = j.id AND w.seen_at > clock_timestamp() - interval '1 minute') AS throttled_by,
  p.touched_at AS updated_at,
  j.error
FROM lockgate.backfill_job AS j
LEFT JOIN LATERAL (
  SELECT sum(r.rows_changed) AS rows_changed, max(r.touched_at) AS touched_at,
    sum(r.units_done) FILTER (WHERE r.sweep = 0)::numeric AS units_done,
    sum(greatest(r.units_total, r.units_done)) FILTER (WHERE r.sweep = 0)::numeric AS units_total
  FROM lockgate.backfill_range AS r WHERE r.job_id = j.id AND r.kind = 'walk'
) AS p ON true;
COMMENT ON VIEW lockgate.migration_progress IS 'One row per backfill: how far it is, how fast, and what holds it back.';

REVOKE ALL ON ALL TABLES IN SCHEMA lockgate FROM PUBLIC;
REVOKE ALL ON ALL ROUTINES IN SCHEMA lockgate FROM PUBLIC;
