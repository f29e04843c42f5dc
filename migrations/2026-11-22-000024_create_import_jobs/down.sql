drop table import_job_turns, import_jobs, import_file_parts, import_files;
