-- The files that go back are kept beside those that came, and take room like them (decision 0044).
create table import_results (
    import_id uuid not null,
    file_id uuid not null,
    byte_count bigint not null,
    made_at timestamptz not null,
    constraint import_results_pkey primary key (import_id),
    constraint import_results_import_id_fkey foreign key (import_id) references imports,
    constraint import_results_file_id_fkey foreign key (file_id) references import_files,
    constraint import_results_byte_count_check check (byte_count >= 0)
);
comment on table import_results is 'Result files that are kept, as long as the bytes of the file that they were made from.';
comment on column import_results.import_id is 'What came of this import.';
comment on column import_results.file_id is 'The file with whose bytes it goes.';
comment on column import_results.byte_count is 'How large it is.';
comment on column import_results.made_at is 'When it was made first.';
create index import_results_file_id_idx on import_results (file_id);
comment on index import_results_file_id_idx is 'The results that are made from a file.';
grant select, insert on import_results to creditbank_app;
select raise_wall('import_results', '{bank}',
    'exists (select from imports p where p.import_id = import_results.import_id)',
    'Whoever sees the import.');
