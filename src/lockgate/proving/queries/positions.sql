-- Where every sequence stands; null for one that was never used.
SELECT c.oid::int8, n.nspname, c.relname, pg_sequence_last_value(c.oid), s.seqincrement > 0
FROM pg_sequence s
JOIN pg_class c ON c.oid = s.seqrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname !~ '^pg_'
    AND n.nspname <> ALL (%(excluded)s::text[])
