-- Files in parts, sealed, and jobs that work at them. A file and its job outlive the process that
-- took them: whoever dies with a job leaves its lease behind, and another one goes on (decision 0026).
create table import_files (
    file_id uuid not null,
    institution_id uuid not null,
    byte_count bigint not null,
    received bigint not null,
    sha256 bytea,
    sealed_key bytea,
    created_at timestamptz not null,
    completed_at timestamptz,
    purged_at timestamptz,
    constraint import_files_pkey primary key (file_id),
    constraint import_files_institution_id_fkey foreign key (institution_id) references institutions,
    constraint import_files_received_check check (received between 0 and byte_count),
    constraint import_files_sha256_check check (octet_length(sha256) = 32),
    constraint import_files_completed_check
        check (completed_at is null or (received = byte_count and sha256 is not null)),
    constraint import_files_purged_check check ((purged_at is null) = (sealed_key is not null))
);
comment on table import_files is 'Files handed in, as they were sent. The bytes are sealed outside the database and go after some weeks; the row stays.';
comment on column import_files.file_id is 'UUIDv7; the seal holds for this file only.';
comment on column import_files.institution_id is 'Whose file it is.';
comment on column import_files.byte_count is 'Its size, as announced.';
comment on column import_files.received is 'How many of its bytes are here; the next part begins there.';
comment on column import_files.sha256 is 'Digest of its bytes: as announced until it is whole, as computed from then on. The same file again is recognised.';
comment on column import_files.sealed_key is 'The key of its bytes, sealed with the bank''s key; null once the file is purged, so that no copy of the bytes opens.';
comment on column import_files.created_at is 'When it was announced.';
comment on column import_files.completed_at is 'When it was whole.';
comment on column import_files.purged_at is 'When its bytes were removed.';
create index import_files_recognised_idx on import_files (institution_id, sha256);

create table import_file_parts (
    file_id uuid not null,
    starts_at bigint not null,
    byte_count bigint not null,
    blob text not null,
    constraint import_file_parts_pkey primary key (file_id, starts_at),
    constraint import_file_parts_file_id_fkey foreign key (file_id) references import_files,
    constraint import_file_parts_range_check check (starts_at >= 0 and byte_count > 0),
    constraint import_file_parts_blob_check check (blob ~ '^[0-9a-z-]{1,80}$')
);
comment on table import_file_parts is 'The parts in which a file arrived, each sealed by itself.';
comment on column import_file_parts.file_id is 'The file.';
comment on column import_file_parts.starts_at is 'Its first byte in the file, counted from 0.';
comment on column import_file_parts.byte_count is 'How many bytes of the file it holds.';
comment on column import_file_parts.blob is 'The name under which its sealed bytes are stored.';

create table import_jobs (
    job_id uuid not null,
    institution_id uuid not null,
    file_id uuid not null,
    file_name text not null,
    mode text not null,
    mapping jsonb,
    hand uuid not null,
    state text not null,
    import_id uuid,
    failure jsonb,
    created_at timestamptz not null,
    ended_at timestamptz,
    constraint import_jobs_pkey primary key (job_id),
    constraint import_jobs_institution_id_fkey foreign key (institution_id) references institutions,
    constraint import_jobs_file_id_fkey foreign key (file_id) references import_files,
    constraint import_jobs_import_id_fkey foreign key (import_id) references imports,
    constraint import_jobs_mode_check check (mode in ('dry_run', 'post')),
    constraint import_jobs_state_check check (
        state in ('receiving', 'queued', 'finished', 'failed', 'cancelled')
    ),
    constraint import_jobs_ended_check check (
        (state in ('finished', 'failed', 'cancelled')) = (ended_at is not null)
    ),
    constraint import_jobs_failure_check check ((state = 'failed') = (failure is not null))
);
comment on table import_jobs is 'What is to be done with a file.';
comment on column import_jobs.job_id is 'UUIDv7.';
comment on column import_jobs.institution_id is 'For whom.';
comment on column import_jobs.file_id is 'The file.';
comment on column import_jobs.file_name is 'As the institution calls it.';
comment on column import_jobs.mode is 'dry_run or post.';
comment on column import_jobs.mapping is 'How its columns are to be read, where that was said beside it.';
comment on column import_jobs.hand is 'Who handed it in: the person, else the client, else nil for the command line.';
comment on column import_jobs.state is 'receiving (bytes are missing), queued (waiting or under way), finished, failed (the file as a whole was refused) or cancelled.';
comment on column import_jobs.import_id is 'The import that it works at, once there is one.';
comment on column import_jobs.failure is 'The coded reason of a failed job: code, zh, en.';
comment on column import_jobs.created_at is 'When it was handed in.';
comment on column import_jobs.ended_at is 'When it ended.';
create index import_jobs_list_idx on import_jobs (institution_id, job_id);
create index import_jobs_file_id_idx on import_jobs (file_id);
-- One job works at an import.
create unique index import_jobs_import_id_key on import_jobs (import_id) where ended_at is null;

create table import_job_turns (
    job_id uuid not null,
    institution_id uuid not null,
    byte_count bigint not null,
    due_at timestamptz,
    worker uuid,
    tries smallint not null,
    last_turn_at timestamptz,
    worked_millis bigint not null,
    turn_began_at timestamptz,
    turn_lines bigint not null,
    bytes_read bigint not null,
    lines_read bigint not null,
    told_at timestamptz,
    cancel_asked_at timestamptz,
    constraint import_job_turns_pkey primary key (job_id),
    constraint import_job_turns_job_id_fkey foreign key (job_id) references import_jobs,
    constraint import_job_turns_institution_id_fkey
        foreign key (institution_id) references institutions,
    constraint import_job_turns_counts_check check (
        tries >= 0 and worked_millis >= 0 and turn_lines >= 0
        and bytes_read >= 0 and lines_read >= 0
    )
);
comment on table import_job_turns is 'Whose turn it is. Each turn is taken under a lease: a worker that dies leaves it behind.';
comment on column import_job_turns.job_id is 'The job.';
comment on column import_job_turns.institution_id is 'For whom: institutions take turns.';
comment on column import_job_turns.byte_count is 'The size of its file: of one institution the smallest goes first.';
comment on column import_job_turns.due_at is 'From when it may be taken; while somebody works at it, when the lease ends; null where there is nothing to do.';
comment on column import_job_turns.worker is 'Who has it; null while nobody does.';
comment on column import_job_turns.tries is 'How often in a row the ledger or the disk did not answer.';
comment on column import_job_turns.last_turn_at is 'When it last had a turn.';
comment on column import_job_turns.worked_millis is 'How long it was worked at, in the turns that ended.';
comment on column import_job_turns.turn_began_at is 'When the present turn began.';
comment on column import_job_turns.turn_lines is 'How many lines lay behind then.';
comment on column import_job_turns.bytes_read is 'How much of the file lies behind.';
comment on column import_job_turns.lines_read is 'How many lines lie behind.';
comment on column import_job_turns.told_at is 'When that was so.';
comment on column import_job_turns.cancel_asked_at is 'When somebody asked for its end; whoever works at it ends it after the lines in hand.';
create index import_job_turns_due_idx on import_job_turns (institution_id, due_at)
    where due_at is not null;
create index import_job_turns_last_idx on import_job_turns (institution_id, last_turn_at);

grant select, insert on import_files, import_file_parts, import_jobs, import_job_turns
    to creditbank_app;
grant update (received, sha256, sealed_key, completed_at, purged_at) on import_files
    to creditbank_app;
grant update (byte_count, blob) on import_file_parts to creditbank_app;
grant delete on import_file_parts to creditbank_app;
grant update (state, mapping, import_id, failure, ended_at) on import_jobs to creditbank_app;
grant update (due_at, worker, tries, last_turn_at, worked_millis, turn_began_at,
    turn_lines, bytes_read, lines_read, told_at, cancel_asked_at) on import_job_turns
    to creditbank_app;
