create table column_mappings (
    institution_id uuid not null,
    name text not null,
    mapping jsonb not null,
    saved_at timestamptz not null,
    constraint column_mappings_pkey primary key (institution_id, name),
    constraint column_mappings_institution_id_fkey foreign key (institution_id) references institutions
);
insert into column_mappings (institution_id, name, mapping, saved_at)
    select distinct on (institution_id, name) institution_id, name, mapping, saved_at
    from mapping_versions order by institution_id, name, version desc;
grant select, insert on column_mappings to creditbank_app;
grant update (mapping, saved_at) on column_mappings to creditbank_app;
alter table import_jobs
    drop constraint import_jobs_questions_check,
    drop column questions,
    drop constraint import_jobs_state_check,
    add constraint import_jobs_state_check check (state in (
        'receiving', 'queued', 'awaiting_approval', 'finished', 'failed', 'cancelled', 'declined'
    ));
drop table import_answers, import_questions, import_credits, import_mappings, mapping_versions;
