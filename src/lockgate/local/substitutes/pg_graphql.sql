-- The entry point answers that there is no GraphQL here; directives in comments are plain comments.

CREATE FUNCTION @extschema@.resolve(
    query text, variables jsonb DEFAULT '{}', "operationName" text DEFAULT NULL, extensions jsonb DEFAULT NULL
)
RETURNS jsonb LANGUAGE sql STABLE
RETURN '{"data": null, "errors": [{"message": "GraphQL is not part of the local database."}]}'::jsonb;

CREATE FUNCTION @extschema@._internal_resolve(
    query text, variables jsonb DEFAULT '{}', "operationName" text DEFAULT NULL, extensions jsonb DEFAULT NULL
)
RETURNS jsonb LANGUAGE sql STABLE
RETURN @extschema@.resolve(query, variables, "operationName", extensions);

CREATE SEQUENCE @extschema@.seq_schema_version CYCLE;

CREATE FUNCTION @extschema@.get_schema_version() RETURNS integer LANGUAGE sql STABLE SECURITY DEFINER AS $body$
    SELECT last_value::integer FROM @extschema@.seq_schema_version
$body$;

CREATE FUNCTION @extschema@.comment_directive(comment_ text) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $body$
    SELECT coalesce((regexp_match(comment_, '@graphql\((.+)\)'))[1]::jsonb, '{}'::jsonb)
$body$;

-- The platform's own entry point becomes a part of the extension, and goes with it.
DO $entry$
BEGIN
    IF to_regnamespace('graphql_public') IS NOT NULL THEN
        DROP FUNCTION IF EXISTS graphql_public.graphql(text, text, jsonb, jsonb);
        CREATE FUNCTION graphql_public.graphql(
            "operationName" text DEFAULT NULL, query text DEFAULT NULL, variables jsonb DEFAULT NULL,
            extensions jsonb DEFAULT NULL
        )
        RETURNS jsonb LANGUAGE sql AS $body$
            SELECT graphql.resolve(query, coalesce(variables, '{}'), "operationName", extensions)
        $body$;
    END IF;
END
$entry$;
