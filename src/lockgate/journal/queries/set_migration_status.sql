UPDATE lockgate.migration SET
  status = %(status)s,
  applied_at = CASE
    WHEN %(status)s = 'applied' THEN clock_timestamp()
    WHEN %(status)s = 'rolled back' THEN NULL
    ELSE applied_at
  END,
  seconds = CASE
    WHEN %(status)s = 'applied' THEN extract(epoch FROM clock_timestamp() - started_at)
    ELSE seconds
  END
WHERE version = %(version)s
