-- What a run left behind, so that the next one sees whether it meets the same server, schema and journal.
ALTER TABLE lockgate.run
  ADD COLUMN timeline integer,
  ADD COLUMN inventory text,
  ADD COLUMN newest text;
COMMENT ON COLUMN lockgate.run.inventory IS 'A digest of the names and shapes of all objects when the run ended.';
COMMENT ON COLUMN lockgate.run.newest IS 'The newest applied version when the run ended.';
