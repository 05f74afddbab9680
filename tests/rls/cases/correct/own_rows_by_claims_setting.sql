-- base: notes
CREATE POLICY own ON notes TO authenticated
USING (user_id = (NULLIF(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub')::uuid);
