drop trigger conversion_requests_granted_on_grounds on conversion_requests;
drop function refuse_unfounded_grant();
alter table conversion_requests alter column requesting_institution_id set not null;
comment on column conversion_requests.requesting_institution_id is 'The school that asked.';
drop table request_resubmissions;
drop table conversion_drafts;
drop function refuse_change_of_ended_draft();
