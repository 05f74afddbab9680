-- A table that only this transaction sees, and that goes with it.
CREATE TEMPORARY TABLE lockgate_calibration (id integer NOT NULL, key bigint NOT NULL, body text NOT NULL)
  ON COMMIT DROP
