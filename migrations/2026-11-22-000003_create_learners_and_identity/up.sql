create table learners (
    learner_id uuid not null,
    learner_no text not null,
    opened_by uuid not null,
    opened_at timestamptz not null,
    constraint learners_pkey primary key (learner_id)
);
comment on table learners is '学习者: a person''s account. Holds nothing personal.';
comment on column learners.learner_id is 'UUIDv7; the first column of every key of what a learner owns.';
comment on column learners.learner_no is 'Our own number, with its check character; unique through learner_numbers.';
comment on column learners.opened_by is 'The institution that opened the account.';
comment on column learners.opened_at is 'When.';

create table learner_numbers (
    learner_no text not null,
    learner_id uuid not null,
    constraint learner_numbers_pkey primary key (learner_no)
);
comment on table learner_numbers is 'Which learner has a number: what is unique across learners has a table of its own.';
comment on column learner_numbers.learner_no is 'The number.';
comment on column learner_numbers.learner_id is 'Whose it is.';

create table identity.identifiers (
    digest bytea not null,
    learner_id uuid not null,
    kind text not null,
    institution_id uuid,
    sealed bytea not null,
    created_at timestamptz not null,
    constraint identifiers_pkey primary key (digest),
    constraint identifiers_digest_check check (octet_length(digest) = 32),
    constraint identifiers_kind_check check (
        kind in ('resident_id', 'residence_permit', 'foreign_permanent_residence',
                 'hk_macao_travel_permit', 'taiwan_travel_permit', 'passport', 'student_number')
    ),
    constraint identifiers_institution_id_check check (
        (kind = 'student_number') = (institution_id is not null)
    )
);
comment on table identity.identifiers is 'The identifiers by which a learner is known outside.';
comment on column identity.identifiers.digest is 'HMAC-SHA256 of kind, institution and canonical value, under the bank''s look-up key.';
comment on column identity.identifiers.learner_id is 'Whose it is.';
comment on column identity.identifiers.kind is 'What it is.';
comment on column identity.identifiers.institution_id is 'Whose student number it is; null for what a state gave.';
comment on column identity.identifiers.sealed is 'The canonical value, XChaCha20-Poly1305: 24 bytes nonce, then the sealed text.';
comment on column identity.identifiers.created_at is 'When it was first seen.';
create index identifiers_learner_id_idx on identity.identifiers (learner_id);

create table identity.names (
    learner_id uuid not null,
    sealed bytea not null,
    created_at timestamptz not null,
    constraint names_pkey primary key (learner_id)
);
comment on table identity.names is 'What a learner is called.';
comment on column identity.names.learner_id is 'Whose it is.';
comment on column identity.names.sealed is 'The name, XChaCha20-Poly1305: 24 bytes nonce, then the sealed text.';
comment on column identity.names.created_at is 'When it was first seen.';

create table identity.key_checks (
    key_check bytea not null,
    created_at timestamptz not null,
    constraint key_checks_pkey primary key (key_check)
);
comment on table identity.key_checks is 'Proves at start that the configured key is the one that sealed what is here.';
comment on column identity.key_checks.key_check is 'HMAC-SHA256 of a fixed text under the bank''s look-up key.';
comment on column identity.key_checks.created_at is 'When the key was first used.';

grant select, insert on learners, learner_numbers, identity.identifiers, identity.names,
    identity.key_checks to creditbank_app;
