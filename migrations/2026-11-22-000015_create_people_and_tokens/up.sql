-- People who act, what the token endpoint needs, and who read whose account.
--
-- What names a person, or how somebody else's system names them, is in the schema identity.

-- Expand only: more roles than before.
alter table api_clients
    drop constraint api_clients_roles_check,
    add constraint api_clients_roles_check check (
        cardinality(roles) > 0
        and roles <@ array['registrar', 'school_officer', 'reviewer', 'institution_admin',
                           'secretariat', 'regulator', 'auditor', 'learner']
    );

create table people (
    person_id uuid not null,
    created_at timestamptz not null,
    constraint people_pkey primary key (person_id)
);
comment on table people is 'People who act in the bank: staff of its members, and learners who signed in.';
comment on column people.person_id is 'UUIDv7. Nothing personal is kept here.';
comment on column people.created_at is 'When the bank first knew of this person.';

create table identity.person_names (
    person_id uuid not null,
    sealed bytea not null,
    created_at timestamptz not null,
    constraint person_names_pkey primary key (person_id),
    constraint person_names_person_id_fkey foreign key (person_id) references people
);
comment on table identity.person_names is 'What a person who acts is called.';
comment on column identity.person_names.person_id is 'Whose it is.';
comment on column identity.person_names.sealed is 'The name, XChaCha20-Poly1305: 24 bytes nonce, then the sealed text.';
comment on column identity.person_names.created_at is 'When it was first told.';

create table identity.person_logins (
    digest bytea not null,
    person_id uuid not null,
    issuer text not null,
    sealed bytea not null,
    created_at timestamptz not null,
    ended_at timestamptz,
    constraint person_logins_pkey primary key (digest),
    constraint person_logins_digest_check check (octet_length(digest) = 32),
    constraint person_logins_person_id_fkey foreign key (person_id) references people
);
comment on table identity.person_logins is 'By which logins at identity providers a person is known.';
comment on column identity.person_logins.digest is 'HMAC-SHA256 of issuer and subject under the bank''s look-up key.';
comment on column identity.person_logins.person_id is 'Whose it is.';
comment on column identity.person_logins.issuer is 'The provider.';
comment on column identity.person_logins.sealed is 'The provider''s subject, sealed as names are.';
comment on column identity.person_logins.created_at is 'When it was linked.';
comment on column identity.person_logins.ended_at is 'From when it counts no more; such a login is never linked again.';
create index person_logins_person_id_idx on identity.person_logins (person_id);

create table memberships (
    membership_id uuid not null,
    person_id uuid not null,
    institution_id uuid,
    roles text[] not null,
    from_at timestamptz not null,
    until_at timestamptz,
    given_at timestamptz not null,
    given_by uuid,
    ended_at timestamptz,
    ended_by uuid,
    constraint memberships_pkey primary key (membership_id),
    constraint memberships_person_id_fkey foreign key (person_id) references people,
    constraint memberships_institution_id_fkey foreign key (institution_id) references institutions,
    constraint memberships_roles_check check (
        cardinality(roles) > 0
        and roles <@ array['registrar', 'school_officer', 'reviewer', 'institution_admin',
                           'secretariat', 'regulator', 'auditor']
    ),
    constraint memberships_until_at_check check (until_at > from_at),
    constraint memberships_ended_check check (ended_by is null or ended_at is not null)
);
comment on table memberships is 'What a person is, and for whom. Ended, never deleted.';
comment on column memberships.membership_id is 'UUIDv7.';
comment on column memberships.person_id is 'Who.';
comment on column memberships.institution_id is 'For whom; null for the bank itself.';
comment on column memberships.roles is 'As what.';
comment on column memberships.from_at is 'From when it counts.';
comment on column memberships.until_at is 'Until when; null without an end.';
comment on column memberships.given_at is 'When it was given.';
comment on column memberships.given_by is 'By which person; null for the command line and for programs, which the audit event names.';
comment on column memberships.ended_at is 'From when it was taken away.';
comment on column memberships.ended_by is 'By which person; null as above.';
create index memberships_person_id_idx on memberships (person_id);
create unique index memberships_standing_key on memberships (person_id, institution_id)
    nulls not distinct where ended_at is null;

create table person_accounts (
    learner_id uuid not null,
    person_id uuid not null,
    code_id uuid,
    linked_at timestamptz not null,
    ended_at timestamptz,
    constraint person_accounts_pkey primary key (learner_id, person_id, linked_at),
    constraint person_accounts_person_id_fkey foreign key (person_id) references people
);
comment on table person_accounts is 'Whose own account it is, once they signed in and proved it. Ended, never deleted.';
comment on column person_accounts.learner_id is 'The account.';
comment on column person_accounts.person_id is 'Who.';
comment on column person_accounts.code_id is 'The claim code that proved it; null for the command line.';
comment on column person_accounts.linked_at is 'When.';
comment on column person_accounts.ended_at is 'From when it counts no more.';
create unique index person_accounts_learner_key on person_accounts (learner_id)
    where ended_at is null;
create unique index person_accounts_person_key on person_accounts (person_id)
    where ended_at is null;

create table claim_codes (
    code_id uuid not null,
    digest bytea not null,
    learner_id uuid not null,
    institution_id uuid not null,
    issued_at timestamptz not null,
    issued_by_client uuid,
    issued_by_person uuid,
    expires_at timestamptz not null,
    used_at timestamptz,
    used_by uuid,
    constraint claim_codes_pkey primary key (code_id),
    constraint claim_codes_digest_key unique (digest),
    constraint claim_codes_digest_check check (octet_length(digest) = 32),
    constraint claim_codes_institution_id_fkey foreign key (institution_id) references institutions,
    constraint claim_codes_expires_at_check check (expires_at > issued_at),
    constraint claim_codes_used_check check ((used_at is null) = (used_by is null))
);
comment on table claim_codes is 'Codes by which a learner who signed in proves which account is theirs; each counts once.';
comment on column claim_codes.code_id is 'UUIDv7.';
comment on column claim_codes.digest is 'HMAC-SHA256 of the code under the bank''s look-up key; the code itself is told once.';
comment on column claim_codes.learner_id is 'The account.';
comment on column claim_codes.institution_id is 'Who handed it out.';
comment on column claim_codes.issued_at is 'When.';
comment on column claim_codes.issued_by_client is 'The program that asked for it.';
comment on column claim_codes.issued_by_person is 'The person who asked for it.';
comment on column claim_codes.expires_at is 'Until when it counts.';
comment on column claim_codes.used_at is 'When it was redeemed.';
comment on column claim_codes.used_by is 'By whom.';
create index claim_codes_learner_id_idx on claim_codes (learner_id);

create table claim_attempts (
    login_digest bytea not null,
    attempted_at timestamptz not null,
    attempt_id uuid not null,
    constraint claim_attempts_pkey primary key (login_digest, attempted_at, attempt_id),
    constraint claim_attempts_digest_check check (octet_length(login_digest) = 32)
);
comment on table claim_attempts is 'Codes that were tried and were none: a login has few tries an hour, at all servers together.';
comment on column claim_attempts.login_digest is 'The login, as identity.person_logins names it.';
comment on column claim_attempts.attempted_at is 'When.';
comment on column claim_attempts.attempt_id is 'UUIDv7.';
create index claim_attempts_attempted_at_idx on claim_attempts (attempted_at);

create table client_secrets (
    secret_id uuid not null,
    client_id uuid not null,
    hash text not null,
    created_at timestamptz not null,
    expires_at timestamptz,
    revoked_at timestamptz,
    constraint client_secrets_pkey primary key (secret_id),
    constraint client_secrets_client_id_fkey foreign key (client_id) references api_clients,
    constraint client_secrets_hash_check check (hash like '$argon2id$%')
);
comment on table client_secrets is 'Secrets by which clients get tokens; several at once, so that one can follow another.';
comment on column client_secrets.secret_id is 'Random; a part of the secret, so that only one hash is tried.';
comment on column client_secrets.client_id is 'Whose it is.';
comment on column client_secrets.hash is 'Argon2id with salt and cost; the secret itself is told once.';
comment on column client_secrets.created_at is 'When.';
comment on column client_secrets.expires_at is 'Until when it counts; null without an end.';
comment on column client_secrets.revoked_at is 'When it was taken away.';
create index client_secrets_client_id_idx on client_secrets (client_id);

create table client_keys (
    client_id uuid not null,
    kid text not null,
    algorithm text not null,
    jwk jsonb not null,
    created_at timestamptz not null,
    revoked_at timestamptz,
    constraint client_keys_pkey primary key (client_id, kid),
    constraint client_keys_client_id_fkey foreign key (client_id) references api_clients,
    constraint client_keys_algorithm_check check (algorithm in ('EdDSA', 'ES256', 'RS256'))
);
comment on table client_keys is 'Public keys by which clients prove who they are with private_key_jwt.';
comment on column client_keys.client_id is 'Whose it is.';
comment on column client_keys.kid is 'The client''s name for it.';
comment on column client_keys.algorithm is 'The one algorithm it is for.';
comment on column client_keys.jwk is 'The public key as RFC 7517 writes it.';
comment on column client_keys.created_at is 'When.';
comment on column client_keys.revoked_at is 'When it was taken away.';

create table used_assertions (
    digest bytea not null,
    expires_at timestamptz not null,
    constraint used_assertions_pkey primary key (digest),
    constraint used_assertions_digest_check check (octet_length(digest) = 32)
);
comment on table used_assertions is 'Assertions of private_key_jwt that were taken: none is taken twice.';
comment on column used_assertions.digest is 'HMAC-SHA256 of client and jti under the bank''s look-up key.';
comment on column used_assertions.expires_at is 'When it has ended anyway and can be forgotten.';
create index used_assertions_expires_at_idx on used_assertions (expires_at);

create table signing_keys (
    kid text not null,
    state text not null,
    public_key bytea not null,
    sealed bytea not null,
    created_at timestamptz not null,
    current_at timestamptz,
    retired_at timestamptz,
    constraint signing_keys_pkey primary key (kid),
    constraint signing_keys_state_check check (state in ('next', 'current', 'retired', 'revoked')),
    constraint signing_keys_public_key_check check (octet_length(public_key) = 32),
    constraint signing_keys_times_check check (
        (state = 'next') = (current_at is null)
        and (state in ('retired', 'revoked')) = (retired_at is not null)
    )
);
comment on table signing_keys is 'Ed25519 keys with which the bank signs access tokens. next: published, signs nothing yet; current: signs; retired: only confirms what it signed; revoked: was lost, and confirms nothing.';
comment on column signing_keys.kid is 'The name in the header of tokens.';
comment on column signing_keys.state is 'next, current, retired or revoked.';
comment on column signing_keys.public_key is 'What confirms; published.';
comment on column signing_keys.sealed is 'What signs, sealed as names are.';
comment on column signing_keys.created_at is 'When it was made and published.';
comment on column signing_keys.current_at is 'When it began to sign.';
comment on column signing_keys.retired_at is 'When it signed for the last time.';
create unique index signing_keys_current_key on signing_keys (state) where state = 'current';
create unique index signing_keys_next_key on signing_keys (state) where state = 'next';

alter table audit_events add column person_id uuid;
comment on column audit_events.person_id is 'The person who acted, where one was signed in.';

create table readings (
    learner_id uuid not null,
    reading_id uuid not null,
    read_at timestamptz not null,
    what text not null,
    institution_id uuid,
    client_id uuid,
    person_id uuid,
    purpose text,
    constraint readings_pkey primary key (learner_id, reading_id),
    constraint readings_purpose_check check (char_length(purpose) <= 200)
);
comment on table readings is 'Who read a learner''s account other than the learner. Append-only.';
comment on column readings.learner_id is 'Whose account.';
comment on column readings.reading_id is 'UUIDv7.';
comment on column readings.read_at is 'When it was asked for.';
comment on column readings.what is 'What was shown.';
comment on column readings.institution_id is 'For whom it was read.';
comment on column readings.client_id is 'By which program.';
comment on column readings.person_id is 'By which person.';
comment on column readings.purpose is 'Why, where the reader said so.';
create trigger readings_append_only
    before update or delete or truncate on readings
    for each statement execute function refuse_change();

create trigger people_append_only
    before update or delete or truncate on people
    for each statement execute function refuse_change();
create trigger memberships_never_deleted
    before delete or truncate on memberships
    for each statement execute function refuse_change();
create trigger memberships_facts_append_only
    before update of membership_id, person_id, institution_id, roles, from_at, until_at, given_at,
        given_by on memberships
    for each statement execute function refuse_change();
create trigger person_accounts_never_deleted
    before delete or truncate on person_accounts
    for each statement execute function refuse_change();
create trigger claim_codes_never_deleted
    before delete or truncate on claim_codes
    for each statement execute function refuse_change();
create trigger claim_codes_facts_append_only
    before update of code_id, digest, learner_id, institution_id, issued_at, issued_by_client,
        issued_by_person, expires_at on claim_codes
    for each statement execute function refuse_change();
create trigger client_secrets_never_deleted
    before delete or truncate on client_secrets
    for each statement execute function refuse_change();

grant select, insert on people, identity.person_names, identity.person_logins, memberships,
    person_accounts, claim_codes, claim_attempts, client_secrets, client_keys, used_assertions,
    signing_keys, readings to creditbank_app;
grant update (ended_at) on identity.person_logins, person_accounts to creditbank_app;
grant update (ended_at, ended_by) on memberships to creditbank_app;
grant update (used_at, used_by) on claim_codes to creditbank_app;
grant update (revoked_at) on client_secrets, client_keys to creditbank_app;
grant update (state, current_at, retired_at) on signing_keys to creditbank_app;
grant delete on claim_attempts, used_assertions to creditbank_app;
