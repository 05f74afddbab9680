-- base: notes
COMMENT ON TABLE notes IS 'Written by the server only.';
