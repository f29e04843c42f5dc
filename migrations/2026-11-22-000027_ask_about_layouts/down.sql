insert into column_mappings (institution_id, name, mapping, saved_at)
    select distinct on (institution_id, name) institution_id, name, mapping, saved_at
    from mapping_versions order by institution_id, name, version desc
    on conflict on constraint column_mappings_pkey
    do update set mapping = excluded.mapping, saved_at = excluded.saved_at;
comment on table column_mappings is 'How an institution''s columns are to be read.';
alter table import_jobs
    drop constraint import_jobs_questions_check,
    drop column questions,
    drop constraint import_jobs_state_check,
    add constraint import_jobs_state_check check (state in (
        'receiving', 'queued', 'awaiting_approval', 'finished', 'failed', 'cancelled', 'declined'
    ));
drop table import_answers, import_questions, import_credits, import_mappings, mapping_versions;
