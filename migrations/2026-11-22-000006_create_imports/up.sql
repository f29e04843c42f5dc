create table imports (
    import_id uuid not null,
    institution_id uuid not null,
    file_name text not null,
    file_sha256 bytea not null,
    reading_sha256 bytea not null,
    byte_count bigint not null,
    mode text not null,
    state text not null,
    cursor_line bigint not null,
    posted bigint not null,
    already_posted bigint not null,
    rejected bigint not null,
    accounts_opened bigint not null,
    failure jsonb,
    started_at timestamptz not null,
    finished_at timestamptz,
    constraint imports_pkey primary key (import_id),
    constraint imports_institution_id_fkey foreign key (institution_id) references institutions,
    constraint imports_file_sha256_check check (octet_length(file_sha256) = 32),
    constraint imports_reading_sha256_check check (octet_length(reading_sha256) = 32),
    constraint imports_mode_check check (mode in ('dry_run', 'post')),
    constraint imports_state_check check (state in ('running', 'finished', 'failed')),
    constraint imports_finished_check check ((state = 'running') = (finished_at is null)),
    constraint imports_failure_check check ((state = 'failed') = (failure is not null)),
    constraint imports_counts_check check (
        cursor_line >= 0 and posted >= 0 and already_posted >= 0 and rejected >= 0
        and accounts_opened >= 0
    )
);
comment on table imports is 'Files handed in. The counts and the cursor move in the transaction that posts the lines.';
comment on column imports.import_id is 'UUIDv7.';
comment on column imports.institution_id is 'Whose file it is.';
comment on column imports.file_name is 'As handed in.';
comment on column imports.file_sha256 is 'Digest of its bytes: the same file again is recognised.';
comment on column imports.reading_sha256 is 'Digest of what was said beside the file: its column mapping, and whose transcript it is by a keyed name. No personal data.';
comment on column imports.byte_count is 'Its size.';
comment on column imports.mode is 'dry_run or post.';
comment on column imports.state is 'running, finished, or failed where the file as a whole cannot be read.';
comment on column imports.cursor_line is 'The last line that is done; a killed import goes on behind it.';
comment on column imports.posted is 'Lines that became outcomes.';
comment on column imports.already_posted is 'Lines whose outcome was there.';
comment on column imports.rejected is 'Lines sent back with a reason.';
comment on column imports.accounts_opened is 'Learners that were not known before.';
comment on column imports.failure is 'The coded reason of a failed import: code, zh, en.';
comment on column imports.started_at is 'When it was opened.';
comment on column imports.finished_at is 'When it ended.';
-- One running import a file and a way to read it: two processes given the same go on with the same
-- one, and what was read one way never goes on another way in the midst of the file.
create unique index imports_running_file_key
    on imports (institution_id, file_sha256, mode, reading_sha256) where state = 'running';

create table import_lines (
    import_id uuid not null,
    line_no bigint not null,
    status text not null,
    faults jsonb not null,
    constraint import_lines_pkey primary key (import_id, line_no),
    constraint import_lines_import_id_fkey foreign key (import_id) references imports,
    constraint import_lines_status_check check (status in ('posted', 'already_posted', 'rejected'))
);
comment on table import_lines is 'What is worth saying of a line. A line up to the cursor that has no row here was posted and earned its lots. Append-only.';
comment on column import_lines.import_id is 'The import.';
comment on column import_lines.line_no is 'The line in the institution''s own file, counted from 1.';
comment on column import_lines.status is 'posted, already_posted or rejected.';
comment on column import_lines.faults is 'Coded reasons: a list of code, zh, en. No personal data.';
create trigger import_lines_append_only
    before update or delete or truncate on import_lines
    for each statement execute function refuse_change();

create table column_mappings (
    institution_id uuid not null,
    name text not null,
    mapping jsonb not null,
    saved_at timestamptz not null,
    constraint column_mappings_pkey primary key (institution_id, name),
    constraint column_mappings_institution_id_fkey foreign key (institution_id) references institutions
);
comment on table column_mappings is 'How an institution''s columns are to be read.';
comment on column column_mappings.institution_id is 'Whose layout it is.';
comment on column column_mappings.name is 'The institution''s name for it, or the digest of its header row.';
comment on column column_mappings.mapping is 'Field by field, as the import understands it.';
comment on column column_mappings.saved_at is 'When it was last saved.';

grant select, insert on imports, import_lines, column_mappings to creditbank_app;
grant update (state, cursor_line, posted, already_posted, rejected, accounts_opened, failure,
    finished_at) on imports to creditbank_app;
grant update (mapping, saved_at) on column_mappings to creditbank_app;
