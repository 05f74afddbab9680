-- Forms of statements that the migrations of real projects use, each group by itself as the role postgres: whether a
-- hosted project takes it, or the SQLSTATE with which it refuses.

-- expect ok
CREATE EXTENSION IF NOT EXISTS pg_cron WITH SCHEMA extensions;
GRANT USAGE ON SCHEMA cron TO postgres;
GRANT ALL ON ALL TABLES IN SCHEMA cron TO postgres;

-- expect ok
CREATE EXTENSION IF NOT EXISTS pg_cron WITH SCHEMA pg_catalog;
GRANT USAGE ON SCHEMA cron TO postgres;
GRANT ALL PRIVILEGES ON ALL TABLES IN SCHEMA cron TO postgres;
CREATE EXTENSION IF NOT EXISTS pg_net;

-- expect ok
CREATE EXTENSION IF NOT EXISTS supabase_vault WITH SCHEMA extensions;

-- expect ok
CREATE EXTENSION IF NOT EXISTS supabase_vault CASCADE;

-- expect ok
select vault.create_secret('s', 'n', 'd');
select decrypted_secret from vault.decrypted_secrets where name = 'n';
select vault.update_secret((select id from vault.secrets where name='n'), 'new');

-- expect ok
create extension pg_cron;
select cron.schedule('x','*/5 * * * *', $$select net.http_post(url:='http://x', headers:='{"a":"b"}'::jsonb, body:='{}'::jsonb, timeout_milliseconds:=5000)$$);
select cron.unschedule('x');

-- expect ok
create extension pg_cron;
select cron.schedule('30 seconds', 'select 1');
select cron.schedule_in_database('n','* * * * *','select 1','postgres');
select cron.alter_job(1, schedule:='0 0 * * *');

-- expect XX000
create extension pg_cron;
select cron.unschedule('nope');

-- expect ok
create extension pg_cron;
select cron.unschedule(jobid) from cron.job where jobname = 'nope';

-- expect 42501
create extension pg_cron;
insert into cron.job(schedule, command) values ('* * * * *','select 1');

-- expect 42501
create extension pg_cron;
update cron.job set active=false;

-- expect ok
create extension pg_cron;
delete from cron.job_run_details where end_time < now() - interval '7 days';

-- expect ok
create extension pg_cron;
grant usage on schema cron to authenticated;
select * from cron.job_run_details;

-- expect ok
create extension pg_net with schema extensions;
select net.http_post(url := 'http://localhost/x', body := '{}'::jsonb, params := '{}'::jsonb, headers := '{}'::jsonb, timeout_milliseconds := 1000);
select net.http_delete('http://x');
select * from net._http_response;
select id from net.http_request_queue;

-- expect ok
create extension pgmq;
select pgmq.create('q');
select pgmq.create_unlogged('u');
select pgmq.send('q','{"a":1}'::jsonb, 5);
select pgmq.send_batch('q', array['{}'::jsonb]);
select * from pgmq.read('q', 30, 1);
select pgmq.pop('q');
select pgmq.archive('q', 1::bigint);
select pgmq.delete('q', 1::bigint);
select pgmq.drop_queue('q');
select * from pgmq.list_queues();
select * from pgmq.metrics('u');
select pgmq.purge_queue('u');

-- expect ok
create extension pgmq;
select pgmq.create('q');
alter table pgmq.q_q enable row level security;
grant usage on schema pgmq to service_role;
grant all on all tables in schema pgmq to service_role;
create policy p on pgmq.q_q for all to service_role using (true);
select pgmq.set_vt('q',1,10);
select * from pgmq.read_with_poll('q', 1, 1, 1, 100);

-- expect ok
create schema if not exists pgmq_public;
create extension if not exists pgmq;
create or replace function pgmq_public.pop(queue_name text) returns setof pgmq.message_record language plpgsql set search_path='' as $$ begin return query select * from pgmq.pop(queue_name := queue_name);
end;
$$;
grant usage on schema pgmq_public to anon, authenticated;

-- expect ok
create extension vector;
create table d(id bigint primary key, e vector(3));
create index on d using hnsw ((e::halfvec(3)) halfvec_cosine_ops);
create index on d using hnsw ((binary_quantize(e)::bit(3)) bit_hamming_ops);

-- expect ok
create extension vector;
select avg(x), sum(x) from (values ('[1,2]'::vector),('[3,4]')) v(x);
select vector_dims('[1,2]'::vector), l2_distance('[1,2]'::vector,'[1,1]'), cosine_distance('[1,2]'::vector,'[1,1]'), inner_product('[1,2]'::vector,'[1,1]'), vector_norm('[1,2]'::vector), l2_normalize('[3,4]'::vector), subvector('[1,2,3]'::vector,1,2), array[1,2,3]::vector, '[1,2,3]'::vector::real[], '[1,2]'::vector + '[1,1]'::vector, '[1,2]'::vector * '[2,2]'::vector;

-- expect ok
create extension vector;
select 'a' from (select '{1:1,3:2}/5'::sparsevec x) s;
select '[1,2]'::halfvec <=> '[2,1]'::halfvec, '{1:1}/3'::sparsevec <-> '{2:1}/3'::sparsevec, hamming_distance(B'101', B'100'), B'101' <~> B'111', jaccard_distance(B'101',B'100');

-- expect ok
create extension vector;
set hnsw.ef_search = 100;
set ivfflat.probes = 10;
set local hnsw.iterative_scan = strict_order;

-- expect 22000
create extension vector;
create table d(e vector(3));
insert into d values ('[1,2]');

-- expect 22023
create extension vector;
create table d(e vector);
create index on d using hnsw (e vector_cosine_ops);

-- expect 54000
create extension vector;
create table d(e vector(3000));
create index on d using hnsw (e vector_cosine_ops);

-- expect ok
create extension vector with schema extensions;
create function public.match(query_embedding vector(3), t float, c int) returns table(id bigint, s float) language plpgsql stable as $$ begin return query select 1::bigint, 1-(query_embedding <=> query_embedding) order by 2 limit c;
end $$;
select * from public.match('[1,2,3]',0.5,1);

-- expect ok
insert into storage.buckets (id, name, public, file_size_limit, allowed_mime_types, avif_autodetection, owner) values ('a','a',false,5242880, array['image/jpeg'],false, null) on conflict (id) do update set public = excluded.public;

-- expect ok
create policy p on storage.objects for insert to authenticated with check (bucket_id='a' and (storage.foldername(name))[1] = auth.uid()::text and storage.extension(name)='png' and lower(storage.filename(name)) like 'x%' and owner_id = (select auth.uid()::text) and (metadata->>'size')::int < 10 and path_tokens[1] = 'x');

-- expect 42501
create policy p on storage.objects for select using (bucket_id = 'a');
comment on policy p on storage.objects is 'x';

-- expect 42501
alter table storage.objects drop constraint objects_owner_fkey;

-- expect 42501
alter table storage.objects enable row level security;

-- expect ok
grant delete on table storage.s3_multipart_uploads to postgres;

-- expect ok
grant select on storage.objects to anon;

-- expect ok
revoke all on storage.objects from anon;

-- expect 42501
create index on storage.objects (bucket_id);

-- expect ok
update storage.buckets set public = true where id = 'x';

-- expect 42501
delete from storage.objects where bucket_id='x';

-- expect 42P17
create trigger t after insert on storage.objects for each row execute function extensions.uuid_generate_v4();

-- expect ok
create function public.f() returns trigger language plpgsql as $$begin return new;
end$$;
create trigger t after insert or delete on storage.objects for each row execute function public.f();
drop trigger t on storage.objects;

-- expect ok
create policy "allow listening" on realtime.messages for select to authenticated using (realtime.topic() like 'room:%' and extension in ('broadcast','presence'));

-- expect ok
create function public.f() returns trigger language plpgsql security definer as $$ begin perform realtime.broadcast_changes('topic:'||new.id::text, tg_op, tg_op, tg_table_name, tg_table_schema, new, old);
return null;
end $$;
create table public.t(id int);
create trigger x after insert on public.t for each row execute function public.f();
insert into public.t values (1);

-- expect ok
select realtime.send('{"a":1}'::jsonb, 'event', 'topic', true);
select realtime.send('{"a":1}'::jsonb, 'event', 'topic');

-- expect ok
alter publication supabase_realtime add table realtime.messages;

-- expect ok
drop publication supabase_realtime;
create publication supabase_realtime for all tables;

-- expect ok
create table public.t(id int primary key);
alter table public.t replica identity full;
alter publication supabase_realtime add table public.t;
alter publication supabase_realtime set (publish = 'insert, update');

-- expect ok
insert into auth.users (instance_id, id, aud, role, email, encrypted_password, email_confirmed_at, recovery_sent_at, last_sign_in_at, raw_app_meta_data, raw_user_meta_data, created_at, updated_at, confirmation_token, email_change, email_change_token_new, recovery_token) values ('00000000-0000-0000-0000-000000000000', uuid_generate_v4(), 'authenticated','authenticated','u@e.com', crypt('p', gen_salt('bf')), now(), now(), now(), '{"provider":"email"}', '{}', now(), now(), '','','','');
insert into auth.identities (id, user_id, provider_id, identity_data, provider, last_sign_in_at, created_at, updated_at) select uuid_generate_v4(), id, id, format('{"sub":"%s"}', id)::jsonb, 'email', now(), now(), now() from auth.users;

-- expect ok
delete from auth.users;

-- expect ok
update auth.users set raw_app_meta_data = raw_app_meta_data || '{"a":1}';

-- expect ok
create function public.hook(event jsonb) returns jsonb language plpgsql as $$begin return event;
end$$;
grant usage on schema public to supabase_auth_admin;
grant execute on function public.hook to supabase_auth_admin;
revoke execute on function public.hook from authenticated, anon, public;
create table public.user_roles(id int);
grant all on table public.user_roles to supabase_auth_admin;
create policy "a" on public.user_roles as permissive for select to supabase_auth_admin using (true);

-- expect ok
alter default privileges in schema public grant all on tables to postgres, anon, authenticated, service_role;
alter default privileges for role postgres in schema public revoke execute on functions from public;

-- expect 42501
alter default privileges for role supabase_admin in schema public grant all on tables to anon;

-- expect ok
grant usage on schema public to postgres, anon, authenticated, service_role;
grant all privileges on all tables in schema public to postgres, anon, authenticated, service_role;
grant all privileges on all functions in schema public to postgres, anon, authenticated, service_role;
grant all privileges on all sequences in schema public to postgres, anon, authenticated, service_role;

-- expect ok
alter role authenticator set pgrst.db_aggregates_enabled = 'true';
notify pgrst, 'reload config';

-- expect ok
alter role authenticated set statement_timeout = '10s';
alter role anon set statement_timeout='5s';
alter role service_role set statement_timeout='1min';
notify pgrst;

-- expect ok
alter role postgres set search_path = public;

-- expect ok
create role app login password 'x';
grant app to postgres;
grant anon to app;
grant select on all tables in schema public to app;

-- expect ok
create role r nologin noinherit;
grant r to authenticator;
alter role r set statement_timeout = '1s';

-- expect ok
create user metabase with password 'x';
grant pg_read_all_data to metabase;

-- expect 42501
set role supabase_admin;

-- expect ok
create function public.ev() returns event_trigger language plpgsql as $$begin end$$;
create event trigger e on ddl_command_end when tag in ('CREATE TABLE') execute function public.ev();

-- expect ok
create schema if not exists private;
create schema if not exists extensions;
create schema if not exists auth;

-- expect ok
create schema if not exists graphql_public;

-- expect ok
create extension if not exists pg_graphql;
comment on schema public is '@graphql({"inflect_names": true})';
select graphql.resolve('{__typename}');

-- expect ok
create extension if not exists pg_graphql with schema graphql;

-- expect ok
create extension if not exists "pgsodium" with schema "pgsodium";

-- expect ok
create extension if not exists "pgsodium";

-- expect ok
create extension if not exists "pgjwt" with schema "extensions";

-- expect ok
create extension if not exists pg_jsonschema with schema extensions;
create table t(m json check (json_matches_schema('{"type":"object"}', m)));
insert into t values ('{}');
select extensions.jsonb_matches_schema('{"type":"string","maxLength":4}', '"abc"');

-- expect ok
create extension if not exists http with schema extensions;
select 1 from (select extensions.http_set_curlopt('CURLOPT_TIMEOUT','1')) x;

-- expect ok
create extension if not exists moddatetime schema extensions;
create table t(id int, updated_at timestamptz);
create trigger h before update on t for each row execute procedure moddatetime(updated_at);
create trigger h2 before update on t for each row execute procedure extensions.moddatetime(updated_at);

-- expect ok
create extension if not exists pg_trgm;
create extension if not exists unaccent;
create extension if not exists citext;
create extension if not exists btree_gist;
create extension if not exists btree_gin;
create extension if not exists fuzzystrmatch;
create extension if not exists ltree;
create extension if not exists tablefunc;
create extension if not exists intarray;
create extension if not exists cube;
create extension if not exists earthdistance;

-- expect ok
create extension if not exists wrappers with schema extensions;
create foreign data wrapper stripe_wrapper handler stripe_fdw_handler validator stripe_fdw_validator;

-- expect ok
create extension if not exists plpgsql_check;
create extension if not exists hypopg;
create extension if not exists index_advisor;
create extension if not exists pg_repack;

-- expect ok
create extension if not exists pgaudit;
alter role postgres set pgaudit.log to 'ddl';

-- expect ok
set check_function_bodies = off;
set session authorization default;
set session_replication_role = replica;
set session_replication_role = default;

-- expect 42501
alter function auth.uid() owner to postgres;

-- expect 42501
create or replace function auth.uid() returns uuid language sql as 'select null::uuid';

-- expect ok
create or replace function public.uid() returns uuid language sql stable as $$ select auth.uid() $$;

-- expect ok
comment on schema public is 'x';
alter schema public owner to postgres;
revoke create on schema public from public;

-- expect ok
drop schema public cascade;
create schema public;

-- expect ok
create or replace view public.v with (security_invoker) as select id, email from auth.users;
create materialized view public.m as select id from auth.users;

-- expect ok
create table public.p(id uuid references auth.users(id) on delete cascade not null primary key, s uuid references auth.sessions(id), o uuid references storage.objects(id), b text references storage.buckets(id));

-- expect ok
create type public.a as enum('x');
alter type public.a add value 'y';

-- expect ok
do $$ begin if not exists (select 1 from pg_roles where rolname='web') then create role web;
end if;
end $$;

-- expect ok
do $$ begin if not exists (select 1 from pg_publication where pubname='supabase_realtime') then create publication supabase_realtime;
end if;
end $$;

-- expect ok
select set_config('request.jwt.claims', '{"sub":"1"}', true);
set local role authenticated;
select auth.jwt();

-- expect ok
create function public.w() returns trigger language plpgsql as $$begin return new;
end$$;
create table public.t(id int);
create trigger web after insert on public.t for each row execute function supabase_functions.http_request('http://x','POST','{}','{}','1000');

-- expect ok
truncate auth.users cascade;

-- expect ok
set log_min_duration_statement = 0;

-- expect ok
set statement_timeout = 0;
set lock_timeout='5s';
set idle_in_transaction_session_timeout = 0;
set client_min_messages = warning;
set row_security = off;
set xmloption = content;
set default_tablespace = '';
set default_table_access_method = heap;

-- expect 42704
create server s foreign data wrapper postgres_fdw;

-- expect ok
create text search configuration public.fr (copy = french);

-- expect 42501
create cast (text as int) with inout;

-- expect ok
create operator public.=== (leftarg=int, rightarg=int, procedure=int4eq);

-- expect 42501
create access method x type index handler hashhandler;

-- expect 42501
create function public.c() returns int language c as 'x','y';

-- expect ok
create aggregate public.agg(text) (sfunc=textcat, stype=text);

-- expect ok
select pg_reload_conf();

-- expect ok
select pg_advisory_lock(1);
select pg_advisory_xact_lock(1);

-- expect ok
comment on extension pgcrypto is 'x';

-- expect 42501
comment on table auth.users is 'x';

-- expect 42501
comment on column storage.objects.owner is 'x';

-- expect 42501
create rule r as on insert to auth.users do nothing;

-- expect 42501
alter table auth.users disable trigger all;

-- expect 42501
create statistics s on id, email from auth.users;

-- expect ok
create table extensions.x(id int);

-- expect ok
create function extensions.x() returns int language sql as 'select 1';

-- expect 42501
create table realtime.x(id int);

-- expect 42501
create table vault.x(id int);

-- expect 42501
insert into vault.secrets(secret) values('x');

-- expect ok
select * from vault.secrets;
delete from vault.secrets;

-- expect ok
create extension vector;
create table d(e halfvec(3000));
create index on d using hnsw (e halfvec_cosine_ops);
create index b on d (e);
drop extension vector cascade;

-- expect ok
create extension vector schema extensions;
create table d(e vector(3) unique);
insert into d values ('[1,2,3]');
alter table d alter e type halfvec(3);
select e::vector(3) from d;
select e <=> '[1,2,3]' from d;
update d set e = array[1,2,3];

-- expect ok
CREATE EXTENSION pg_cron;
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_extension WHERE extowner <> 'supabase_admin'::regrole) THEN
        RAISE EXCEPTION 'an extension belongs to %', (SELECT string_agg(extowner::regrole::text, ', ') FROM pg_extension);
    END IF;
END
$$;
