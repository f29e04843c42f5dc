alter table import_job_turns drop column waits_until;
