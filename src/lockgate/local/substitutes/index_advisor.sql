-- Without hypothetical indexes there is no advice; the answer says so in its own column.

CREATE FUNCTION @extschema@.index_advisor(query text)
RETURNS TABLE (
    startup_cost_before jsonb, startup_cost_after jsonb, total_cost_before jsonb, total_cost_after jsonb,
    index_statements text[], errors text[]
)
LANGUAGE sql AS $body$
    SELECT NULL::jsonb, NULL::jsonb, NULL::jsonb, NULL::jsonb, '{}'::text[],
           ARRAY['index_advisor is not part of the local database']
$body$;
