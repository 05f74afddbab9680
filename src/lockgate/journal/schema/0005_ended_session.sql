CREATE TABLE lockgate.ended_session (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  run_id uuid NOT NULL REFERENCES lockgate.run (id),
  version text NOT NULL,
  step text NOT NULL,
  pid integer NOT NULL,
  role text NOT NULL,
  application text NOT NULL,
  state text NOT NULL,
  transaction_seconds double precision NOT NULL,
  query text NOT NULL,
  reason text NOT NULL,
  decided_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX ended_session_run ON lockgate.ended_session (run_id);
COMMENT ON TABLE lockgate.ended_session IS
  'Sessions that a run ended because it was told to: who, in whose way, and by which rule. Written before the act.';
