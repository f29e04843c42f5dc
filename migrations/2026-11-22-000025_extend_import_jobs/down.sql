drop table import_changes, import_approvals, import_settings;
alter table import_jobs
    drop constraint import_jobs_approval_check,
    drop constraint import_jobs_state_check,
    drop constraint import_jobs_ended_check,
    drop constraint import_jobs_trial_import_id_fkey,
    drop constraint import_jobs_lines_check,
    drop column lines,
    drop column approval_needed,
    drop column trial_import_id,
    add constraint import_jobs_state_check check (
        state in ('receiving', 'queued', 'finished', 'failed', 'cancelled')
    ),
    add constraint import_jobs_ended_check check (
        (state in ('finished', 'failed', 'cancelled')) = (ended_at is not null)
    );
