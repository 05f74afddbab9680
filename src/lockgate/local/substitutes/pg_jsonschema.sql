-- The validation keywords of JSON Schema that schemas in databases use; formats are taken on trust.

CREATE FUNCTION @extschema@.json_type_of(value jsonb) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN jsonb_typeof(value) = 'number' AND value::numeric = trunc(value::numeric) THEN 'integer'
            ELSE jsonb_typeof(value) END;

CREATE FUNCTION @extschema@.jsonschema_problems(root jsonb, schema jsonb, instance jsonb, place text)
RETURNS SETOF text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $body$
DECLARE
    kind text := @extschema@.json_type_of(instance);
    types jsonb;
    count integer;
    key text;
    part jsonb;
    n integer;
BEGIN
    IF schema = 'true'::jsonb OR schema IS NULL THEN
        RETURN;
    ELSIF schema = 'false'::jsonb THEN
        RETURN NEXT format('%s: False schema does not allow %s', place, instance);
        RETURN;
    END IF;
    IF schema ? '$ref' THEN
        part := CASE WHEN schema ->> '$ref' = '#' THEN root
                ELSE root #> string_to_array(ltrim(schema ->> '$ref', '#/'), '/') END;
        RETURN QUERY SELECT * FROM @extschema@.jsonschema_problems(root, part, instance, place);
    END IF;
    types := CASE jsonb_typeof(schema -> 'type') WHEN 'string' THEN jsonb_build_array(schema -> 'type')
             ELSE schema -> 'type' END;
    IF types IS NOT NULL AND NOT (types ? kind OR (kind = 'integer' AND types ? 'number')) THEN
        RETURN NEXT format('%s: %s is not of type %s', place, instance, types);
    END IF;
    IF schema ? 'enum' AND NOT schema -> 'enum' @> jsonb_build_array(instance) THEN
        RETURN NEXT format('%s: %s is not one of %s', place, instance, schema -> 'enum');
    END IF;
    IF schema ? 'const' AND schema -> 'const' <> instance THEN
        RETURN NEXT format('%s: %s was expected', place, schema -> 'const');
    END IF;
    IF kind IN ('number', 'integer') THEN
        IF instance::numeric < (schema ->> 'minimum')::numeric OR instance::numeric > (schema ->> 'maximum')::numeric
           OR instance::numeric <= (schema ->> 'exclusiveMinimum')::numeric
           OR instance::numeric >= (schema ->> 'exclusiveMaximum')::numeric
           OR mod(instance::numeric, (schema ->> 'multipleOf')::numeric) <> 0 THEN
            RETURN NEXT format('%s: %s is out of its range', place, instance);
        END IF;
    ELSIF kind = 'string' THEN
        IF length(instance #>> '{}') < (schema ->> 'minLength')::integer
           OR length(instance #>> '{}') > (schema ->> 'maxLength')::integer THEN
            RETURN NEXT format('%s: %s is too short or too long', place, instance);
        END IF;
        IF instance #>> '{}' !~ (schema ->> 'pattern') THEN
            RETURN NEXT format('%s: %s does not match "%s"', place, instance, schema ->> 'pattern');
        END IF;
    ELSIF kind = 'array' THEN
        count := jsonb_array_length(instance);
        IF count < (schema ->> 'minItems')::integer OR count > (schema ->> 'maxItems')::integer THEN
            RETURN NEXT format('%s: has too few or too many items', place);
        END IF;
        IF schema -> 'uniqueItems' = 'true'
           AND count <> (SELECT count(DISTINCT item) FROM jsonb_array_elements(instance) AS item) THEN
            RETURN NEXT format('%s: has non-unique elements', place);
        END IF;
        FOR n IN 0 .. count - 1 LOOP
            part := coalesce(schema -> 'prefixItems' -> n,
                CASE jsonb_typeof(schema -> 'items') WHEN 'array' THEN schema -> 'items' -> n ELSE schema -> 'items' END);
            RETURN QUERY SELECT * FROM @extschema@.jsonschema_problems(root, part, instance -> n, place || '/' || n);
        END LOOP;
    ELSIF kind = 'object' THEN
        FOR key IN SELECT jsonb_array_elements_text(schema -> 'required') LOOP
            IF NOT instance ? key THEN
                RETURN NEXT format('%s: "%s" is a required property', place, key);
            END IF;
        END LOOP;
        SELECT count(*) INTO count FROM jsonb_object_keys(instance);
        IF count < (schema ->> 'minProperties')::integer OR count > (schema ->> 'maxProperties')::integer THEN
            RETURN NEXT format('%s: has too few or too many properties', place);
        END IF;
        FOR key IN SELECT jsonb_object_keys(instance) LOOP
            IF schema -> 'properties' ? key THEN
                RETURN QUERY SELECT * FROM @extschema@.jsonschema_problems(
                    root, schema -> 'properties' -> key, instance -> key, place || '/' || key);
            ELSIF schema ? 'additionalProperties' AND NOT EXISTS (
                SELECT FROM jsonb_object_keys(schema -> 'patternProperties') AS pattern WHERE key ~ pattern) THEN
                RETURN QUERY SELECT * FROM @extschema@.jsonschema_problems(
                    root, schema -> 'additionalProperties', instance -> key, place || '/' || key);
            END IF;
        END LOOP;
    END IF;
    FOR part IN SELECT jsonb_array_elements(schema -> 'allOf') LOOP
        RETURN QUERY SELECT * FROM @extschema@.jsonschema_problems(root, part, instance, place);
    END LOOP;
    IF schema ?| ARRAY['anyOf', 'oneOf'] THEN
        SELECT count(*) INTO count
        FROM jsonb_array_elements(coalesce(schema -> 'anyOf', schema -> 'oneOf')) AS branch
        WHERE NOT EXISTS (SELECT FROM @extschema@.jsonschema_problems(root, branch, instance, place));
        IF count = 0 OR (schema ? 'oneOf' AND count > 1) THEN
            RETURN NEXT format('%s: %s is valid under %s of the given schemas', place, instance, count);
        END IF;
    END IF;
    IF schema ? 'not' AND NOT EXISTS (
        SELECT FROM @extschema@.jsonschema_problems(root, schema -> 'not', instance, place)) THEN
        RETURN NEXT format('%s: %s is not allowed', place, instance);
    END IF;
END
$body$;

CREATE FUNCTION @extschema@.jsonschema_validation_errors(schema json, instance json)
RETURNS text[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $body$
    SELECT ARRAY(SELECT @extschema@.jsonschema_problems(schema::jsonb, schema::jsonb, instance::jsonb, ''))
$body$;
CREATE FUNCTION @extschema@.json_matches_schema(schema json, instance json)
RETURNS boolean LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN @extschema@.jsonschema_validation_errors(schema, instance) = '{}';
CREATE FUNCTION @extschema@.jsonb_matches_schema(schema json, instance jsonb)
RETURNS boolean LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN @extschema@.json_matches_schema(schema, instance::json);
CREATE FUNCTION @extschema@.jsonschema_is_valid(schema json)
RETURNS boolean LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN json_typeof(schema) IN ('object', 'boolean');
