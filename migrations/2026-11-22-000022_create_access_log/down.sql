drop table login_attempts;
drop function forget_access_log(timestamptz);
drop table access_log;
drop function refuse_early_forgetting();
alter table audit_events
    drop column network,
    drop column trace_id,
    drop column roles;
