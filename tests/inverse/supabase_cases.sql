-- What hosted projects do in their migrations, on the platform's own tables too.

-- case: a bucket with its policies
insert into storage.buckets (id, name, public) values ('docs', 'docs', false);
create policy "Anyone reads" on storage.objects for select using (bucket_id = 'docs');

-- case: a bucket that may be there
insert into storage.buckets (id, name, public, file_size_limit, allowed_mime_types) values ('avatars','avatars', false, 5242880, array['image/png']) on conflict (id) do update set public = excluded.public, file_size_limit=excluded.file_size_limit;

-- case: a bucket from a block
do $$ begin
  if to_regclass('storage.buckets') is null then return; end if;
  insert into storage.buckets (id, name, public) values ('docs', 'docs', false) on conflict (id) do nothing;
  drop policy if exists "Own documents" on storage.objects;
  create policy "Own documents" on storage.objects for insert to authenticated
    with check (bucket_id = 'docs' and (storage.foldername(name))[1] = auth.uid()::text);
end $$;

-- case: a bucket changed
update storage.buckets set public = false where id = 'avatars';

-- case: a trigger on the users
create function public.handle_new_user() returns trigger language plpgsql security definer set search_path = '' as
$$ begin insert into public.profiles (id, full_name) values (new.id, new.email); return new; end $$;
create trigger on_auth_user_created after insert on auth.users for each row execute procedure public.handle_new_user();
insert into public.profiles (id, full_name) select id, email from auth.users on conflict do nothing;

-- case: users changed
update auth.users set raw_app_meta_data = coalesce(raw_app_meta_data,'{}'::jsonb) || '{"role":"user"}'::jsonb where raw_app_meta_data is null;

-- case: a table for realtime
alter publication supabase_realtime add table public.messages;

-- case: a table for realtime from a block
do $$ begin alter publication supabase_realtime add table public.messages; exception when duplicate_object then null; end $$;

-- case: rights for the roles of the API
grant usage on schema public to anon, authenticated, service_role;
grant all on all tables in schema public to anon, authenticated;
alter default privileges in schema public grant all on tables to authenticated;
alter default privileges in schema public revoke execute on functions from public;

-- case: a secret
select vault.create_secret('value', 'project_url');

-- case: what is there already
create table if not exists public.messages (id bigint);
create index if not exists messages_room_idx on public.messages (room);
alter table public.messages add column if not exists author uuid default auth.uid() references auth.users (id);

-- case: row security for every table
do $$ declare t text; begin for t in select tablename from pg_tables where schemaname='public' loop execute format('alter table public.%I enable row level security', t); end loop; end $$;

-- case: a policy for several tables
do $$ declare t text; begin foreach t in array array['messages','profiles'] loop execute format('drop policy if exists "svc" on public.%I', t); execute format('create policy "svc" on public.%I for all to service_role using (true)', t); end loop; end $$;

-- case: every policy dropped
do $$ declare r record; begin for r in select policyname, tablename from pg_policies where schemaname='public' loop execute 'drop policy ' || quote_ident(r.policyname) || ' on public.' || quote_ident(r.tablename); end loop; end $$;

-- case: a type that may be there
do $$ begin create type public.app_role as enum ('admin'); exception when duplicate_object then null; end $$;
alter type public.app_role rename value 'moderator' to 'editor';

-- case: a hook of the platform
create or replace function public.custom_access_token_hook(event jsonb) returns jsonb language plpgsql stable as $$ begin return event;
end $$;
grant usage on schema public to supabase_auth_admin;
grant execute on function public.custom_access_token_hook to supabase_auth_admin;
revoke execute on function public.custom_access_token_hook from authenticated, anon, public;
grant all on table public.user_roles to supabase_auth_admin;
create policy "auth admin" on public.user_roles as permissive for select to supabase_auth_admin using (true);

-- case: an extension and what uses it
create extension if not exists pg_trgm with schema extensions;
create index messages_body_trgm on public.messages using gin (body extensions.gin_trgm_ops);

-- case: settings of the API
comment on schema public is e'@graphql({"inflect_names": true})';
notify pgrst, 'reload schema';

-- case: a function called at once
create function public.seed() returns void language plpgsql as $$ begin insert into public.messages (body) values ('hi'); end $$;
select public.seed();

-- case: a schema kept private
create schema if not exists private;
create or replace view private.v with (security_invoker=on) as select * from public.messages;
revoke all on all tables in schema private from anon;
grant usage on schema private to authenticated;

-- case: another action for a foreign key
alter table public.profiles drop constraint profiles_id_fkey,
  add constraint profiles_id_fkey foreign key (id) references auth.users (id) on delete restrict not valid;
alter table public.profiles validate constraint profiles_id_fkey;

-- case: settings of roles
alter role authenticator set pgrst.db_schemas = 'public, storage';
alter role anon set statement_timeout = '4s';
