-- A file may be called after a person: its name lies sealed like its bytes, and goes with them
-- (decision 0044). The columns that held it in the clear stay until servers of before are gone.
create table import_names (
    named_id uuid not null,
    institution_id uuid not null,
    sealed bytea,
    constraint import_names_pkey primary key (named_id),
    constraint import_names_institution_id_fkey foreign key (institution_id) references institutions
);
comment on table import_names is 'How institutions call the files of their jobs and imports.';
comment on column import_names.named_id is 'The job or the import.';
comment on column import_names.institution_id is 'Whose it is.';
comment on column import_names.sealed is 'The name, sealed to what it names; null once the bytes of the file are removed.';
create index import_names_kept_idx on import_names (named_id) where sealed is not null;
comment on index import_names_kept_idx is 'Names that are still kept.';
grant select, insert on import_names to creditbank_app;
grant update (sealed) on import_names to creditbank_app;
select raise_wall('import_names', '{bank,institution}', null, 'Its institution, and the bank.');

alter table imports alter column file_name set default '';
alter table import_jobs alter column file_name set default '';
comment on column imports.file_name is 'Empty: import_names has it. What servers of before wrote, housekeeping seals.';
comment on column import_jobs.file_name is 'Empty: import_names has it. What servers of before wrote, housekeeping seals.';
create index imports_clear_name_idx on imports (import_id) where file_name <> '';
comment on index imports_clear_name_idx is 'Names that are still to be sealed.';
create index import_jobs_clear_name_idx on import_jobs (job_id) where file_name <> '';
comment on index import_jobs_clear_name_idx is 'Names that are still to be sealed.';
grant update (file_name) on imports, import_jobs to creditbank_app;
