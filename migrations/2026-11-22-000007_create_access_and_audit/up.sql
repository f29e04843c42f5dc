create table api_clients (
    client_id uuid not null,
    name text not null,
    institution_id uuid,
    learner_no text,
    roles text[] not null,
    active boolean not null,
    created_at timestamptz not null,
    constraint api_clients_pkey primary key (client_id),
    constraint api_clients_name_key unique (name),
    constraint api_clients_institution_id_fkey foreign key (institution_id) references institutions,
    constraint api_clients_roles_check check (
        cardinality(roles) > 0
        and roles <@ array['registrar', 'school_officer', 'reviewer', 'secretariat', 'auditor',
                           'learner']
    )
);
comment on table api_clients is 'Programs that call the API.';
comment on column api_clients.client_id is 'UUIDv7; the subject of its tokens.';
comment on column api_clients.name is 'What it is called.';
comment on column api_clients.institution_id is 'For whom it acts.';
comment on column api_clients.learner_no is 'Whose account it may see, for a learner''s client.';
comment on column api_clients.roles is 'What it is.';
comment on column api_clients.active is 'Whether its tokens are honoured.';
comment on column api_clients.created_at is 'When it was registered.';

create table idempotency_keys (
    client_id uuid not null,
    route text not null,
    key text not null,
    fingerprint bytea not null,
    status integer,
    body jsonb,
    created_at timestamptz not null,
    constraint idempotency_keys_pkey primary key (client_id, route, key),
    constraint idempotency_keys_fingerprint_check check (octet_length(fingerprint) = 32),
    constraint idempotency_keys_answer_check check ((status is null) = (body is null))
);
comment on table idempotency_keys is 'The answers to requests that moved credit, written in the transaction that moved it.';
comment on column idempotency_keys.client_id is 'Who asked.';
comment on column idempotency_keys.route is 'Which route.';
comment on column idempotency_keys.key is 'The client''s key.';
comment on column idempotency_keys.fingerprint is 'SHA-256 of the request: another request under the same key is refused.';
comment on column idempotency_keys.status is 'The HTTP status answered.';
comment on column idempotency_keys.body is 'The body answered.';
comment on column idempotency_keys.created_at is 'When; kept at least a day.';
create index idempotency_keys_created_at_idx on idempotency_keys (created_at);

create table audit_events (
    event_id uuid not null,
    occurred_at timestamptz not null,
    action text not null,
    client_id uuid,
    institution_id uuid,
    subject_kind text not null,
    subject_id uuid,
    figures jsonb not null,
    constraint audit_events_pkey primary key (event_id)
);
comment on table audit_events is 'Who did what, when. Append-only.';
comment on column audit_events.event_id is 'UUIDv7.';
comment on column audit_events.occurred_at is 'When.';
comment on column audit_events.action is 'The action of the policy that was used.';
comment on column audit_events.client_id is 'Who; null for the command line.';
comment on column audit_events.institution_id is 'In whose name; null for the bank.';
comment on column audit_events.subject_kind is 'What it was done to.';
comment on column audit_events.subject_id is 'Which one.';
comment on column audit_events.figures is 'Counts and codes. No personal data.';
create trigger audit_events_append_only
    before update or delete or truncate on audit_events
    for each statement execute function refuse_change();

grant select, insert on api_clients, idempotency_keys, audit_events to creditbank_app;
grant update (status, body) on idempotency_keys to creditbank_app;
grant delete on idempotency_keys to creditbank_app;
grant update (active) on api_clients to creditbank_app;

-- Readiness asks whether every migration was applied. The migration tool made this table.
grant select on __diesel_schema_migrations to creditbank_app;
