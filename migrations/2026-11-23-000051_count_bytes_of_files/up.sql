-- What an institution's files come to is counted before another one is taken (decision 0039).
create index import_files_kept_idx on import_files (institution_id) where purged_at is null;
comment on index import_files_kept_idx is 'An institution''s files whose bytes are here or announced.';
