-- A file that asks for the conversion of a cohort: what its lines have in common, and which request
-- each line became. The file itself is an import as any other one; its id is the cohort's.
create table cohort_files (
    import_id uuid not null,
    receiving_code text not null,
    programme_code text not null,
    rule_set_code text,
    reference text not null,
    basis text,
    basis_document text,
    client_id uuid,
    person_id uuid,
    constraint cohort_files_pkey primary key (import_id),
    constraint cohort_files_import_id_fkey foreign key (import_id) references imports,
    constraint cohort_files_reference_check check (reference <> ''),
    constraint cohort_files_basis_check check (basis in (
        'consent', 'contract', 'statutory_duty', 'other_law'
    )),
    constraint cohort_files_basis_document_check check (
        case
            when basis is null or basis = 'consent' then basis_document is null
            when basis = 'contract' then true
            else basis_document is not null
        end
    )
);
comment on table cohort_files is '批量转换申请文件: what the lines of a file of requests have in common. Append-only.';
comment on column cohort_files.import_id is 'The import, and the cohort of its requests.';
comment on column cohort_files.receiving_code is 'The code of the institution that is to grant.';
comment on column cohort_files.programme_code is 'Its code of the programme.';
comment on column cohort_files.rule_set_code is 'The rule set that is to decide; null for the programme''s.';
comment on column cohort_files.reference is 'What the school calls the cohort: under it a learner is asked for once.';
comment on column cohort_files.basis is 'By what right the receiving institution is to see the outcomes, where no line says otherwise; null where nothing is said.';
comment on column cohort_files.basis_document is 'The number of its document. No personal data.';
comment on column cohort_files.client_id is 'The program that handed it in and so sends the requests.';
comment on column cohort_files.person_id is 'The person who did.';
create trigger cohort_files_append_only
    before update or delete or truncate on cohort_files
    for each statement execute function refuse_change();

create table cohort_lines (
    institution_id uuid not null,
    is_own boolean not null,
    source_ref text not null,
    learner_id uuid not null,
    request_id uuid not null,
    import_id uuid not null,
    line_no bigint not null,
    asked jsonb not null,
    constraint cohort_lines_pkey primary key (institution_id, is_own, source_ref),
    constraint cohort_lines_institution_id_fkey foreign key (institution_id) references institutions,
    constraint cohort_lines_request_fkey
        foreign key (learner_id, request_id) references conversion_requests,
    constraint cohort_lines_import_id_fkey foreign key (import_id) references cohort_files,
    constraint cohort_lines_line_no_key unique (import_id, line_no),
    constraint cohort_lines_line_no_check check (line_no >= 1)
);
comment on table cohort_lines is 'Which request a line of such a file became. The same line again, in whatever file, is the same request. Append-only.';
comment on column cohort_lines.institution_id is 'The school that asks.';
comment on column cohort_lines.is_own is 'Whether the reference is the school''s own number of the application, or was made of cohort and learner.';
comment on column cohort_lines.source_ref is 'What makes the line the same one again. No personal data.';
comment on column cohort_lines.learner_id is 'Whose request it is.';
comment on column cohort_lines.request_id is 'The request.';
comment on column cohort_lines.import_id is 'The file.';
comment on column cohort_lines.line_no is 'The line in it.';
comment on column cohort_lines.asked is 'What it asked for: receiver, programme, rules, courses and basis. The same reference with something else is refused.';
create index cohort_lines_request_id_idx on cohort_lines (request_id);
create trigger cohort_lines_append_only
    before update or delete or truncate on cohort_lines
    for each statement execute function refuse_change();

grant select, insert on cohort_files, cohort_lines to creditbank_app;
