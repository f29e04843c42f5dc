-- Who was refused what, where a write came from, and who guesses at secrets.
--
-- Every write leaves its row of audit_events in its own transaction, as before; by which request it
-- came stands there now. What was refused has no transaction to be part of: it gets a table.

alter table audit_events
    add column roles text[],
    add column trace_id text,
    add column network text;
comment on column audit_events.roles is 'As what the actor acted.';
comment on column audit_events.trace_id is 'The request, as the log and the answer name it; null for the command line and the server''s own work.';
comment on column audit_events.network is 'The network it came from: /24 or /48, never a whole address.';

create table access_log (
    access_id uuid not null,
    occurred_at timestamptz not null,
    client_id uuid,
    person_id uuid,
    institution_id uuid,
    roles text[] not null,
    action text,
    route text not null,
    subject_kind text,
    subject_id uuid,
    status smallint not null,
    code text not null,
    network text,
    address_tag text,
    trace_id text not null,
    constraint access_log_pkey primary key (access_id),
    constraint access_log_status_check check (status between 400 and 599),
    constraint access_log_code_check check (code ~ '^[A-Z0-9_]{1,60}$'),
    constraint access_log_address_tag_check check (address_tag ~ '^[0-9a-f]{32}$'),
    constraint access_log_trace_id_check check (trace_id ~ '^[0-9a-f]{32}$')
);
comment on table access_log is 'Access that was refused: who is not known, may not, asked for what is not theirs, or asked too often. Append-only; forgotten by forget_access_log alone.';
comment on column access_log.access_id is 'UUIDv7.';
comment on column access_log.occurred_at is 'When.';
comment on column access_log.client_id is 'The program, where one was known.';
comment on column access_log.person_id is 'The person, where one was known.';
comment on column access_log.institution_id is 'For whom they acted.';
comment on column access_log.roles is 'As what they acted; empty for strangers.';
comment on column access_log.action is 'The action of the policy that was asked for; null where none is needed.';
comment on column access_log.route is 'Method and pattern of the address, never the address itself.';
comment on column access_log.subject_kind is 'What kind of thing the address names.';
comment on column access_log.subject_id is 'Which one, where it is an id or the number of a learner whom there is.';
comment on column access_log.status is 'The HTTP status answered.';
comment on column access_log.code is 'The code answered.';
comment on column access_log.network is 'The network it came from: /24 or /48.';
comment on column access_log.address_tag is 'A keyed digest of the whole address: tells one from another and names none.';
comment on column access_log.trace_id is 'The request, as the log and the answer name it.';
create index access_log_occurred_at_idx on access_log (occurred_at);

create trigger access_log_append_only
    before update or truncate on access_log
    for each statement execute function refuse_change();

create function refuse_early_forgetting() returns trigger
language plpgsql as $$
begin
    if old.occurred_at > clock_timestamp() - interval '180 days' then
        raise exception 'delete of % is refused: what is younger than 180 days is kept', tg_table_name
            using errcode = 'integrity_constraint_violation';
    end if;
    return old;
end
$$;
comment on function refuse_early_forgetting() is 'Keeps a log for half a year, from its owner too.';
create trigger access_log_kept
    before delete on access_log
    for each row execute function refuse_early_forgetting();

-- The one way out, and the only one the application has: it has no right to delete.
create function forget_access_log(before timestamptz) returns bigint
language sql security definer set search_path = public, pg_temp
begin atomic
    with forgotten as (
        delete from public.access_log l
        where l.occurred_at < least(before, clock_timestamp() - interval '181 days')
        returning 1
    )
    select count(*) from forgotten;
end;
comment on function forget_access_log(timestamptz) is 'Forgets what was refused before a moment, never of the last half year; says how much.';
revoke all on function forget_access_log(timestamptz) from public;
grant execute on function forget_access_log(timestamptz) to creditbank_app;

create table login_attempts (
    attempt_id uuid not null,
    pair_digest bytea not null,
    address_digest bytea not null,
    attempted_at timestamptz not null,
    constraint login_attempts_pkey primary key (attempt_id),
    constraint login_attempts_pair_digest_check check (octet_length(pair_digest) = 32),
    constraint login_attempts_address_digest_check check (octet_length(address_digest) = 32)
);
comment on table login_attempts is 'Secrets and assertions that proved nothing, or are being looked at: an account has few tries from one address, and an address few altogether, at all servers together. Forgotten after a while.';
comment on column login_attempts.attempt_id is 'UUIDv7.';
comment on column login_attempts.pair_digest is 'HMAC-SHA256 of account and address under the bank''s look-up key.';
comment on column login_attempts.address_digest is 'HMAC-SHA256 of the address alone.';
comment on column login_attempts.attempted_at is 'When.';
create index login_attempts_pair_idx on login_attempts (pair_digest, attempted_at);
create index login_attempts_address_idx on login_attempts (address_digest, attempted_at);
create index login_attempts_attempted_at_idx on login_attempts (attempted_at);

grant select, insert on access_log, login_attempts to creditbank_app;
grant delete on login_attempts to creditbank_app;
