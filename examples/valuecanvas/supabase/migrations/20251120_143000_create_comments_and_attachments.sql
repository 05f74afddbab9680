-- ============================================================================
-- Migration: Create comments and attachments
-- ============================================================================
-- Date: 2025-11-20
-- Author: ValueCanvas team
-- Type: Schema+RLS+Function
-- Risk: Medium
-- Rollback: See rollbacks/20251120_143000_rollback.sql
--
-- Changes:
-- - Tables public.comments (with replies) and public.attachments (the files are in storage)
-- - items.comment_count follows comments
-- - Both tables write to the activity log
-- - Row-level security: members read; authors edit and delete what is theirs
-- - public.comments is published to Realtime
--
-- Dependencies:
-- - 20251120_100000_create_canvases_and_items
-- - Application 1.3
--
-- Testing:
-- - comment_count after inserts and deletes of one and many; deleting a comment deletes its replies
-- - A viewer may comment; nobody edits or signs another's comment
-- ============================================================================

CREATE TABLE public.comments (
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  organisation_id uuid NOT NULL,
  item_id uuid NOT NULL,
  parent_id uuid,
  author_id uuid DEFAULT auth.uid(),
  body text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT comments_pkey PRIMARY KEY (id),
  CONSTRAINT comments_item_id_fkey FOREIGN KEY (item_id, organisation_id)
    REFERENCES public.items (id, organisation_id) ON DELETE CASCADE,
  CONSTRAINT comments_parent_id_fkey FOREIGN KEY (parent_id) REFERENCES public.comments (id) ON DELETE CASCADE,
  CONSTRAINT comments_author_id_fkey FOREIGN KEY (author_id) REFERENCES public.users (id) ON DELETE SET NULL,
  CONSTRAINT comments_body_check CHECK (char_length(body) BETWEEN 1 AND 20000)
);
COMMENT ON TABLE public.comments IS 'What people say about an item';
CREATE INDEX comments_item_id_idx ON public.comments (item_id, organisation_id);
CREATE INDEX comments_parent_id_idx ON public.comments (parent_id);
CREATE INDEX comments_author_id_idx ON public.comments (author_id);

CREATE TABLE public.attachments (
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  organisation_id uuid NOT NULL,
  item_id uuid NOT NULL,
  uploaded_by uuid DEFAULT auth.uid(),
  object_path text NOT NULL,
  content_type text NOT NULL,
  size_bytes bigint NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT attachments_pkey PRIMARY KEY (id),
  CONSTRAINT attachments_object_path_key UNIQUE (object_path),
  CONSTRAINT attachments_item_id_fkey FOREIGN KEY (item_id, organisation_id)
    REFERENCES public.items (id, organisation_id) ON DELETE CASCADE,
  CONSTRAINT attachments_uploaded_by_fkey FOREIGN KEY (uploaded_by) REFERENCES public.users (id) ON DELETE SET NULL,
  CONSTRAINT attachments_object_path_check CHECK (starts_with(object_path, organisation_id::text || '/')),
  CONSTRAINT attachments_size_check CHECK (size_bytes >= 0)
);
COMMENT ON TABLE public.attachments IS 'A file of an item; object_path is its name in the bucket attachments';
CREATE INDEX attachments_item_id_idx ON public.attachments (item_id, organisation_id);
CREATE INDEX attachments_uploaded_by_idx ON public.attachments (uploaded_by);

CREATE FUNCTION private.count_comments() RETURNS trigger
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path = ''
AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    UPDATE public.items AS i
    SET comment_count = i.comment_count + n.comments
    FROM (SELECT item_id, count(*) AS comments FROM new_rows GROUP BY item_id) AS n
    WHERE i.id = n.item_id;
  ELSE
    UPDATE public.items AS i
    SET comment_count = i.comment_count - n.comments
    FROM (SELECT item_id, count(*) AS comments FROM old_rows GROUP BY item_id) AS n
    WHERE i.id = n.item_id;
  END IF;
  RETURN NULL;
END;
$$;
REVOKE EXECUTE ON FUNCTION private.count_comments() FROM PUBLIC;

CREATE TRIGGER comments_set_updated_at
  BEFORE UPDATE OF body ON public.comments
  FOR EACH ROW EXECUTE FUNCTION private.set_updated_at();
CREATE TRIGGER comments_record_activity
  AFTER INSERT OR DELETE OR UPDATE OF body ON public.comments
  FOR EACH ROW EXECUTE FUNCTION private.record_activity();
CREATE TRIGGER comments_count_inserts
  AFTER INSERT ON public.comments
  REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION private.count_comments();
CREATE TRIGGER comments_count_deletes
  AFTER DELETE ON public.comments
  REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT EXECUTE FUNCTION private.count_comments();
CREATE TRIGGER attachments_record_activity
  AFTER INSERT OR DELETE ON public.attachments
  FOR EACH ROW EXECUTE FUNCTION private.record_activity();

ALTER TABLE public.comments ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.attachments ENABLE ROW LEVEL SECURITY;
REVOKE ALL ON TABLE public.comments, public.attachments FROM anon, authenticated;
GRANT SELECT, INSERT (id, organisation_id, item_id, parent_id, body), UPDATE (body), DELETE
  ON TABLE public.comments TO authenticated;
GRANT SELECT, INSERT (id, organisation_id, item_id, object_path, content_type, size_bytes), DELETE
  ON TABLE public.attachments TO authenticated;

CREATE POLICY comments_select ON public.comments
  FOR SELECT TO authenticated
  USING (organisation_id IN (SELECT private.organisation_ids('viewer')));
CREATE POLICY comments_insert ON public.comments
  FOR INSERT TO authenticated
  WITH CHECK (
    author_id = (SELECT auth.uid())
    AND organisation_id IN (SELECT private.organisation_ids('viewer'))
  );
CREATE POLICY comments_update ON public.comments
  FOR UPDATE TO authenticated
  USING (
    author_id = (SELECT auth.uid())
    AND organisation_id IN (SELECT private.organisation_ids('viewer'))
  )
  WITH CHECK (
    author_id = (SELECT auth.uid())
    AND organisation_id IN (SELECT private.organisation_ids('viewer'))
  );
CREATE POLICY comments_delete ON public.comments
  FOR DELETE TO authenticated
  USING (
    (author_id = (SELECT auth.uid()) AND organisation_id IN (SELECT private.organisation_ids('viewer')))
    OR organisation_id IN (SELECT private.organisation_ids('admin'))
  );

CREATE POLICY attachments_select ON public.attachments
  FOR SELECT TO authenticated
  USING (organisation_id IN (SELECT private.organisation_ids('viewer')));
CREATE POLICY attachments_insert ON public.attachments
  FOR INSERT TO authenticated
  WITH CHECK (
    uploaded_by = (SELECT auth.uid())
    AND organisation_id IN (SELECT private.organisation_ids('editor'))
  );
CREATE POLICY attachments_delete ON public.attachments
  FOR DELETE TO authenticated
  USING (organisation_id IN (SELECT private.organisation_ids('editor')));

ALTER PUBLICATION supabase_realtime ADD TABLE public.comments;
