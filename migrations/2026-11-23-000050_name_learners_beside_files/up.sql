-- The transcript of one person names nobody: the learner is said beside the file (decision 0039).
create table import_job_learners (
    job_id uuid not null,
    digest bytea not null,
    sealed bytea,
    constraint import_job_learners_pkey primary key (job_id),
    constraint import_job_learners_job_id_fkey foreign key (job_id) references import_jobs,
    constraint import_job_learners_digest_check check (octet_length(digest) = 32)
);
comment on table import_job_learners is 'Whose transcript the file of a job is, where no column of it says so.';
comment on column import_job_learners.job_id is 'The job.';
comment on column import_job_learners.digest is 'Keyed digest of the institution and what it said: the same file for the same learner is recognised by it.';
comment on column import_job_learners.sealed is 'Numbers and name as they were said, sealed to the job; null once the bytes of the file are removed.';
grant select, insert on import_job_learners to creditbank_app;
grant update (sealed) on import_job_learners to creditbank_app;
select raise_wall('import_job_learners', '{bank}',
    'exists (select from import_jobs p where p.job_id = import_job_learners.job_id)',
    'Whoever sees the job.');
