revoke update (file_name) on imports, import_jobs from creditbank_app;
drop index import_jobs_clear_name_idx;
drop index imports_clear_name_idx;
comment on column import_jobs.file_name is 'As the institution calls it.';
comment on column imports.file_name is 'As handed in.';
alter table import_jobs alter column file_name drop default;
alter table imports alter column file_name drop default;
drop table import_names;
