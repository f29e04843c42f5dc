-- What was posted by a file although its institution wanted a second person and none said so.
-- A job keeps to what was wanted when it was handed in; a minute is left to whoever hands something
-- in while the setting is being changed. Files of requests post nothing and need nobody.
select i.import_id::text as id, i.institution_id
from imports i
join import_jobs j on j.import_id = i.import_id
left join import_approvals a using (job_id)
where i.mode = 'post' and j.approval_needed
    and (a.verdict is distinct from 'approve' or a.hand = j.hand)
union all
-- What was to be shown to the second person only.
select i.import_id::text, i.institution_id
from imports i
join import_jobs j on j.trial_import_id = i.import_id
where i.mode = 'post'
union all
-- By no job that needed nobody and by none that was approved.
select i.import_id::text, i.institution_id
from imports i
join import_settings s using (institution_id)
where i.mode = 'post' and s.approval_required
    and i.started_at > s.changed_at + interval '1 minute'
    and not exists (select from cohort_files c where c.import_id = i.import_id)
    and not exists (
        select from import_jobs j
        where j.import_id = i.import_id
            and (j.approval_needed or j.created_at <= s.changed_at + interval '1 minute')
    )
