drop index import_files_kept_idx;
