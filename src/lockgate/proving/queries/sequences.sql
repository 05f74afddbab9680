-- The sequences that nobody has used yet, to be moved on from where they begin.
SELECT s.seqrelid::int8
FROM pg_sequence s
JOIN pg_class c ON c.oid = s.seqrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE pg_sequence_last_value(s.seqrelid) IS NULL
    AND n.nspname !~ '^pg_'
    AND NOT EXISTS (
        SELECT FROM pg_depend d
        WHERE d.classid = 'pg_class'::regclass AND d.objid = s.seqrelid AND d.deptype = 'e'
    )
ORDER BY s.seqrelid
