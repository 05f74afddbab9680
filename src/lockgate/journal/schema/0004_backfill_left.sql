-- A job may end although rows match its statement again: those were written behind the last whole sweep, and one
-- statement over the whole table would have left them too. Whether that is an error is said by the setting "left".
CREATE OR REPLACE FUNCTION lockgate.backfill_verify(p_range bigint, p_token bigint, p_sweeps integer, OUT outcome text)
LANGUAGE plpgsql AS $$
DECLARE
  r lockgate.backfill_range;
  j lockgate.backfill_job;
  remaining bigint;
  hopeless bigint := 0;
  skipped bigint;
  poisoned bigint;
  came_back boolean;
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
  came_back := remaining > 0 AND hopeless = 0 AND skipped = 0 AND j.settings ->> 'left' = 'note';
  outcome := CASE WHEN (coalesce(remaining, 0) = 0 AND skipped = 0) OR came_back THEN 'done' ELSE 'incomplete' END;
  UPDATE lockgate.backfill_job
  SET notes = notes || CASE WHEN came_back
      THEN ARRAY[format('rows that match again: %s, written while the table was walked', remaining)]
      ELSE '{}' END,
    status = outcome, rows_left = remaining, rows_unfixable = hopeless, finished_at = clock_timestamp()
  WHERE id = j.id;
  UPDATE lockgate.backfill_range
  SET done = true, lease_owner = NULL, lease_until = NULL, lease_pid = NULL, touched_at = clock_timestamp()
  WHERE id = r.id;
END $$;
