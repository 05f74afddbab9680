-- What projects with maps do, in the form of patterns.sql. One extension for many statements: it is not quick to make.

-- expect ok
create extension if not exists postgis with schema extensions;
create table p(id int, g geography(Point,4326), h geometry(Polygon,4326) , i extensions.geometry, loc geography(point) generated always as (st_setsrid(st_makepoint(1.5::float8, 2::float8),4326)::geography) stored);
do $$ begin if (select string_agg(format_type(atttypid,atttypmod),',' order by attnum) from pg_attribute where attrelid='p'::regclass and attnum>1) <> 'geography(Point,4326),geometry(Polygon,4326),geometry,geography(Point,4326)' then raise exception '%', (select string_agg(format_type(atttypid,atttypmod),',' order by attnum) from pg_attribute where attrelid='p'::regclass and attnum>1); end if; end $$;
create index on p using gist(g); create index on p using gist (h); create index on p using gist ((g::geometry));
insert into p values (1,'POINT(-118.4079 33.9434)','POLYGON((0 0,10 0,10 10,0 10,0 0))','SRID=4326;POINT(1 2)');
insert into p(id,g) select i, st_makepoint(i/10.0, i/20.0) from generate_series(1,500) i;
set enable_seqscan=off;
select count(*) from p where g = 'POINT(1 0.5)'::geography;

-- expect ok
create extension postgis;
do $$ declare d float8 := st_distance('SRID=4326;POINT(-118.4079 33.9434)'::geography,'POINT(2.5559 49.0083)'::geography); begin if abs(d-9124665.27317673)>1 then raise exception '%', d; end if; end $$;
do $$ begin if st_distance('POINT(0 0)'::geometry,'LINESTRING(2 -1,2 5)'::geometry)<>2 then raise exception 'a'; end if;
if not st_contains('POLYGON((0 0,10 0,10 10,0 10,0 0))','POINT(5 5)') then raise exception 'b'; end if;
if st_contains('POLYGON((0 0,10 0,10 10,0 10,0 0))'::geometry,'POINT(15 5)') then raise exception 'c'; end if;
if st_astext('0101000020E6100000000000000000F03F0000000000000040'::geometry)<>'POINT(1 2)' then raise exception 'd'; end if;
if st_srid('0101000020E6100000000000000000F03F0000000000000040'::geometry)<>4326 then raise exception 'e'; end if;
if st_asgeojson('POLYGON((0 0,10 0,10 10,0 10,0 0))'::geometry)::jsonb <> '{"type":"Polygon","coordinates":[[[0,0],[10,0],[10,10],[0,10],[0,0]]]}' then raise exception 'f %', st_asgeojson('POLYGON((0 0,10 0,10 10,0 10,0 0))'::geometry); end if;
if st_asgeojson(st_point(1,2)) <> '{"type":"Point","coordinates":[1,2]}' then raise exception 'g %', st_asgeojson(st_point(1,2)); end if;
if st_geomfromgeojson('{"type":"Polygon","coordinates":[[[0,0],[10,0],[10,10],[0,10],[0,0]]]}') <> 'SRID=4326;POLYGON((0 0,10 0,10 10,0 10,0 0))' then raise exception 'h %', st_geomfromgeojson('{"type":"Polygon","coordinates":[[[0,0],[10,0],[10,10],[0,10],[0,0]]]}')::text; end if;
if st_area('POLYGON((0 0,10 0,10 10,0 10,0 0))'::geometry)<>100 then raise exception 'i'; end if;
if st_x(st_centroid('POLYGON((0 0,10 0,10 10,0 10,0 0))'::geometry))<>5 then raise exception 'j'; end if;
if st_intersects('LINESTRING(0 0,4 4)'::geometry,'LINESTRING(0 4,4 0)'::geometry) is not true then raise exception 'k'; end if;
if st_astext(st_collect(array[st_point(1,2),st_point(3,4)])) <> 'MULTIPOINT(1 2,3 4)' then raise exception 'l %', st_astext(st_collect(array[st_point(1,2),st_point(3,4)])); end if;
if abs(st_x(st_transform(st_setsrid(st_point(10,50),4326),3857))-1113194.9079327357)>0.01 then raise exception 'm'; end if;
end $$;
select st_extent(g), st_collect(g), st_makeline(g order by n) from (values (1,st_point(1,2)),(2,st_point(3,4))) v(n,g);
select st_dwithin(st_point(1,2)::geography, 'POINT(1 2.001)'::geography, 200), st_makeenvelope(0,0,1,1,4326) && st_setsrid(st_point(0.5,0.5),4326), st_point(1,2) <-> st_point(2,2);
select distinct st_point(1,2); select st_point(1,2)::point, point(1,2)::geometry, st_point(1,2)::jsonb, st_point(1,2)::text;
select * from geometry_columns, spatial_ref_sys;
DO $$
DECLARE
    wrong record;
    found text;
BEGIN
    FOR wrong IN SELECT * FROM (VALUES
        ('22023', 'CREATE TABLE t (g geometry(Pint, 4326))'),
        ('22023', 'CREATE TABLE t (g geometry(Point, 4326)); INSERT INTO t VALUES (''SRID=4326;LINESTRING(0 0,1 1)'')'),
        ('22023', 'CREATE TABLE t (g geometry(Point, 4326)); INSERT INTO t VALUES (st_setsrid(st_point(1, 1), 3857))'),
        ('XX000', 'SELECT ''POINTY(1 2)''::geometry'),
        ('XX000', 'SELECT st_distance(st_setsrid(st_point(1, 2), 4326), st_point(1, 2))'),
        ('0A000', 'SELECT st_buffer(st_point(1, 2), 3)'),
        ('42501', 'ALTER TABLE spatial_ref_sys ENABLE ROW LEVEL SECURITY')
    ) AS listed (state, statement) LOOP
        BEGIN
            found := '00000';
            EXECUTE wrong.statement;
        EXCEPTION WHEN OTHERS THEN
            found := sqlstate;
        END;
        IF found <> wrong.state THEN
            RAISE EXCEPTION '% instead of %: %', found, wrong.state, wrong.statement;
        END IF;
    END LOOP;
END
$$;

-- expect ok
create extension if not exists postgis schema extensions;
create table public.stores(id bigint primary key generated always as identity, name text, location geography(POINT) not null);
create index stores_geo_index on public.stores using GIST (location);
create or replace function nearby(lat float, long float) returns table (id bigint, name text, lat float, long float, dist_meters float) set search_path='' language sql as $$
 select id, name, extensions.st_y(location::extensions.geometry) as lat, extensions.st_x(location::extensions.geometry) as long, extensions.st_distance(location, extensions.st_point(long, lat)::extensions.geography) as dist_meters
 from public.stores order by location operator(extensions.<->) extensions.st_point(long, lat)::extensions.geography; $$;
create or replace function in_view(min_lat float, min_long float, max_lat float, max_long float) returns setof stores language sql as $$
 select * from stores where location && ST_SetSRID(ST_MakeBox2D(ST_Point(min_long, min_lat), ST_Point(max_long, max_lat)), 4326) $$;
insert into stores(name,location) values ('a', st_point(-73.946823, 40.807416)),('b','POINT(-73.94 40.80)'),('c', 'SRID=4326;POINT(-73.9 40.8)');
select * from nearby(40.8,-73.9); select * from in_view(40,-74,41,-73);
create table b(id uuid default gen_random_uuid(), geom geometry(MultiPolygon,4326), pt geometry(Point,3857));
create function mvt(z integer, x integer, y integer) returns bytea language sql stable parallel safe as $$ 
with t as (select st_asmvtgeom(st_transform(geom,3857), st_tileenvelope(z,x,y), 4096, 64, true) as geom, id from b where geom && st_transform(st_tileenvelope(z,x,y),4326))
select st_asmvt(t.*, 'l', 4096, 'geom') from t $$;
create view v as select id, st_clusterdbscan(geom, eps := 50, minpoints := 2) over () as c, st_clusterkmeans(geom, 5) over () from b;
create function x(lat numeric, lng numeric) returns geometry language sql immutable as $$ select st_setsrid(st_makepoint(lng, lat), 4326) $$;
create materialized view m as select st_asgeojson(geom)::jsonb j, st_simplify(geom,0.01) s, st_union(geom) over () u from b;
alter table b add constraint c check (st_isvalid(geom)), add constraint d check (st_srid(pt)=3857), add check (st_geometrytype(geom) = 'ST_MultiPolygon');
alter table b alter column pt type geometry(Point,4326) using st_transform(pt,4326);

-- expect ok
create extension postgis; create extension postgis_topology; create extension pgrouting; create extension fuzzystrmatch; create extension postgis_tiger_geocoder;

-- expect ok
create extension rum; create table d(t text, v tsvector generated always as (to_tsvector('english',t)) stored);
create index on d using rum (v rum_tsvector_ops); insert into d values ('hello world'),('x'); set enable_seqscan=off;
select * from d where v @@ to_tsquery('english','hello') order by v <=> to_tsquery('english','hello');

-- expect ok
create extension if not exists pgroonga with schema extensions; create table d(id int, t text, n varchar(20), j jsonb, a text[], primary key(id));
create index on d using pgroonga(id, t, n); create index on d using pgroonga(j); create index on d using pgroonga(a);create index on d using pgroonga(t pgroonga_text_term_search_ops_v2);
insert into d values (1,'Hello World','n','{"a":"b"}','{x,y}');
do $$ begin if (select count(*) from d where t &@~ 'world OR foo' and t &@ 'hello' and a &@ 'x' and j &@ 'b') <> 1 then raise exception 'x'; end if; end $$;
select pgroonga_score(tableoid, ctid), pgroonga_score(d) from d;

-- expect ok
create extension pg_hashids; create extension pg_stat_monitor;
