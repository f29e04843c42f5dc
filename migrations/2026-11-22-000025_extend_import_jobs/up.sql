-- How the lines of a file stand together, and a second person's approval (decision 0027).
create table import_settings (
    institution_id uuid not null,
    approval_required boolean not null,
    changed_by uuid not null,
    changed_at timestamptz not null,
    constraint import_settings_pkey primary key (institution_id),
    constraint import_settings_institution_id_fkey
        foreign key (institution_id) references institutions
);
comment on table import_settings is 'What an institution wants of its imports; nothing special without a row.';
comment on column import_settings.institution_id is 'The institution.';
comment on column import_settings.approval_required is 'Whether a second person has to approve what is to be posted.';
comment on column import_settings.changed_by is 'Who said so last: the person, else the client, else nil for the command line.';
comment on column import_settings.changed_at is 'When.';

alter table import_jobs
    add column lines text not null default 'each',
    add column approval_needed boolean not null default false,
    add column trial_import_id uuid,
    add constraint import_jobs_lines_check check (lines in ('each', 'all_or_nothing')),
    add constraint import_jobs_trial_import_id_fkey
        foreign key (trial_import_id) references imports,
    drop constraint import_jobs_state_check,
    drop constraint import_jobs_ended_check,
    add constraint import_jobs_state_check check (state in (
        'receiving', 'queued', 'awaiting_approval', 'finished', 'failed', 'cancelled', 'declined'
    )),
    add constraint import_jobs_ended_check check (
        (state in ('finished', 'failed', 'cancelled', 'declined')) = (ended_at is not null)
    ),
    add constraint import_jobs_approval_check
        check (approval_needed or state not in ('awaiting_approval', 'declined'));
comment on column import_jobs.lines is 'each: good lines post and bad ones come back; all_or_nothing: every line posts or none.';
comment on column import_jobs.approval_needed is 'Whether a second person has to approve it, as the institution wanted when it was handed in.';
comment on column import_jobs.trial_import_id is 'The dry run that was, or will be, shown to whoever approves.';
comment on column import_jobs.state is 'receiving (bytes are missing), queued (waiting or under way), awaiting_approval, finished, failed (the file as a whole was refused), cancelled or declined.';

create table import_approvals (
    job_id uuid not null,
    hand uuid not null,
    verdict text not null,
    note text,
    decided_at timestamptz not null,
    constraint import_approvals_pkey primary key (job_id),
    constraint import_approvals_job_id_fkey foreign key (job_id) references import_jobs,
    constraint import_approvals_verdict_check check (verdict in ('approve', 'decline'))
);
comment on table import_approvals is 'What the second person said. Append-only.';
comment on column import_approvals.job_id is 'Of which job.';
comment on column import_approvals.hand is 'Who: the person, else the client, else nil for the command line; never who handed it in.';
comment on column import_approvals.verdict is 'approve or decline.';
comment on column import_approvals.note is 'What they added.';
comment on column import_approvals.decided_at is 'When.';
create trigger import_approvals_append_only
    before update or delete or truncate on import_approvals
    for each statement execute function refuse_change();

grant select, insert on import_settings, import_approvals to creditbank_app;
grant update (approval_required, changed_by, changed_at) on import_settings to creditbank_app;
grant update (trial_import_id) on import_jobs to creditbank_app;

-- What lines of files changed, so that the same line again changes nothing.
create table import_changes (
    institution_id uuid not null,
    change_sha256 bytea not null,
    correction_id uuid not null,
    import_id uuid not null,
    recorded_at timestamptz not null,
    constraint import_changes_pkey primary key (institution_id, change_sha256),
    constraint import_changes_institution_id_fkey
        foreign key (institution_id) references institutions,
    constraint import_changes_import_id_fkey foreign key (import_id) references imports,
    constraint import_changes_change_sha256_check check (octet_length(change_sha256) = 32)
);
comment on table import_changes is 'Corrections and withdrawals by lines of files. Append-only.';
comment on column import_changes.institution_id is 'Whose line it was.';
comment on column import_changes.change_sha256 is 'Digest of what the line said: the record, what becomes of it, the reason and the document. A later line that says the same was done already.';
comment on column import_changes.correction_id is 'The correction that it led to.';
comment on column import_changes.import_id is 'The import.';
comment on column import_changes.recorded_at is 'When.';
create trigger import_changes_append_only
    before update or delete or truncate on import_changes
    for each statement execute function refuse_change();
grant select, insert on import_changes to creditbank_app;
