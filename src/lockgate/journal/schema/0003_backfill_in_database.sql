-- What holds a walk back inside the database: the signals that SQL can read, with the limits of the job. Null is go.
CREATE FUNCTION lockgate.backfill_held_by(p_job bigint) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  settings jsonb := (SELECT j.settings FROM lockgate.backfill_job AS j WHERE j.id = p_job);
  ignored jsonb := coalesce(settings -> 'ignored_signals', '[]');
  limits jsonb := '{"replica_lag_seconds": 10, "replica_lag_bytes": 268435456, "slot_bytes": 4294967296,
    "snapshot_seconds": 600, "connection_share": 0.9, "lock_wait_seconds": 1}' || coalesce(settings -> 'limits', '{}');
  quiet text[] := regexp_match(settings ->> 'quiet', '^(\d+:\d+)-(\d+:\d+)\s*(\S*)$');
  here time;
  found text;
BEGIN
  IF quiet IS NOT NULL THEN
    here := (clock_timestamp() AT TIME ZONE coalesce(nullif(quiet[3], ''), 'UTC'))::time;
    IF (CASE WHEN quiet[1]::time <= quiet[2]::time THEN here >= quiet[1]::time AND here < quiet[2]::time
      ELSE here >= quiet[1]::time OR here < quiet[2]::time END) THEN
      RETURN 'quiet hours (' || (settings ->> 'quiet') || ')';
    END IF;
  END IF;
  IF NOT ignored ? 'replica-lag' THEN
    SELECT format('replica-lag: replica %s is behind', coalesce(nullif(r.application_name, ''), r.pid::text)) INTO found
    FROM pg_stat_replication AS r
    WHERE r.state IS NULL OR r.state <> 'backup' AND (
      coalesce(extract(epoch FROM r.replay_lag), 0) >= (limits ->> 'replica_lag_seconds')::numeric
      OR pg_wal_lsn_diff(pg_current_wal_lsn(), coalesce(r.replay_lsn, r.flush_lsn, r.sent_lsn))
        >= (limits ->> 'replica_lag_bytes')::numeric) LIMIT 1;
  END IF;
  IF found IS NULL AND NOT ignored ? 'slots' THEN
    SELECT format('slots: slot %s keeps WAL back', s.slot_name) INTO found FROM pg_replication_slots AS s
    WHERE pg_wal_lsn_diff(pg_current_wal_lsn(), s.restart_lsn) >= (limits ->> 'slot_bytes')::numeric LIMIT 1;
  END IF;
  IF found IS NULL AND NOT ignored ? 'oldest-xmin' THEN
    SELECT format('oldest-xmin: process %s holds a snapshot', a.pid) INTO found FROM pg_stat_activity AS a
    WHERE a.backend_xmin IS NOT NULL AND a.pid <> pg_backend_pid() AND a.datname = current_database()
      AND a.query NOT LIKE 'autovacuum:%'
      AND extract(epoch FROM clock_timestamp() - a.xact_start) >= (limits ->> 'snapshot_seconds')::numeric LIMIT 1;
  END IF;
  IF found IS NULL AND NOT ignored ? 'lock-waits' THEN
    SELECT format('lock-waits: process %s waits to change the table', l.pid) INTO found FROM pg_locks AS l
    WHERE NOT l.granted AND l.relation IN (SELECT s.relation FROM lockgate.backfill_source AS s WHERE s.job_id = p_job)
      AND extract(epoch FROM clock_timestamp() - l.waitstart) >= (limits ->> 'lock_wait_seconds')::numeric LIMIT 1;
  END IF;
  IF found IS NULL AND NOT ignored ? 'connections' THEN
    SELECT 'connections: nearly all are in use' INTO found FROM pg_stat_activity
    HAVING count(*) >= current_setting('max_connections')::numeric * (limits ->> 'connection_share')::numeric;
  END IF;
  RETURN found;
END $$;

-- A worker inside the database, for pg_cron: one transaction for each chunk, the same books, the same orders.
CREATE PROCEDURE lockgate.backfill_run(p_job bigint, p_seconds double precision DEFAULT 55)
LANGUAGE plpgsql AS $$
DECLARE
  me text := 'database:' || pg_backend_pid();
  deadline timestamptz := clock_timestamp() + make_interval(secs => p_seconds);
  j lockgate.backfill_job;
  r lockgate.backfill_range;
  lease interval;
  target_ms double precision;
  largest bigint;
  size bigint;
  trouble bigint;
  trouble_left bigint := 0;
  tries integer := 0;
  begun timestamptz;
  looked timestamptz := 'epoch';
  counted bigint := 0;
  fellows bigint := 1;
  ms double precision;
  held text;
  o record;
  code text;
  cause text;
BEGIN
  LOOP
    SELECT * INTO j FROM lockgate.backfill_job WHERE id = p_job;
    EXIT WHEN NOT FOUND OR j.status <> 'running' OR j.desired = 'cancel' OR clock_timestamp() >= deadline;
    lease := make_interval(secs => coalesce((j.settings ->> 'lease_seconds')::double precision, 30));
    target_ms := coalesce((j.settings ->> 'target_ms')::double precision, 100);
    largest := greatest(1, least((j.settings ->> 'largest_rows')::numeric,
      coalesce((j.settings ->> 'rows_per_second')::numeric, 1e9)) * (j.settings ->> 'units_per_row')::numeric);
    size := least(largest, coalesce(size, (j.settings ->> 'first_rows')::numeric * (j.settings ->> 'units_per_row')::numeric));
    size := greatest(1, size);
    IF clock_timestamp() - looked > interval '1 second' THEN
      held := CASE WHEN j.desired = 'pause' THEN 'paused' ELSE lockgate.backfill_held_by(p_job) END;
      INSERT INTO lockgate.backfill_worker (job_id, owner, chunk_size, chunk_ms, rows_per_second, throttled_by)
      VALUES (p_job, me, size, ms, CASE WHEN looked > 'epoch'
        THEN counted / greatest(0.001, extract(epoch FROM clock_timestamp() - looked)) END, held)
      ON CONFLICT (job_id, owner) DO UPDATE SET seen_at = clock_timestamp(), chunk_size = EXCLUDED.chunk_size,
        chunk_ms = EXCLUDED.chunk_ms, rows_per_second = EXCLUDED.rows_per_second, throttled_by = EXCLUDED.throttled_by;
      looked := clock_timestamp();
      counted := 0;
      fellows := greatest(1, (SELECT count(*) FROM lockgate.backfill_worker AS w
        WHERE w.job_id = p_job AND w.seen_at > clock_timestamp() - interval '10 seconds'));
      UPDATE lockgate.backfill_range SET lease_until = clock_timestamp() + lease
      WHERE id = r.id AND lease_token = r.lease_token;
      COMMIT;
    END IF;
    IF held IS NOT NULL THEN
      PERFORM pg_sleep(0.5);
      CONTINUE;
    END IF;
    IF r.id IS NULL THEN
      SELECT * INTO r FROM lockgate.backfill_claim(p_job, me, lease);
      COMMIT;
      EXIT WHEN r.id IS NULL;
    END IF;
    IF r.kind = 'verify' THEN
      PERFORM lockgate.backfill_verify(r.id, r.lease_token, coalesce((j.settings ->> 'sweeps')::integer, 3));
      PERFORM lockgate.backfill_release(r.id, r.lease_token);
      COMMIT;
      r := NULL;
      CONTINUE;
    END IF;
    code := NULL;
    begun := clock_timestamp();
    PERFORM set_config('synchronous_commit', CASE WHEN (j.settings ->> 'asynchronous_commit')::boolean THEN 'off' ELSE 'on' END,
      true);
    BEGIN
      o := lockgate.backfill_step(r.id, r.lease_token, size, lease);
    EXCEPTION WHEN OTHERS THEN
      GET STACKED DIAGNOSTICS code = RETURNED_SQLSTATE, cause = CONSTRAINT_NAME;
    END;
    COMMIT;
    ms := extract(epoch FROM clock_timestamp() - begun) * 1000;
    IF code IS NULL THEN
      tries := 0;
      counted := counted + o.changed;
      trouble_left := trouble_left - o.units;
      trouble := CASE WHEN trouble_left > 0 THEN trouble END;
      size := greatest(1, CASE WHEN o.units = 0 THEN size WHEN ms > 5 * target_ms THEN size / 10
        WHEN ms > target_ms THEN size * target_ms / ms WHEN trouble IS NOT NULL THEN size
        ELSE least(size * 1.5 + 1, size * target_ms / greatest(ms, 0.01)) END);
      IF o.finished THEN
        r := NULL;
      END IF;
      PERFORM pg_sleep(greatest((j.settings ->> 'pause_ms')::double precision / 1000,
        coalesce(o.changed * fellows / (j.settings ->> 'rows_per_second')::double precision - ms / 1000, 0), 0));
    ELSIF code = 'LG001' THEN
      r := NULL;
    ELSIF code = 'LG002' THEN
      PERFORM lockgate.backfill_moved(r.id);
      COMMIT;
      r := NULL;
    ELSIF code IN ('55P03', '40P01', '40001') OR left(code, 2) IN ('21', '22', '23', '27', '38', '44', 'P0') THEN
      tries := tries + 1;
      IF trouble IS NULL THEN
        trouble := size;
        trouble_left := size;
        tries := 1;
      END IF;
      IF size > 1 THEN
        size := size / 2;
        tries := 0;
      ELSIF left(code, 1) IN ('2', '3', 'P') OR code = '44000' OR (tries >= 12 AND j.mode = 'converges') THEN
        IF lockgate.backfill_set_aside(r.id, r.lease_token, code, concat_ws(', constraint ', 'error ' || code, nullif(cause, '')), lease)
          > (j.settings ->> 'max_skipped')::bigint THEN
          UPDATE lockgate.backfill_job SET status = 'failed', finished_at = clock_timestamp(),
            error = format('more than %s rows cannot be changed: error %s', j.settings ->> 'max_skipped', code) WHERE id = p_job;
        END IF;
        size := greatest(1, trouble / 2);
        trouble := NULL;
        tries := 0;
      END IF;
      COMMIT;
      PERFORM pg_sleep(0.02 * random());
    ELSE
      UPDATE lockgate.backfill_job SET status = 'failed', finished_at = clock_timestamp(), error = 'error ' || code
      WHERE id = p_job AND status = 'running';
      COMMIT;
    END IF;
  END LOOP;
  PERFORM lockgate.backfill_release(r.id, r.lease_token);
  DELETE FROM lockgate.backfill_worker AS w WHERE w.job_id = p_job AND w.owner = me;
  COMMIT;
  IF to_regclass('cron.job') IS NOT NULL
    AND NOT EXISTS (SELECT FROM lockgate.backfill_job AS e WHERE e.id = p_job AND e.status = 'running') THEN
    EXECUTE format('SELECT cron.unschedule(jobid) FROM cron.job WHERE jobname LIKE %L', format('lockgate-backfill-%s-%%', p_job));
  END IF;
END $$;

REVOKE ALL ON ALL ROUTINES IN SCHEMA lockgate FROM PUBLIC;
