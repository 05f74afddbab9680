-- Looks harmless, and nobody can add or change an item until the index is built.
CREATE INDEX items_created_at_idx ON public.items (created_at);
