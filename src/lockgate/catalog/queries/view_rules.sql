-- The rules that make views: dependencies of a view hang on its rule.
SELECT w.oid, w.ev_class AS relation FROM pg_rewrite w WHERE w.rulename = '_RETURN' AND w.oid >= 16384
