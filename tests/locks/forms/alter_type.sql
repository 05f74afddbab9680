-- [type-varchar-wider]
ALTER TABLE samples ALTER COLUMN short TYPE varchar(20);
-- [type-varchar-narrower]
ALTER TABLE samples ALTER COLUMN short TYPE varchar(5);
-- [type-varchar-unbounded]
ALTER TABLE samples ALTER COLUMN short TYPE varchar;
-- [type-varchar-to-text]
ALTER TABLE samples ALTER COLUMN short TYPE text;
-- [type-varchar-bounded-from-free]
ALTER TABLE samples ALTER COLUMN free TYPE varchar(20);
-- [type-text-to-varchar]
ALTER TABLE samples ALTER COLUMN body TYPE varchar;
-- [type-text-to-varchar-bounded]
ALTER TABLE samples ALTER COLUMN body TYPE varchar(50);
-- [type-text-to-char]
ALTER TABLE samples ALTER COLUMN body TYPE char(5);
-- [type-char-wider]
ALTER TABLE samples ALTER COLUMN fixed TYPE char(10);
-- [type-char-to-text]
ALTER TABLE samples ALTER COLUMN fixed TYPE text;
-- [type-char-to-varchar]
ALTER TABLE samples ALTER COLUMN fixed TYPE varchar(10);
-- [type-name-to-text]
ALTER TABLE samples ALTER COLUMN named TYPE text;
-- [type-text-to-name]
ALTER TABLE samples ALTER COLUMN body TYPE name;
-- [type-small-to-int]
ALTER TABLE samples ALTER COLUMN small TYPE int;
-- [type-int-to-bigint]
ALTER TABLE samples ALTER COLUMN whole TYPE bigint;
-- [type-bigint-to-int]
ALTER TABLE samples ALTER COLUMN big TYPE int;
-- [type-int-to-int4] the same type under another name
ALTER TABLE samples ALTER COLUMN whole TYPE int4;
-- [type-int-to-numeric]
ALTER TABLE samples ALTER COLUMN whole TYPE numeric;
-- [type-int-to-text]
ALTER TABLE samples ALTER COLUMN whole TYPE text;
-- [type-int-to-oid] binary compatible
ALTER TABLE samples ALTER COLUMN whole TYPE oid;
-- [type-oid-to-int]
ALTER TABLE samples ALTER COLUMN oidcol TYPE int;
-- [type-regclass-to-oid]
ALTER TABLE samples ALTER COLUMN cls TYPE oid;
-- [type-numeric-more-precision]
ALTER TABLE samples ALTER COLUMN exact TYPE numeric(12, 2);
-- [type-numeric-more-scale]
ALTER TABLE samples ALTER COLUMN exact TYPE numeric(12, 3);
-- [type-numeric-less-precision]
ALTER TABLE samples ALTER COLUMN exact TYPE numeric(8, 2);
-- [type-numeric-unbounded]
ALTER TABLE samples ALTER COLUMN exact TYPE numeric;
-- [type-numeric-bounded]
ALTER TABLE samples ALTER COLUMN anyexact TYPE numeric(10, 2);
-- [type-numeric-same]
ALTER TABLE samples ALTER COLUMN exact TYPE decimal(10, 2);
-- [type-real-to-double]
ALTER TABLE samples ALTER COLUMN single TYPE double precision;
-- [type-double-to-numeric]
ALTER TABLE samples ALTER COLUMN twice TYPE numeric;
-- [type-money-to-numeric]
ALTER TABLE samples ALTER COLUMN cost TYPE numeric;
-- [type-timestamp-to-timestamptz-other-zone] the stored values move with the time zone
-- set: timezone = 'Europe/Berlin'
ALTER TABLE samples ALTER COLUMN at TYPE timestamptz;
-- [type-timestamp-to-timestamptz-utc]
-- set: timezone = 'UTC'
ALTER TABLE samples ALTER COLUMN at TYPE timestamptz;
-- [type-timestamptz-to-timestamp-utc]
-- set: timezone = 'UTC'
ALTER TABLE samples ALTER COLUMN atz TYPE timestamp;
-- [type-timestamptz-to-timestamp-other-zone]
-- set: timezone = 'America/New_York'
ALTER TABLE samples ALTER COLUMN atz TYPE timestamp;
-- [type-timestamp-to-timestamptz-using] a USING clause is not seen through
-- set: timezone = 'UTC'
ALTER TABLE samples ALTER COLUMN at TYPE timestamptz USING at AT TIME ZONE 'UTC';
-- [type-timestamptz-to-timestamp-using]
-- set: timezone = 'UTC'
ALTER TABLE samples ALTER COLUMN atz TYPE timestamp USING atz AT TIME ZONE 'UTC';
-- [type-timestamp-to-timestamptz-precision]
-- set: timezone = 'UTC'
ALTER TABLE samples ALTER COLUMN at TYPE timestamptz(3);
-- [type-timestamp-less-precision]
ALTER TABLE samples ALTER COLUMN at TYPE timestamp(3);
-- [type-timestamp-more-precision]
ALTER TABLE samples ALTER COLUMN at3 TYPE timestamp(6);
-- [type-timestamp-any-precision]
ALTER TABLE samples ALTER COLUMN at3 TYPE timestamp;
-- [type-timestamp3-to-timestamptz3]
-- set: timezone = 'UTC'
ALTER TABLE samples ALTER COLUMN at3 TYPE timestamptz(3);
-- [type-timestamptz-more-precision]
ALTER TABLE samples ALTER COLUMN atz3 TYPE timestamptz;
-- [type-timestamp-to-date]
ALTER TABLE samples ALTER COLUMN at TYPE date;
-- [type-date-to-timestamp]
ALTER TABLE samples ALTER COLUMN day TYPE timestamp;
-- [type-time-more-precision]
ALTER TABLE samples ALTER COLUMN clock3 TYPE time(6);
-- [type-time-less-precision]
ALTER TABLE samples ALTER COLUMN clock TYPE time(3);
-- [type-interval-more-precision]
ALTER TABLE samples ALTER COLUMN span3 TYPE interval(6);
-- [type-interval-unrestricted]
ALTER TABLE samples ALTER COLUMN span3 TYPE interval;
-- [type-interval-less-precision]
ALTER TABLE samples ALTER COLUMN span TYPE interval(3);
-- [type-interval-fields-wider]
ALTER TABLE samples ALTER COLUMN spanday TYPE interval;
-- [type-interval-fields-narrower]
ALTER TABLE samples ALTER COLUMN span TYPE interval day to second;
-- [type-json-to-jsonb]
ALTER TABLE samples ALTER COLUMN doc TYPE jsonb;
-- [type-json-to-text]
ALTER TABLE samples ALTER COLUMN doc TYPE text;
-- [type-xml-to-text]
ALTER TABLE samples ALTER COLUMN mark TYPE text;
-- [type-varbit-wider]
ALTER TABLE samples ALTER COLUMN bits TYPE varbit(16);
-- [type-varbit-unbounded]
ALTER TABLE samples ALTER COLUMN bits TYPE varbit;
-- [type-varbit-narrower]
ALTER TABLE samples ALTER COLUMN bits TYPE varbit(4);
-- [type-bit-to-varbit]
ALTER TABLE samples ALTER COLUMN fixbits TYPE varbit;
-- [type-bit-to-varbit-bounded]
ALTER TABLE samples ALTER COLUMN fixbits TYPE varbit(4);
-- [type-cidr-to-inet]
ALTER TABLE samples ALTER COLUMN net TYPE inet;
-- [type-inet-to-cidr]
-- data: empty
ALTER TABLE samples ALTER COLUMN addr TYPE cidr;
-- [type-uuid-to-text]
ALTER TABLE samples ALTER COLUMN key TYPE text;
-- [type-text-to-uuid-using]
-- data: empty
ALTER TABLE samples ALTER COLUMN body TYPE uuid USING body::uuid;
-- [type-bytea-to-text-using]
ALTER TABLE samples ALTER COLUMN raw TYPE text USING encode(raw, 'hex');
-- [type-boolean-to-int-using]
ALTER TABLE samples ALTER COLUMN yes TYPE int USING yes::int;
-- [type-enum-to-text]
ALTER TABLE samples ALTER COLUMN mood TYPE text;
-- [type-text-to-enum-using]
-- data: empty
ALTER TABLE samples ALTER COLUMN body TYPE mood USING body::mood;
-- [type-array-of-text-to-varchar]
ALTER TABLE samples ALTER COLUMN tags TYPE varchar[];
-- [type-array-of-varchar-wider]
ALTER TABLE samples ALTER COLUMN shorts TYPE varchar(20)[];
-- [type-array-of-varchar-to-text]
ALTER TABLE samples ALTER COLUMN shorts TYPE text[];
-- [type-int-to-array-using]
ALTER TABLE samples ALTER COLUMN whole TYPE int[] USING ARRAY[whole];
-- [type-text-to-domain] a domain without constraints over the same type
ALTER TABLE samples ALTER COLUMN body TYPE label;
-- [type-int-to-domain-check]
ALTER TABLE samples ALTER COLUMN whole TYPE quantity;
-- [type-domain-to-base]
ALTER TABLE samples ALTER COLUMN held TYPE int;
-- [type-domain-to-text]
ALTER TABLE samples ALTER COLUMN labelled TYPE text;
-- [type-domain-to-wider]
ALTER TABLE samples ALTER COLUMN held TYPE bigint;
-- [type-varchar-to-domain] a domain over varchar(10)
ALTER TABLE samples ALTER COLUMN short TYPE short_label;
-- [type-free-to-short-domain]
ALTER TABLE samples ALTER COLUMN free TYPE short_label;
-- [type-domain-to-varchar]
ALTER TABLE samples ALTER COLUMN short_labelled TYPE varchar(20);
-- [type-domain-to-nested]
ALTER TABLE samples ALTER COLUMN held TYPE small_quantity;
-- [type-int-to-not-null-domain]
ALTER TABLE samples ALTER COLUMN whole TYPE present_int;
-- [type-domain-over-default]
ALTER TABLE samples ALTER COLUMN whole TYPE five;
-- [type-using-same-column]
ALTER TABLE samples ALTER COLUMN whole TYPE int USING whole;
-- [type-using-cast-wider]
ALTER TABLE samples ALTER COLUMN short TYPE varchar(20) USING short::varchar(20);
-- [type-using-cast-text]
ALTER TABLE samples ALTER COLUMN short TYPE text USING short::text;
-- [type-using-function]
ALTER TABLE samples ALTER COLUMN body TYPE text USING upper(body);
-- [type-using-other-column]
ALTER TABLE samples ALTER COLUMN body TYPE text USING free;
-- [type-using-constant]
ALTER TABLE samples ALTER COLUMN whole TYPE int USING 1;
-- [type-using-concat-empty]
ALTER TABLE samples ALTER COLUMN body TYPE text USING body || '';
-- [type-using-double-cast]
ALTER TABLE samples ALTER COLUMN whole TYPE int USING whole::text::int;
-- [type-using-case]
ALTER TABLE samples ALTER COLUMN whole TYPE int USING CASE WHEN whole > 0 THEN whole ELSE 0 END;
-- [type-collation] same type, other order: no rewrite
ALTER TABLE samples ALTER COLUMN body TYPE text COLLATE "C";
-- [type-collation-indexed] the index is built anew
ALTER TABLE samples ALTER COLUMN keyed_text TYPE varchar(10) COLLATE "C";
-- [type-collation-index-pattern]
ALTER TABLE samples ALTER COLUMN patterned TYPE varchar(10) COLLATE "POSIX";
-- [type-indexed-binary] the index is kept
ALTER TABLE samples ALTER COLUMN keyed_text TYPE varchar(20);
-- [type-indexed-to-text] another operator class family name, the same order
ALTER TABLE samples ALTER COLUMN keyed_text TYPE text;
-- [type-indexed-rewrite] a rewrite builds every index anew
ALTER TABLE samples ALTER COLUMN keyed TYPE bigint;
-- [type-indexed-oid] binary compatible, but the index sorts in another way
ALTER TABLE samples ALTER COLUMN keyed TYPE oid;
-- [type-indexed-net]
ALTER TABLE samples ALTER COLUMN net TYPE inet;
-- [type-indexed-expression] an index on an expression is built anew
ALTER TABLE samples ALTER COLUMN folded TYPE varchar;
-- [type-indexed-partial]
ALTER TABLE samples ALTER COLUMN partial TYPE varchar(20);
-- [type-indexed-partial-text]
ALTER TABLE samples ALTER COLUMN partial TYPE text;
-- [type-pattern-index]
ALTER TABLE samples ALTER COLUMN patterned TYPE varchar(20);
-- [type-pattern-index-text]
ALTER TABLE samples ALTER COLUMN patterned TYPE text;
-- [type-checked] a check on the column is proved again
ALTER TABLE samples ALTER COLUMN checked_text TYPE varchar(20);
-- [type-checked-text]
ALTER TABLE samples ALTER COLUMN checked_text TYPE text;
-- [type-checked-same]
ALTER TABLE samples ALTER COLUMN checked TYPE int;
-- [type-checked-rewrite]
ALTER TABLE samples ALTER COLUMN checked TYPE bigint;
-- [type-foreign-key-referencing] the key is proved again
ALTER TABLE sample_children ALTER COLUMN parent_id TYPE bigint;
-- [type-foreign-key-referenced]
ALTER TABLE sample_parents ALTER COLUMN id TYPE bigint;
-- [type-foreign-key-referencing-binary]
ALTER TABLE sample_children ALTER COLUMN code TYPE varchar(20);
-- [type-foreign-key-referenced-binary]
ALTER TABLE sample_parents ALTER COLUMN code TYPE varchar(20);
-- [type-foreign-key-referenced-text]
ALTER TABLE sample_parents ALTER COLUMN code TYPE text;
-- [type-key-same]
ALTER TABLE sample_parents ALTER COLUMN id TYPE int;
-- [type-with-default]
ALTER TABLE orders ALTER COLUMN mood DROP DEFAULT, ALTER COLUMN mood TYPE text;
-- [type-and-default]
ALTER TABLE orders ALTER COLUMN code TYPE varchar(20), ALTER COLUMN code SET DEFAULT 'x';
-- [type-several]
ALTER TABLE samples ALTER COLUMN short TYPE varchar(20), ALTER COLUMN exact TYPE numeric(12, 2);
-- [type-several-one-rewrite]
ALTER TABLE samples ALTER COLUMN short TYPE varchar(20), ALTER COLUMN whole TYPE bigint;
-- [type-statistics-column] extended statistics on the column
ALTER TABLE orders ALTER COLUMN doubled TYPE bigint;
-- [type-identity-column]
ALTER TABLE tickets ALTER COLUMN id TYPE bigint;
-- [type-identity-column-owned]
ALTER TABLE customers ALTER COLUMN id TYPE bigint;
-- [type-partitioned]
ALTER TABLE events ALTER COLUMN number TYPE bigint;
-- [type-partitioned-binary]
ALTER TABLE events ALTER COLUMN kind TYPE varchar;
-- [type-partitioned-deep]
ALTER TABLE visits ALTER COLUMN id TYPE int;
-- [type-inherited]
ALTER TABLE people ALTER COLUMN name TYPE text;
-- [type-inherited-checked]
ALTER TABLE people ALTER COLUMN age TYPE bigint;
-- [type-foreign-table]
ALTER FOREIGN TABLE far_orders ALTER COLUMN id TYPE bigint;
-- [type-typed-table-attribute] a composite type that a typed table stands on
ALTER TYPE place ALTER ATTRIBUTE town TYPE varchar CASCADE;
