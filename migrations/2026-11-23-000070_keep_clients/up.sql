-- Clients are kept over HTTP by those whose they are (decision 0043).
alter table api_clients
    add column scopes text[],
    add column keeper_id uuid,
    add constraint api_clients_scopes_check check (cardinality(scopes) > 0),
    add constraint api_clients_keeper_id_fkey foreign key (keeper_id) references people (person_id);
comment on column api_clients.scopes is 'To which of what its roles permit all its tokens are narrowed; null where to nothing in particular.';
comment on column api_clients.keeper_id is 'The person who was last shown a secret of it or gave a key for it, and whose hand it is where four eyes are wanted; null where the command line or a program was.';
create index api_clients_institution_id_idx on api_clients (institution_id, client_id);

alter table client_secrets add column last_used_at timestamptz;
comment on column client_secrets.last_used_at is 'When a token was last given for it, to the minute; null where none was since this is kept.';
alter table client_keys add column last_used_at timestamptz;
comment on column client_keys.last_used_at is 'When a token was last given for it, to the minute; null where none was since this is kept.';

grant update (keeper_id) on api_clients to creditbank_app;
grant update (expires_at, last_used_at) on client_secrets to creditbank_app;
grant update (last_used_at) on client_keys to creditbank_app;
