-- Types that are made from another one: arrays from their element, multiranges from their range.
SELECT t.typarray AS made, t.oid AS base FROM pg_type t WHERE t.typarray >= 16384
UNION ALL
SELECT r.rngmultitypid, r.rngtypid FROM pg_range r WHERE r.rngmultitypid >= 16384
