-- What a file's layout means is asked where nobody has said it, and remembered by versions
-- (decision 0031).
create table mapping_versions (
    institution_id uuid not null,
    name text not null,
    version integer not null,
    mapping jsonb not null,
    hand uuid not null,
    saved_at timestamptz not null,
    constraint mapping_versions_pkey primary key (institution_id, name, version),
    constraint mapping_versions_institution_id_fkey
        foreign key (institution_id) references institutions,
    constraint mapping_versions_version_check check (version > 0)
);
comment on table mapping_versions is 'How an institution''s files are to be read; the last version of a name holds. Append-only.';
comment on column mapping_versions.institution_id is 'Whose layout it is.';
comment on column mapping_versions.name is 'The institution''s name for it, or the digest of its header row.';
comment on column mapping_versions.version is 'Counted from 1.';
comment on column mapping_versions.mapping is 'Field by field, as the import understands it.';
comment on column mapping_versions.hand is 'Who said so: the person, else the client, else nil for the command line.';
comment on column mapping_versions.saved_at is 'When.';
create trigger mapping_versions_append_only
    before update or delete or truncate on mapping_versions
    for each statement execute function refuse_change();
insert into mapping_versions (institution_id, name, version, mapping, hand, saved_at)
    select institution_id, name, 1, mapping, '00000000-0000-0000-0000-000000000000', saved_at
    from column_mappings;
comment on table column_mappings is 'How an institution''s columns were read before there were versions; read and written by nothing since, and dropped when no server of before is left.';

create table import_mappings (
    import_id uuid not null,
    institution_id uuid not null,
    name text,
    version integer,
    constraint import_mappings_pkey primary key (import_id),
    constraint import_mappings_import_id_fkey foreign key (import_id) references imports,
    constraint import_mappings_version_fkey
        foreign key (institution_id, name, version) references mapping_versions,
    constraint import_mappings_version_check check ((name is null) = (version is null))
);
comment on table import_mappings is 'Which mapping an import is read by, from its first line to its last. Append-only.';
comment on column import_mappings.import_id is 'The import.';
comment on column import_mappings.institution_id is 'Whose it is.';
comment on column import_mappings.name is 'Under which name the mapping is kept; null where the known headings were enough.';
comment on column import_mappings.version is 'Which version of it.';
create trigger import_mappings_append_only
    before update or delete or truncate on import_mappings
    for each statement execute function refuse_change();

create table import_credits (
    import_id uuid not null,
    unit text not null,
    hundredths bigint not null,
    constraint import_credits_pkey primary key (import_id, unit),
    constraint import_credits_import_id_fkey foreign key (import_id) references imports,
    constraint import_credits_hundredths_check check (hundredths > 0)
);
comment on table import_credits is 'What the lines of an import earned when they were posted, or would have in a dry run.';
comment on column import_credits.import_id is 'The import.';
comment on column import_credits.unit is 'Of which unit.';
comment on column import_credits.hundredths is 'How much, in hundredths.';

create table import_questions (
    job_id uuid not null,
    round integer not null,
    layout text not null,
    sealed bytea,
    asked_at timestamptz not null,
    constraint import_questions_pkey primary key (job_id, round),
    constraint import_questions_job_id_fkey foreign key (job_id) references import_jobs,
    constraint import_questions_round_check check (round > 0)
);
comment on table import_questions is 'What a job asks before a line of its file is read.';
comment on column import_questions.job_id is 'Which job.';
comment on column import_questions.round is 'Counted from 1: an answer may lead to more questions.';
comment on column import_questions.layout is 'The name under which the answer is kept.';
comment on column import_questions.sealed is 'The questions, sealed, for their samples are out of the file; null once they are answered or the job is over.';
comment on column import_questions.asked_at is 'When.';

create table import_answers (
    job_id uuid not null,
    round integer not null,
    institution_id uuid not null,
    name text not null,
    version integer not null,
    hand uuid not null,
    answered_at timestamptz not null,
    constraint import_answers_pkey primary key (job_id, round),
    constraint import_answers_round_fkey
        foreign key (job_id, round) references import_questions,
    constraint import_answers_version_fkey
        foreign key (institution_id, name, version) references mapping_versions
);
comment on table import_answers is 'The answers, as the mapping that they made. Append-only.';
comment on column import_answers.job_id is 'Which job asked.';
comment on column import_answers.round is 'Which of its questions.';
comment on column import_answers.institution_id is 'Whose mapping it is.';
comment on column import_answers.name is 'Under which name it is kept.';
comment on column import_answers.version is 'Which version of it the answer made.';
comment on column import_answers.hand is 'Who answered: the person, else the client, else nil for the command line.';
comment on column import_answers.answered_at is 'When.';
create trigger import_answers_append_only
    before update or delete or truncate on import_answers
    for each statement execute function refuse_change();

alter table import_jobs
    add column questions text not null default 'none',
    add constraint import_jobs_questions_check check (questions in ('all', 'columns', 'none')),
    drop constraint import_jobs_state_check,
    add constraint import_jobs_state_check check (state in (
        'receiving', 'queued', 'awaiting_answers', 'awaiting_approval', 'finished', 'failed',
        'cancelled', 'declined'
    ));
comment on column import_jobs.questions is 'What it asks where nobody has said it: all, columns alone, or none; what is not asked is rejected.';
comment on column import_jobs.state is 'receiving (bytes are missing), queued (waiting or under way), awaiting_answers, awaiting_approval, finished, failed (the file as a whole was refused), cancelled or declined.';

grant select, insert on mapping_versions, import_mappings, import_credits, import_questions,
    import_answers to creditbank_app;
grant update (hundredths) on import_credits to creditbank_app;
grant update (sealed) on import_questions to creditbank_app;
grant update (questions) on import_jobs to creditbank_app;
