-- Short texts for numbers, after the published algorithm of hashids.org: the results are those of the real extension.

CREATE FUNCTION @extschema@._hashids_shuffled(letters text, salt text) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $body$
DECLARE
    items text[] := string_to_array(letters, NULL);
    turn integer := 0;
    code integer;
    total integer := 0;
    other integer;
    kept text;
BEGIN
    IF salt <> '' THEN
        FOR place IN REVERSE cardinality(items) - 1 .. 1 LOOP
            code := ascii(substr(salt, turn + 1, 1));
            total := total + code;
            other := (code + turn + total) % place;
            kept := items[place + 1];
            items[place + 1] := items[other + 1];
            items[other + 1] := kept;
            turn := (turn + 1) % length(salt);
        END LOOP;
    END IF;
    RETURN array_to_string(items, '');
END
$body$;

-- The letters of digits, of separators and of guards, in the order that the salt gives them.
CREATE FUNCTION @extschema@._hashids_letters(
    salt text, alphabet text, OUT digits text, OUT separators text, OUT guards text
) LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $body$
DECLARE
    distinct_letters text[] := ARRAY(
        SELECT letter FROM string_to_table(alphabet, NULL) WITH ORDINALITY AS given (letter, n)
        GROUP BY letter ORDER BY min(n));
    wanted integer;
BEGIN
    IF cardinality(distinct_letters) < 16 OR '{" "}' && distinct_letters THEN
        RAISE EXCEPTION 'the alphabet needs 16 different letters and no space' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    SELECT string_agg(letter, '' ORDER BY n) INTO separators
    FROM string_to_table('cfhistuCFHISTU', NULL) WITH ORDINALITY AS known (letter, n)
    WHERE letter = ANY (distinct_letters);
    digits := translate(array_to_string(distinct_letters, ''), 'cfhistuCFHISTU', '');
    separators := @extschema@._hashids_shuffled(coalesce(separators, ''), salt);
    IF separators = '' OR length(digits) / length(separators)::numeric > 3.5 THEN
        wanted := greatest(ceil(length(digits) / 3.5)::integer, 2);
        IF wanted > length(separators) THEN
            wanted := wanted - length(separators);
            separators := separators || left(digits, wanted);
            digits := substr(digits, wanted + 1);
        ELSE
            separators := left(separators, wanted);
        END IF;
    END IF;
    digits := @extschema@._hashids_shuffled(digits, salt);
    wanted := ceil(length(digits) / 12.0);
    IF length(digits) < 3 THEN
        guards := left(separators, wanted);
        separators := substr(separators, wanted + 1);
    ELSE
        guards := left(digits, wanted);
        digits := substr(digits, wanted + 1);
    END IF;
END
$body$;

CREATE FUNCTION @extschema@._hashids_padded(made text, seed bigint, digits text, guards text, min_length integer)
RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $body$
DECLARE
    half integer := length(digits) / 2;
BEGIN
    IF length(made) < min_length THEN
        made := substr(guards, ((seed + ascii(made)) % length(guards))::integer + 1, 1) || made;
        IF length(made) < min_length THEN
            made := made || substr(guards, ((seed + ascii(substr(made, 3))) % length(guards))::integer + 1, 1);
        END IF;
    END IF;
    WHILE length(made) < min_length LOOP
        digits := @extschema@._hashids_shuffled(digits, digits);
        made := substr(digits, half + 1) || made || left(digits, half);
        IF length(made) > min_length THEN
            made := substr(made, (length(made) - min_length) / 2 + 1, min_length);
        END IF;
    END LOOP;
    RETURN made;
END
$body$;

CREATE FUNCTION @extschema@.id_encode(
    ids bigint[], salt text DEFAULT '', min_length integer DEFAULT 0,
    alphabet text DEFAULT 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ1234567890'
) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $body$
DECLARE
    letters record := @extschema@._hashids_letters(salt, alphabet);
    digits text := letters.digits;
    seed bigint := (SELECT sum(id % (n + 99)) FROM unnest(ids) WITH ORDINALITY AS given (id, n));
    lottery text := substr(digits, (seed % length(digits))::integer + 1, 1);
    made text := lottery;
    rest bigint;
    piece text;
BEGIN
    FOR n IN 1 .. cardinality(ids) LOOP
        digits := @extschema@._hashids_shuffled(digits, left(lottery || salt || digits, length(digits)));
        rest := ids[n];
        piece := '';
        LOOP
            piece := substr(digits, (rest % length(digits))::integer + 1, 1) || piece;
            rest := rest / length(digits);
            EXIT WHEN rest = 0;
        END LOOP;
        made := made || piece;
        IF n < cardinality(ids) THEN
            rest := ids[n] % (ascii(piece) + n - 1) % length(letters.separators);
            made := made || substr(letters.separators, rest::integer + 1, 1);
        END IF;
    END LOOP;
    RETURN @extschema@._hashids_padded(made, seed, digits, letters.guards, min_length);
END
$body$;

CREATE FUNCTION @extschema@.id_encode(
    id bigint, salt text DEFAULT '', min_length integer DEFAULT 0,
    alphabet text DEFAULT 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ1234567890'
) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN @extschema@.id_encode(ARRAY[id], salt, min_length, alphabet);

-- What does not lead back to the same text was not made with this salt, and means nothing.
CREATE FUNCTION @extschema@.id_decode(
    hash text, salt text DEFAULT '', min_length integer DEFAULT 0,
    alphabet text DEFAULT 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ1234567890'
) RETURNS bigint[] LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $body$
DECLARE
    letters record := @extschema@._hashids_letters(salt, alphabet);
    digits text := letters.digits;
    parts text[] := string_to_array(translate(hash, letters.guards, repeat(' ', length(letters.guards))), ' ');
    middle text := coalesce(parts[CASE WHEN cardinality(parts) IN (2, 3) THEN 2 ELSE 1 END], '');
    piece text;
    id bigint;
    ids bigint[] := '{}';
BEGIN
    FOREACH piece IN ARRAY string_to_array(
        translate(substr(middle, 2), letters.separators, repeat(' ', length(letters.separators))), ' ')
    LOOP
        digits := @extschema@._hashids_shuffled(digits, left(left(middle, 1) || salt || digits, length(digits)));
        SELECT coalesce(sum((strpos(digits, letter) - 1) * length(digits)::numeric ^ (length(piece) - n)), 0) INTO id
        FROM string_to_table(piece, NULL) WITH ORDINALITY AS given (letter, n);
        ids := ids || id;
    END LOOP;
    RETURN CASE WHEN @extschema@.id_encode(ids, salt, min_length, alphabet) = hash THEN ids ELSE '{}' END;
EXCEPTION WHEN numeric_value_out_of_range THEN
    RETURN '{}';
END
$body$;

CREATE FUNCTION @extschema@.id_decode_once(
    hash text, salt text DEFAULT '', min_length integer DEFAULT 0,
    alphabet text DEFAULT 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ1234567890'
) RETURNS bigint LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN (@extschema@.id_decode(hash, salt, min_length, alphabet))[1];
