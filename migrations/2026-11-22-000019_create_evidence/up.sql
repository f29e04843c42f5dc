-- What is known of a file that shows something; the file itself is sealed, outside the database.
create table evidence (
    learner_id uuid not null,
    request_id uuid not null,
    evidence_id uuid not null,
    kind text not null,
    media_type text not null,
    byte_count bigint not null,
    sha256 bytea not null,
    institution_id uuid,
    attached_by uuid not null,
    attached_at timestamptz not null,
    withdrawn_at timestamptz,
    withdrawn_by uuid,
    withdrawn_because text,
    purged_at timestamptz,
    constraint evidence_pkey primary key (learner_id, request_id, evidence_id),
    constraint evidence_request_fkey
        foreign key (learner_id, request_id) references conversion_requests,
    constraint evidence_institution_id_fkey foreign key (institution_id) references institutions,
    constraint evidence_kind_check check (kind in (
        'certificate', 'transcript', 'syllabus', 'attendance', 'other'
    )),
    constraint evidence_media_type_check check (media_type in (
        'application/pdf', 'image/jpeg', 'image/png', 'application/ofd'
    )),
    constraint evidence_byte_count_check check (byte_count between 1 and 10485760),
    constraint evidence_sha256_check check (octet_length(sha256) = 32),
    constraint evidence_withdrawn_check check (
        (withdrawn_at is null) = (withdrawn_by is null)
        and (withdrawn_at is null) = (withdrawn_because is null)
    ),
    constraint evidence_purged_check check (purged_at is null or withdrawn_at <= purged_at)
);
comment on table evidence is 'Files attached to conversion requests. Never deleted: what is withdrawn is marked, its file goes.';
comment on column evidence.learner_id is 'Whose request it is.';
comment on column evidence.request_id is 'The request.';
comment on column evidence.evidence_id is 'UUIDv7; the sealed file is kept under it.';
comment on column evidence.kind is 'What it is to show.';
comment on column evidence.media_type is 'What kind of file it is, by its bytes.';
comment on column evidence.byte_count is 'How many bytes it has, unsealed.';
comment on column evidence.sha256 is 'SHA-256 of these bytes.';
comment on column evidence.institution_id is 'For whom it was attached; null for the learner.';
comment on column evidence.attached_by is 'The person or client that did it; nil for the command line.';
comment on column evidence.attached_at is 'When.';
comment on column evidence.withdrawn_at is 'When it was taken back; from then on nobody is shown the file.';
comment on column evidence.withdrawn_by is 'The person or client that did it.';
comment on column evidence.withdrawn_because is 'Why, for the other side to read. No personal data.';
comment on column evidence.purged_at is 'When its key was destroyed: no copy of the file can be read since.';

-- The same file twice is one piece of evidence, unless the first was taken back.
create unique index evidence_standing_sha256_key on evidence (learner_id, request_id, sha256)
    where withdrawn_at is null;
create unique index evidence_evidence_id_key on evidence (evidence_id);
create index evidence_request_id_idx on evidence (request_id);
create index evidence_to_purge_idx on evidence (evidence_id)
    where withdrawn_at is not null and purged_at is null;

create trigger evidence_never_deleted
    before delete or truncate on evidence
    for each statement execute function refuse_change();
create trigger evidence_facts_append_only
    before update of learner_id, request_id, evidence_id, kind, media_type, byte_count, sha256,
        institution_id, attached_by, attached_at on evidence
    for each statement execute function refuse_change();

-- Each file has a key of its own, so that destroying it destroys every copy of the file.
create table identity.evidence_secrets (
    evidence_id uuid not null,
    learner_id uuid not null,
    sealed_key bytea not null,
    sealed_name bytea not null,
    constraint evidence_secrets_pkey primary key (evidence_id)
);
comment on table identity.evidence_secrets is 'Keys and names of evidence, sealed under the bank''s key. A row goes when its evidence is purged.';
comment on column identity.evidence_secrets.evidence_id is 'The evidence.';
comment on column identity.evidence_secrets.learner_id is 'Whose request it belongs to.';
comment on column identity.evidence_secrets.sealed_key is 'The key that seals the file.';
comment on column identity.evidence_secrets.sealed_name is 'What whoever attached it calls the file.';

-- What was attached as the answer to a question.
create table step_evidence (
    learner_id uuid not null,
    request_id uuid not null,
    step_no integer not null,
    evidence_id uuid not null,
    constraint step_evidence_pkey primary key (learner_id, request_id, step_no, evidence_id),
    constraint step_evidence_step_fkey
        foreign key (learner_id, request_id, step_no) references request_steps,
    constraint step_evidence_evidence_fkey
        foreign key (learner_id, request_id, evidence_id) references evidence
);
comment on table step_evidence is 'Which evidence an answer names. Append-only.';
comment on column step_evidence.learner_id is 'Whose request it is.';
comment on column step_evidence.request_id is 'The request.';
comment on column step_evidence.step_no is 'The answer.';
comment on column step_evidence.evidence_id is 'The evidence.';
create trigger step_evidence_append_only
    before update or delete or truncate on step_evidence
    for each statement execute function refuse_change();

grant select, insert on evidence, identity.evidence_secrets, step_evidence to creditbank_app;
grant update (withdrawn_at, withdrawn_by, withdrawn_because, purged_at) on evidence
    to creditbank_app;
grant delete on identity.evidence_secrets to creditbank_app;
