-- Webhooks: what the change feed tells an institution is sent to addresses of its own. Everything
-- here is made behind the feed, outside the posting path (decision 0020).
create table webhook_endpoints (
    endpoint_id uuid not null,
    institution_id uuid not null,
    url text not null,
    kinds text[] not null,
    state text not null,
    paused_because text,
    cursor_seq bigint not null,
    failing_since timestamptz,
    rest_until timestamptz,
    created_at timestamptz not null,
    changed_at timestamptz not null,
    constraint webhook_endpoints_pkey primary key (endpoint_id),
    constraint webhook_endpoints_institution_id_fkey
        foreign key (institution_id) references institutions,
    constraint webhook_endpoints_url_check check (url ~ '^https?://' and length(url) <= 2000),
    constraint webhook_endpoints_state_check check (state in ('active', 'paused', 'ended')),
    constraint webhook_endpoints_paused_because_check check (
        (state = 'paused') = (paused_because is not null)
        and paused_because in ('asked', 'failing', 'gone')
    ),
    constraint webhook_endpoints_cursor_seq_check check (cursor_seq >= 0)
);
comment on table webhook_endpoints is 'Where an institution is told of its events.';
comment on column webhook_endpoints.endpoint_id is 'UUIDv7.';
comment on column webhook_endpoints.institution_id is 'Whose it is, and whose events it is told.';
comment on column webhook_endpoints.url is 'Where deliveries are sent.';
comment on column webhook_endpoints.kinds is 'Which kinds of events are wanted; all where empty.';
comment on column webhook_endpoints.state is 'active, paused (nothing is sent, nothing is lost) or ended for good.';
comment on column webhook_endpoints.paused_because is 'asked by its keeper, failing for days, or gone: it answered 410.';
comment on column webhook_endpoints.cursor_seq is 'The last event of its institution that was handed out as a delivery or passed over as not wanted.';
comment on column webhook_endpoints.failing_since is 'Since when no delivery got through; null while they do.';
comment on column webhook_endpoints.rest_until is 'Until when nothing more is tried at a failing endpoint.';
comment on column webhook_endpoints.created_at is 'When it was registered.';
comment on column webhook_endpoints.changed_at is 'When its state was last changed.';
create index webhook_endpoints_institution_id_idx on webhook_endpoints (institution_id, endpoint_id);

create table webhook_secrets (
    secret_id uuid not null,
    endpoint_id uuid not null,
    sealed bytea not null,
    created_at timestamptz not null,
    ends_at timestamptz,
    constraint webhook_secrets_pkey primary key (secret_id),
    constraint webhook_secrets_endpoint_id_fkey
        foreign key (endpoint_id) references webhook_endpoints
);
comment on table webhook_secrets is 'What deliveries are signed with: one, or several while one replaces another.';
comment on column webhook_secrets.secret_id is 'UUIDv7; the seal holds for this row only.';
comment on column webhook_secrets.endpoint_id is 'Whose it is.';
comment on column webhook_secrets.sealed is 'The secret, sealed with the bank''s key. It is shown once, when it is made.';
comment on column webhook_secrets.created_at is 'When it was made.';
comment on column webhook_secrets.ends_at is 'From when it signs no more; null for the newest.';
create index webhook_secrets_endpoint_id_idx on webhook_secrets (endpoint_id);

create table webhook_deliveries (
    delivery_id uuid not null,
    endpoint_id uuid not null,
    seq bigint,
    state text not null,
    attempts smallint not null,
    next_attempt_at timestamptz,
    last_status smallint,
    last_error text,
    created_at timestamptz not null,
    last_attempt_at timestamptz,
    constraint webhook_deliveries_pkey primary key (delivery_id),
    constraint webhook_deliveries_endpoint_id_fkey
        foreign key (endpoint_id) references webhook_endpoints,
    -- Whatever goes wrong, an event is handed out to an endpoint once.
    constraint webhook_deliveries_endpoint_id_seq_key unique (endpoint_id, seq),
    constraint webhook_deliveries_state_check
        check (state in ('pending', 'failed', 'delivered', 'given_up')),
    constraint webhook_deliveries_open_check
        check ((state in ('pending', 'failed')) = (next_attempt_at is not null)),
    constraint webhook_deliveries_attempts_check check (attempts >= 0),
    constraint webhook_deliveries_last_error_check check (last_error ~ '^[A-Z_]{1,40}$')
);
comment on table webhook_deliveries is 'One event for one endpoint, until it is delivered or given up. Settled ones are forgotten after some weeks.';
comment on column webhook_deliveries.delivery_id is 'UUIDv7; the webhook-id, the same at every attempt.';
comment on column webhook_deliveries.endpoint_id is 'Whereto.';
comment on column webhook_deliveries.seq is 'The event; null for a ping.';
comment on column webhook_deliveries.state is 'pending, failed (tried, will be again), delivered or given_up.';
comment on column webhook_deliveries.attempts is 'How often it was tried, the attempt under way included.';
comment on column webhook_deliveries.next_attempt_at is 'When it is due; while an attempt is under way, when it would be taken for lost.';
comment on column webhook_deliveries.last_status is 'The HTTP status of the last answer.';
comment on column webhook_deliveries.last_error is 'Why the last attempt failed, as a code. Nothing of an answer''s body is kept.';
comment on column webhook_deliveries.created_at is 'When it was handed out.';
comment on column webhook_deliveries.last_attempt_at is 'When it was last tried.';
create index webhook_deliveries_due_idx
    on webhook_deliveries (endpoint_id, next_attempt_at) where next_attempt_at is not null;
create index webhook_deliveries_list_idx on webhook_deliveries (endpoint_id, delivery_id);
create index webhook_deliveries_settled_idx
    on webhook_deliveries (last_attempt_at) where next_attempt_at is null;

grant select, insert on webhook_endpoints, webhook_secrets, webhook_deliveries to creditbank_app;
grant update (state, paused_because, cursor_seq, failing_since, rest_until, changed_at)
    on webhook_endpoints to creditbank_app;
grant update (ends_at) on webhook_secrets to creditbank_app;
grant update (state, attempts, next_attempt_at, last_status, last_error, last_attempt_at)
    on webhook_deliveries to creditbank_app;
grant delete on webhook_deliveries to creditbank_app;
