-- Jobs are kept as they were asked for; nothing runs them.

CREATE SCHEMA cron;

CREATE TABLE cron.job (
    jobid bigserial PRIMARY KEY,
    schedule text NOT NULL,
    command text NOT NULL,
    nodename text NOT NULL DEFAULT 'localhost',
    nodeport integer NOT NULL DEFAULT coalesce(inet_server_port(), 5432),
    database text NOT NULL DEFAULT current_database(),
    username text NOT NULL DEFAULT current_user,
    active boolean NOT NULL DEFAULT true,
    jobname text,
    CONSTRAINT jobname_username_uniq UNIQUE (jobname, username)
);
ALTER TABLE cron.job ENABLE ROW LEVEL SECURITY;
CREATE POLICY cron_job_policy ON cron.job USING (username = current_user);

CREATE TABLE cron.job_run_details (
    jobid bigint,
    runid bigserial PRIMARY KEY,
    job_pid integer,
    database text,
    username text,
    command text,
    status text,
    return_message text,
    start_time timestamptz,
    end_time timestamptz
);
ALTER TABLE cron.job_run_details ENABLE ROW LEVEL SECURITY;
CREATE POLICY cron_job_run_details_policy ON cron.job_run_details USING (username = current_user);

CREATE FUNCTION cron._check_schedule(schedule text) RETURNS void LANGUAGE plpgsql IMMUTABLE AS $body$
BEGIN
    IF schedule !~ '^\s*@(yearly|annually|monthly|weekly|daily|midnight|hourly|reboot)\s*$'
       AND schedule !~* '^\s*[1-5]?\d\s+seconds?\s*$'
       AND schedule !~* '^\s*([\d*/,a-z$-]+\s+){4}[\d*/,a-z$-]+\s*$' THEN
        RAISE EXCEPTION 'invalid schedule: %', schedule
            USING ERRCODE = 'invalid_parameter_value',
                  HINT = 'Use cron format (e.g. 5 4 * * *), or interval format ''[1-59] seconds''';
    END IF;
END
$body$;

CREATE FUNCTION cron._put(job_name text, schedule text, command text, database text, username text, active boolean)
RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path TO cron AS $body$
#variable_conflict use_column
DECLARE
    made bigint;
BEGIN
    PERFORM cron._check_schedule($2);
    INSERT INTO cron.job (jobname, schedule, command, database, username, active)
    VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT ON CONSTRAINT jobname_username_uniq DO UPDATE
        SET schedule = excluded.schedule, command = excluded.command, database = excluded.database,
            active = excluded.active
    RETURNING jobid INTO made;
    RETURN made;
END
$body$;

CREATE FUNCTION cron.schedule(schedule text, command text) RETURNS bigint LANGUAGE sql AS $body$
    SELECT cron._put(NULL, schedule, command, current_database(), current_user, true)
$body$;
CREATE FUNCTION cron.schedule(job_name text, schedule text, command text) RETURNS bigint LANGUAGE sql AS $body$
    SELECT cron._put(job_name, schedule, command, current_database(), current_user, true)
$body$;
CREATE FUNCTION cron.schedule_in_database(
    job_name text, schedule text, command text, database text, username text DEFAULT NULL, active boolean DEFAULT true
)
RETURNS bigint LANGUAGE sql AS $body$
    SELECT cron._put(job_name, schedule, command, database, coalesce(username, current_user), active)
$body$;

CREATE FUNCTION cron._take(id bigint, name text, owner text)
RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path TO cron AS $body$
BEGIN
    DELETE FROM cron.job WHERE (jobid = id OR jobname = name) AND username = owner;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'could not find valid entry for job %', coalesce(id::text, '''' || name || '''')
            USING ERRCODE = 'internal_error';
    END IF;
    RETURN true;
END
$body$;
CREATE FUNCTION cron.unschedule(job_id bigint) RETURNS boolean LANGUAGE sql AS $body$
    SELECT cron._take(job_id, NULL, current_user)
$body$;
CREATE FUNCTION cron.unschedule(job_name text) RETURNS boolean LANGUAGE sql AS $body$
    SELECT cron._take(NULL, job_name, current_user)
$body$;

CREATE FUNCTION cron.alter_job(
    job_id bigint, schedule text DEFAULT NULL, command text DEFAULT NULL, database text DEFAULT NULL,
    username text DEFAULT NULL, active boolean DEFAULT NULL
)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path TO cron AS $body$
#variable_conflict use_column
BEGIN
    IF $2 IS NOT NULL THEN
        PERFORM cron._check_schedule($2);
    END IF;
    UPDATE cron.job SET schedule = coalesce($2, schedule), command = coalesce($3, command),
        database = coalesce($4, database), username = coalesce($5, username), active = coalesce($6, active)
    WHERE jobid = $1;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'Job % does not exist or you don''t own it', $1;
    END IF;
END
$body$;

CREATE FUNCTION cron.job_cache_invalidate() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    RETURN new;
END
$body$;
