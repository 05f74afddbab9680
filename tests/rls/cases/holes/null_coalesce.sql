-- base: notes
-- finds: null-comparison on notes
CREATE POLICY own ON notes USING (COALESCE(auth.uid(), user_id) = user_id);
