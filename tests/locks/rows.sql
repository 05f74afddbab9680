-- Two thousand rows where a scan must be seen; enough to see it in the partitions as well.
INSERT INTO customers (id, email, city) SELECT i, 'c' || i || '@example.com', 'town' FROM generate_series(1, 2000) i;
INSERT INTO orders (id, customer_id, number, amount, code, note, total, placed_at, paid_at, period, payload, required, always, perhaps)
    SELECT i, i, i, 1, 'c' || i, 'n' || i, i, '2024-01-01', '2024-01-01Z', int4range(i, i + 1), '{}', i, i, i FROM generate_series(1, 2000) i;
INSERT INTO order_items SELECT i, 1, 's' FROM generate_series(1, 2000) i;
INSERT INTO notes SELECT i, 'n' FROM generate_series(1, 2000) i;
INSERT INTO scratch SELECT i, 'n' FROM generate_series(1, 2000) i;
INSERT INTO tickets SELECT i, 'n' FROM generate_series(1, 2000) i;
INSERT INTO clustered SELECT i, 'n' FROM generate_series(1, 2000) i;
INSERT INTO tree SELECT i, NULL FROM generate_series(1, 2000) i;
INSERT INTO stock SELECT i, i, 'l' FROM generate_series(1, 2000) i;
INSERT INTO shelf SELECT i, i FROM generate_series(1, 2000) i;
INSERT INTO samples (id, small, whole, big, exact, anyexact, single, twice, body, free, short, fixed, named, at, at3, atz, atz3, day, clock,
        clock3, span, span3, spanday, doc, docb, bits, anybits, fixbits, addr, net, key, raw, yes, mood, held, labelled, short_labelled, tags, shorts,
        oidcol, cls, cost, checked, checked_text, keyed, keyed_text, folded, partial, grouped, gen_base, viewed, patterned)
    SELECT i, 1, i, i, 1.5, 1.5, 1, 1, '1', '1', '1', '1', '1', '2024-01-01', '2024-01-01', '2024-01-01Z', '2024-01-01Z', '2024-01-01', '10:00',
        '10:00', '1 hour', '1 hour', '1 hour', '{}', '{}', b'1', b'1', b'1010', '10.0.0.1', '10.0.0.0/8', gen_random_uuid(), '\x00', true, 'glad', 1, '1', '1', '{}', '{}',
        1, 'notes', 1, 1, '1', i, i, i, '1', '1', '1', '1', '1' FROM generate_series(1, 2000) i;
INSERT INTO sample_parents SELECT i, i FROM generate_series(1, 2000) i;
INSERT INTO sample_children SELECT i, i, i FROM generate_series(1, 2000) i;
INSERT INTO events SELECT i, '2024-06-01', 'k', i, i FROM generate_series(1, 2000) i;
INSERT INTO events SELECT i, '2025-06-01', 'k', i, i FROM generate_series(1, 2000) i;
INSERT INTO events SELECT i, '2020-06-01', 'k', i, i FROM generate_series(1, 2000) i;
INSERT INTO events_2026 SELECT i, '2026-06-01', 'k', i, i FROM generate_series(1, 2000) i;
INSERT INTO events_2027 SELECT i, '2027-06-01', 'k', i, i FROM generate_series(1, 2000) i;
INSERT INTO events_2028 SELECT i, '2028-06-01', 'k', i, i FROM generate_series(1, 2000) i;
INSERT INTO visits SELECT i, 'de', i FROM generate_series(1, 2000) i;
INSERT INTO visits SELECT i, 'us', i FROM generate_series(1, 4000) i;
INSERT INTO visits_us SELECT i, 'us', i - 2000 FROM generate_series(1, 2000) i;
INSERT INTO visits_jp SELECT i, 'jp', i FROM generate_series(1, 2000) i;
INSERT INTO visits_kr SELECT i, 'kr', i FROM generate_series(1, 2000) i;
INSERT INTO visits_cn SELECT i, 'cn', i FROM generate_series(1, 2000) i;
INSERT INTO visits_old_1 SELECT i, 'old', 1 FROM generate_series(1, 2000) i;
INSERT INTO buckets SELECT i, 'n' FROM generate_series(1, 20000) i WHERE satisfies_hash_partition('buckets'::regclass, 3, 0, i) OR satisfies_hash_partition('buckets'::regclass, 3, 1, i);
INSERT INTO buckets_2 SELECT i, 'n' FROM generate_series(1, 20000) i WHERE satisfies_hash_partition('buckets'::regclass, 3, 2, i);
INSERT INTO ledger SELECT i, i % 1000 FROM generate_series(1, 2000) i;
INSERT INTO ledger SELECT i, 100000 + i FROM generate_series(1, 2000) i;
INSERT INTO ledger_mid SELECT i, 1000 + i % 1000 FROM generate_series(1, 2000) i;
INSERT INTO shipments SELECT i, '2024-06-01' FROM generate_series(1, 2000) i;
INSERT INTO shipments SELECT i, '2025-06-01' FROM generate_series(1, 2000) i;
INSERT INTO shipments_2026 SELECT i, '2026-06-01' FROM generate_series(1, 2000) i;
INSERT INTO parcels SELECT i, i, '2024-06-01' FROM generate_series(1, 2000) i;
INSERT INTO scans SELECT i, i, '2024-06-01' FROM generate_series(1, 2000) i;
INSERT INTO scans SELECT i, i, '2025-06-01' FROM generate_series(1, 2000) i;
INSERT INTO scans_2026 SELECT i, i, '2026-06-01' FROM generate_series(1, 2000) i;
INSERT INTO scans_2027 SELECT i, i, '2027-06-01' FROM generate_series(1, 2000) i;
INSERT INTO parcel_links SELECT i, '2024-06-01' FROM generate_series(1, 2000) i;
INSERT INTO people SELECT i, 'p', i, 'town' FROM generate_series(1, 2000) i;
INSERT INTO employees SELECT i, 'p', i, 'town', 1 FROM generate_series(1, 2000) i;
INSERT INTO managers SELECT i, 'p', i, 'town', 1, 1 FROM generate_series(1, 2000) i;
INSERT INTO visitors SELECT i, 'p', i, 'town' FROM generate_series(1, 2000) i;
INSERT INTO sources SELECT i, 'n', 'n' FROM generate_series(1, 2000) i;
INSERT INTO guarded SELECT i, 'postgres', 'n' FROM generate_series(1, 2000) i;
INSERT INTO tours SELECT i, i FROM generate_series(1, 4000) i;
INSERT INTO parcel_notes SELECT i, i, '2024-06-01' FROM generate_series(1, 2000) i;
INSERT INTO notes_spare SELECT i, 'n' FROM generate_series(1, 2000) i;
INSERT INTO archive.kept SELECT i, 'n' FROM generate_series(1, 2000) i;
INSERT INTO moved SELECT i, 'n' FROM generate_series(1, 2000) i;
INSERT INTO notes_clustered SELECT i, 'n' FROM generate_series(1, 2000) i;
INSERT INTO feeds SELECT i, i, '2024-06-01' FROM generate_series(1, 2000) i;
INSERT INTO loads SELECT i, i FROM generate_series(1, 4000) i;
INSERT INTO published SELECT i, 'n' FROM generate_series(1, 2000) i;
INSERT INTO places SELECT 's', 't' FROM generate_series(1, 2000) i;
INSERT INTO towns SELECT i, ROW ('s', 't')::address FROM generate_series(1, 2000) i;
INSERT INTO loose_addresses SELECT 's', 't' FROM generate_series(1, 2000) i;
INSERT INTO doomed.boxes SELECT i, i FROM generate_series(1, 2000) i;
INSERT INTO painted SELECT i, 'red' FROM generate_series(1, 2000) i;
INSERT INTO numbered SELECT i, i FROM generate_series(1, 2000) i;
INSERT INTO graded SELECT i, i FROM generate_series(1, 2000) i;
REFRESH MATERIALIZED VIEW source_copy;
REFRESH MATERIALIZED VIEW source_count;
REFRESH MATERIALIZED VIEW event_copy;
ANALYZE;
