-- A job that waits for somebody does so until a moment, and no file waits for ever (decision 0035).
alter table import_job_turns
    add column waits_until timestamptz,
    add constraint import_job_turns_waits_check check (waits_until is null or worker is null);
comment on column import_job_turns.waits_until is 'Until when the job waits for answers or for a second person; null where it waits for nobody.';
create index import_job_turns_waits_idx on import_job_turns (institution_id, waits_until)
    where waits_until is not null;

-- What waits already gets as long as a job of today.
update import_job_turns t
set waits_until = now() + interval '30 days'
from import_jobs j
where j.job_id = t.job_id and j.state in ('awaiting_answers', 'awaiting_approval');

grant update (waits_until) on import_job_turns to creditbank_app;
