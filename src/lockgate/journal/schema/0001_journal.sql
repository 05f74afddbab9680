CREATE SCHEMA IF NOT EXISTS lockgate;
COMMENT ON SCHEMA lockgate IS 'The journal of Lockgate: what was changed here, by whom and when. Not for the API.';

CREATE TABLE lockgate.format (
  version integer PRIMARY KEY,
  lockgate_version text NOT NULL,
  applied_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE lockgate.format IS 'The versions of this schema that were installed.';

CREATE TABLE lockgate.lease (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  token bigint NOT NULL DEFAULT 0,
  run_id uuid,
  holder text,
  acquired_at timestamptz
);
INSERT INTO lockgate.lease DEFAULT VALUES;
COMMENT ON TABLE lockgate.lease IS 'Who may change this database; token grows with each holder and fences off the one before.';

CREATE TABLE lockgate.run (
  id uuid PRIMARY KEY,
  kind text NOT NULL,
  status text NOT NULL DEFAULT 'running'
    CHECK (status IN ('running', 'done', 'failed', 'interrupted', 'abandoned')),
  token bigint NOT NULL,
  holder text NOT NULL,
  lockgate_version text NOT NULL,
  system_identifier text,
  started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  ended_at timestamptz,
  error text
);
CREATE INDEX run_started_at ON lockgate.run (started_at);

CREATE TABLE lockgate.migration (
  version text PRIMARY KEY,
  name text NOT NULL,
  file text NOT NULL,
  status text NOT NULL
    CHECK (status IN ('applying', 'applied', 'rolling back', 'rolled back', 'baseline')),
  checksum text NOT NULL,
  statement_checksum text NOT NULL,
  content text NOT NULL,
  rollback_content text,
  plan jsonb,
  plan_digest text,
  run_id uuid REFERENCES lockgate.run (id),
  started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  applied_at timestamptz,
  seconds double precision
);
COMMENT ON COLUMN lockgate.migration.content IS 'The file as it was applied, so that a later edit can be shown.';

CREATE TABLE lockgate.step (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  run_id uuid NOT NULL REFERENCES lockgate.run (id),
  version text NOT NULL,
  direction text NOT NULL CHECK (direction IN ('up', 'down')),
  step text NOT NULL,
  position integer NOT NULL,
  kind text NOT NULL,
  title text NOT NULL,
  status text NOT NULL
    CHECK (status IN ('intended', 'done', 'failed', 'interrupted', 'superseded')),
  transaction_id xid8,
  attempts integer NOT NULL DEFAULT 1,
  waited_seconds double precision NOT NULL DEFAULT 0,
  seconds double precision,
  row_count bigint,
  error text,
  started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  ended_at timestamptz
);
CREATE INDEX step_version ON lockgate.step (version, id);
CREATE INDEX step_run ON lockgate.step (run_id);

CREATE TABLE lockgate.gate (
  name text PRIMARY KEY,
  text text NOT NULL,
  version text NOT NULL,
  opened_at timestamptz,
  opened_by text
);
COMMENT ON TABLE lockgate.gate IS 'Conditions outside the database that a person confirms before a phase may begin.';

REVOKE ALL ON SCHEMA lockgate FROM PUBLIC;
