-- ============================================================================
-- Migration: Create canvases and the items on them
-- ============================================================================
-- Date: 2025-11-20
-- Author: ValueCanvas team
-- Type: Schema+RLS+Function
-- Risk: Medium
-- Rollback: See rollbacks/20251120_100000_rollback.sql
--
-- Changes:
-- - Type public.item_kind
-- - Tables public.canvases and public.items; an item cannot claim another organisation's canvas
-- - canvases.item_count follows items, also when an item moves to another canvas
-- - Both tables write to the activity log
-- - Row-level security: viewers read, editors write, administrators delete canvases
-- - public.items is published to Realtime
--
-- Dependencies:
-- - 20251119_084500_create_activity_log
-- - Application 1.2
--
-- Testing:
-- - item_count after inserting, moving and deleting items, one and many at a time
-- - Deleting an organisation deletes its canvases and items and keeps the log
-- - A viewer cannot insert; an editor of one organisation cannot touch another's canvas
-- ============================================================================

CREATE TYPE public.item_kind AS ENUM ('note', 'card', 'image', 'link', 'frame');

CREATE TABLE public.canvases (
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  organisation_id uuid NOT NULL,
  title text NOT NULL,
  description text,
  settings jsonb NOT NULL DEFAULT '{}',
  created_by uuid DEFAULT auth.uid(),
  item_count bigint NOT NULL DEFAULT 0,
  archived_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT canvases_pkey PRIMARY KEY (id),
  CONSTRAINT canvases_id_organisation_id_key UNIQUE (id, organisation_id),
  CONSTRAINT canvases_organisation_id_fkey FOREIGN KEY (organisation_id)
    REFERENCES public.organisations (id) ON DELETE CASCADE,
  CONSTRAINT canvases_created_by_fkey FOREIGN KEY (created_by) REFERENCES public.users (id) ON DELETE SET NULL,
  CONSTRAINT canvases_title_check CHECK (char_length(title) BETWEEN 1 AND 200)
);
COMMENT ON TABLE public.canvases IS 'A board on which an organisation collects items';
COMMENT ON COLUMN public.canvases.item_count IS 'Kept by the triggers of public.items';
CREATE INDEX canvases_organisation_id_idx ON public.canvases (organisation_id, updated_at DESC);
CREATE INDEX canvases_created_by_idx ON public.canvases (created_by);

CREATE TABLE public.items (
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  organisation_id uuid NOT NULL,
  canvas_id uuid NOT NULL,
  kind public.item_kind NOT NULL DEFAULT 'note',
  title text NOT NULL DEFAULT '',
  body text,
  x bigint NOT NULL DEFAULT 0,
  y bigint NOT NULL DEFAULT 0,
  value_cents bigint,
  created_by uuid DEFAULT auth.uid(),
  comment_count bigint NOT NULL DEFAULT 0,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT items_pkey PRIMARY KEY (id),
  CONSTRAINT items_id_organisation_id_key UNIQUE (id, organisation_id),
  CONSTRAINT items_canvas_id_fkey FOREIGN KEY (canvas_id, organisation_id)
    REFERENCES public.canvases (id, organisation_id) ON DELETE CASCADE,
  CONSTRAINT items_created_by_fkey FOREIGN KEY (created_by) REFERENCES public.users (id) ON DELETE SET NULL,
  CONSTRAINT items_title_check CHECK (char_length(title) <= 200),
  CONSTRAINT items_value_check CHECK (value_cents >= 0)
);
COMMENT ON TABLE public.items IS 'A note, card, picture, link or frame on a canvas';
COMMENT ON COLUMN public.items.organisation_id IS 'Repeated from the canvas, so that policies need no join';
COMMENT ON COLUMN public.items.comment_count IS 'Kept by the triggers of public.comments';
CREATE INDEX items_canvas_id_idx ON public.items (canvas_id, organisation_id);
CREATE INDEX items_created_by_idx ON public.items (created_by);

CREATE FUNCTION private.count_items() RETURNS trigger
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path = ''
AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    UPDATE public.canvases AS c
    SET item_count = c.item_count + n.items
    FROM (SELECT canvas_id, count(*) AS items FROM new_rows GROUP BY canvas_id) AS n
    WHERE c.id = n.canvas_id;
  ELSE
    UPDATE public.canvases AS c
    SET item_count = c.item_count - n.items
    FROM (SELECT canvas_id, count(*) AS items FROM old_rows GROUP BY canvas_id) AS n
    WHERE c.id = n.canvas_id;
  END IF;
  RETURN NULL;
END;
$$;
REVOKE EXECUTE ON FUNCTION private.count_items() FROM PUBLIC;

CREATE FUNCTION private.move_item() RETURNS trigger
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path = ''
AS $$
BEGIN
  UPDATE public.canvases AS c
  SET item_count = c.item_count + CASE WHEN c.id = NEW.canvas_id THEN 1 ELSE -1 END
  WHERE c.id IN (OLD.canvas_id, NEW.canvas_id);
  RETURN NULL;
END;
$$;
REVOKE EXECUTE ON FUNCTION private.move_item() FROM PUBLIC;

CREATE TRIGGER canvases_set_updated_at
  BEFORE UPDATE OF title, description, settings, archived_at ON public.canvases
  FOR EACH ROW EXECUTE FUNCTION private.set_updated_at();
CREATE TRIGGER canvases_record_activity
  AFTER INSERT OR DELETE OR UPDATE OF title, description, archived_at ON public.canvases
  FOR EACH ROW EXECUTE FUNCTION private.record_activity();
CREATE TRIGGER items_set_updated_at
  BEFORE UPDATE OF canvas_id, kind, title, body, x, y, value_cents ON public.items
  FOR EACH ROW EXECUTE FUNCTION private.set_updated_at();
CREATE TRIGGER items_record_activity
  AFTER INSERT OR DELETE OR UPDATE OF canvas_id, title, body, value_cents ON public.items
  FOR EACH ROW EXECUTE FUNCTION private.record_activity();
CREATE TRIGGER items_count_inserts
  AFTER INSERT ON public.items
  REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION private.count_items();
CREATE TRIGGER items_count_deletes
  AFTER DELETE ON public.items
  REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT EXECUTE FUNCTION private.count_items();
CREATE TRIGGER items_count_moves
  AFTER UPDATE OF canvas_id ON public.items
  FOR EACH ROW WHEN (OLD.canvas_id <> NEW.canvas_id) EXECUTE FUNCTION private.move_item();

ALTER TABLE public.canvases ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.items ENABLE ROW LEVEL SECURITY;
REVOKE ALL ON TABLE public.canvases, public.items FROM anon, authenticated;
GRANT SELECT, INSERT (id, organisation_id, title, description, settings),
    UPDATE (title, description, settings, archived_at), DELETE
  ON TABLE public.canvases TO authenticated;
GRANT SELECT, INSERT (id, organisation_id, canvas_id, kind, title, body, x, y, value_cents),
    UPDATE (canvas_id, kind, title, body, x, y, value_cents), DELETE
  ON TABLE public.items TO authenticated;

CREATE POLICY canvases_select ON public.canvases
  FOR SELECT TO authenticated
  USING (organisation_id IN (SELECT private.organisation_ids('viewer')));
CREATE POLICY canvases_insert ON public.canvases
  FOR INSERT TO authenticated
  WITH CHECK (organisation_id IN (SELECT private.organisation_ids('editor')));
CREATE POLICY canvases_update ON public.canvases
  FOR UPDATE TO authenticated
  USING (organisation_id IN (SELECT private.organisation_ids('editor')))
  WITH CHECK (organisation_id IN (SELECT private.organisation_ids('editor')));
CREATE POLICY canvases_delete ON public.canvases
  FOR DELETE TO authenticated
  USING (organisation_id IN (SELECT private.organisation_ids('admin')));

CREATE POLICY items_select ON public.items
  FOR SELECT TO authenticated
  USING (organisation_id IN (SELECT private.organisation_ids('viewer')));
CREATE POLICY items_insert ON public.items
  FOR INSERT TO authenticated
  WITH CHECK (organisation_id IN (SELECT private.organisation_ids('editor')));
CREATE POLICY items_update ON public.items
  FOR UPDATE TO authenticated
  USING (organisation_id IN (SELECT private.organisation_ids('editor')))
  WITH CHECK (organisation_id IN (SELECT private.organisation_ids('editor')));
CREATE POLICY items_delete ON public.items
  FOR DELETE TO authenticated
  USING (organisation_id IN (SELECT private.organisation_ids('editor')));

ALTER PUBLICATION supabase_realtime ADD TABLE public.items;
