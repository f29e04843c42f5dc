drop table import_job_learners;
