-- base: notes
-- finds: materialized-view on note_counts
CREATE POLICY own ON notes TO authenticated USING (user_id = (SELECT auth.uid()));
CREATE MATERIALIZED VIEW note_counts AS SELECT user_id, count(*) AS notes FROM notes GROUP BY user_id;
