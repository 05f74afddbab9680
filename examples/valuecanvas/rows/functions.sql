-- Every value of every row is a pure function of its number and of the seed, so that the same call makes the same rows
-- on any server, tables can be filled in any order, and references need no look-up. The functions live in pg_temp: they
-- go with the session, and the planner inlines them where their arguments are plain columns: so each step that is
-- needed twice is a LATERAL sub-select, and OFFSET 0 keeps the planner from taking it apart again.

CREATE FUNCTION pg_temp.share(n bigint, salt bigint) RETURNS double precision
  LANGUAGE sql IMMUTABLE
RETURN (hashint8extended(n, salt * 1000003 + %(seed)s) & 9007199254740991)::double precision / 9007199254740992;
-- ^ evenly spread from 0 (included) to 1 (excluded)

CREATE FUNCTION pg_temp.pick(choices text[], n bigint, salt bigint) RETURNS text
  LANGUAGE sql IMMUTABLE
RETURN choices[1 + floor(array_length(choices, 1) * pg_temp.share(n, salt))::integer];

CREATE FUNCTION pg_temp.key(kind text, n bigint) RETURNS uuid
  LANGUAGE sql IMMUTABLE
RETURN encode(
  int8send(hashint8extended(n, hashtext(kind)::bigint * 31 + %(seed)s)) || int8send(hashint8extended(n, hashtext(kind)::bigint * 37 - %(seed)s)),
  'hex'
)::uuid;

-- People join small and large organisations: the largest has about one member in thirty, half of all have a handful.
CREATE FUNCTION pg_temp.organisation_of(person bigint) RETURNS bigint
  LANGUAGE sql IMMUTABLE
RETURN floor(%(organisations)s * pg_temp.share(person, 1) ^ 2.5)::bigint;

CREATE FUNCTION pg_temp.is_member(person bigint) RETURNS boolean
  LANGUAGE sql IMMUTABLE
RETURN pg_temp.share(person, 2) < 0.9;

-- The founder of organisation n is person n.
CREATE FUNCTION pg_temp.creator_of(canvas bigint) RETURNS bigint
  LANGUAGE sql IMMUTABLE
RETURN floor(%(users)s * pg_temp.share(canvas, 3))::bigint;

-- Few canvases are crowded. Items that were made together lie together, with a little disorder.
CREATE FUNCTION pg_temp.canvas_of(item bigint) RETURNS bigint
  LANGUAGE sql IMMUTABLE
RETURN floor(%(canvases)s * ((item + 40 * pg_temp.share(item, 4)) / (%(items)s + 40)) ^ 2)::bigint;

-- Who works on a canvas: whoever made it, if still a member, and in one case of three the founder.
CREATE FUNCTION pg_temp.worker(creator bigint, organisation bigint, n bigint) RETURNS bigint
  LANGUAGE sql IMMUTABLE
RETURN CASE WHEN n %% 3 <> 0 AND pg_temp.is_member(creator) THEN creator ELSE organisation END;

-- Comments come in tens: seven, and three replies to some of them on the same item.
CREATE FUNCTION pg_temp.thread_of(comment bigint) RETURNS bigint
  LANGUAGE sql IMMUTABLE
RETURN CASE WHEN comment %% 10 < 7 THEN comment ELSE comment - comment %% 10 + comment %% 3 END;

CREATE FUNCTION pg_temp.item_of(thread bigint) RETURNS bigint
  LANGUAGE sql IMMUTABLE
RETURN floor(
  %(items)s
  * ((thread + 500 * pg_temp.share(thread, 5)) / (%(comments)s + 500)) ^ 1.5
)::bigint;

CREATE FUNCTION pg_temp.moment(n bigint, salt bigint, first timestamptz, last timestamptz) RETURNS timestamptz
  LANGUAGE sql STABLE
RETURN date_trunc('second', first + (last - first) * pg_temp.share(n, salt));
