-- Grading schemes, what documents state between them, and which catalogue versions grade by which;
-- and rule sets that are for some programmes of their institution only.

create table grading_schemes (
    code text not null,
    steps text[],
    worst_hundredths integer,
    best_hundredths integer,
    pass text not null,
    source text not null,
    created_at timestamptz not null,
    constraint grading_schemes_pkey primary key (code),
    constraint grading_schemes_form_check check (
        (steps is null) <> (worst_hundredths is null)
        and (worst_hundredths is null) = (best_hundredths is null)
    ),
    constraint grading_schemes_steps_check check (cardinality(steps) > 1),
    constraint grading_schemes_numbers_check check (
        worst_hundredths <> best_hundredths
        and worst_hundredths between 0 and 10000 and best_hundredths between 0 and 10000
    )
);
comment on table grading_schemes is '成绩制: how grades are written, ordered and passed. Append-only.';
comment on column grading_schemes.code is 'By which versions, tables and rules name it.';
comment on column grading_schemes.steps is 'Its grades, best first; null for a scheme of numbers.';
comment on column grading_schemes.worst_hundredths is 'The worst number, in hundredths.';
comment on column grading_schemes.best_hundredths is 'The best number, in hundredths; it may be the lower one.';
comment on column grading_schemes.pass is 'The lowest grade that passes.';
comment on column grading_schemes.source is 'Who says so, in words.';
comment on column grading_schemes.created_at is 'When it was registered.';
create trigger grading_schemes_append_only
    before update or delete or truncate on grading_schemes
    for each statement execute function refuse_change();

create table grading_tables (
    code text not null,
    from_scheme text not null,
    to_scheme text not null,
    document_number text not null,
    valid_from date not null,
    valid_to date,
    created_at timestamptz not null,
    made_in xid8 not null default pg_current_xact_id(),
    constraint grading_tables_pkey primary key (code),
    constraint grading_tables_from_scheme_fkey foreign key (from_scheme) references grading_schemes,
    constraint grading_tables_to_scheme_fkey foreign key (to_scheme) references grading_schemes,
    constraint grading_tables_document_number_fkey
        foreign key (document_number) references documents,
    constraint grading_tables_two_check check (from_scheme <> to_scheme),
    constraint grading_tables_validity_check check (valid_from <= valid_to)
);
comment on table grading_tables is '成绩对照表: what grades of one scheme are in another, as a document states it, in this direction only. Only its end may be said later, once.';
comment on column grading_tables.code is 'By which decisions cite it.';
comment on column grading_tables.from_scheme is 'The scheme of the grades that are looked up.';
comment on column grading_tables.to_scheme is 'The scheme of the grades that are found.';
comment on column grading_tables.document_number is 'The document that states it.';
comment on column grading_tables.valid_from is 'First day of an outcome that it compares.';
comment on column grading_tables.valid_to is 'Last such day; open where null.';
comment on column grading_tables.created_at is 'When it was loaded.';
comment on column grading_tables.made_in is 'The transaction that made it: its rows come with it or never.';
create index grading_tables_from_scheme_idx on grading_tables (from_scheme, to_scheme);
create trigger grading_tables_end_once
    before update on grading_tables
    for each row execute function refuse_second_end();
create trigger grading_tables_append_only
    before update of code, from_scheme, to_scheme, document_number, valid_from, created_at, made_in
        on grading_tables
    for each statement execute function refuse_change();
create trigger grading_tables_never_deleted
    before delete or truncate on grading_tables
    for each statement execute function refuse_change();
create function refuse_second_grading_table() returns trigger
language plpgsql as $$
begin
    -- Loads take turns, so that each sees what the one before wrote.
    perform pg_advisory_xact_lock(hashtext('grading_tables'));
    if exists (
        select from grading_tables t
        where t.from_scheme = new.from_scheme and t.to_scheme = new.to_scheme
            and daterange(t.valid_from, t.valid_to, '[]')
                && daterange(new.valid_from, new.valid_to, '[]')
    ) then
        raise exception 'grading table % is refused: another one leads from % to % on the same days',
            new.code, new.from_scheme, new.to_scheme
            using errcode = 'integrity_constraint_violation';
    end if;
    return new;
end
$$;
comment on function refuse_second_grading_table() is 'On any day one table leads from one scheme to another, or nobody could say which counts.';
create trigger grading_tables_one_a_day
    before insert on grading_tables
    for each row execute function refuse_second_grading_table();

create table grading_table_rows (
    code text not null,
    position smallint not null,
    from_grade text not null,
    to_grade text not null,
    equals text not null,
    constraint grading_table_rows_pkey primary key (code, position),
    constraint grading_table_rows_code_fkey foreign key (code) references grading_tables,
    constraint grading_table_rows_position_check check (position > 0)
);
comment on table grading_table_rows is 'The rows of the tables between grading schemes; what none covers is not comparable. Append-only.';
comment on column grading_table_rows.code is 'The table.';
comment on column grading_table_rows.position is 'Its place, from 1.';
comment on column grading_table_rows.from_grade is 'The worst grade of the run that it covers.';
comment on column grading_table_rows.to_grade is 'The best one.';
comment on column grading_table_rows.equals is 'The grade of the other scheme.';
create trigger grading_table_rows_append_only
    before update or delete or truncate on grading_table_rows
    for each statement execute function refuse_change();
create trigger grading_table_rows_complete
    before insert on grading_table_rows
    for each row execute function refuse_late_part('grading_tables', 'code');

-- Beside catalogue_versions, which has as many columns as a table may have.
create table catalogue_gradings (
    version_id uuid not null,
    scheme text not null,
    constraint catalogue_gradings_pkey primary key (version_id),
    constraint catalogue_gradings_version_id_fkey
        foreign key (version_id) references catalogue_versions,
    constraint catalogue_gradings_scheme_fkey foreign key (scheme) references grading_schemes
);
comment on table catalogue_gradings is 'By which scheme a version grades; any form of grade for a version that is not here. Append-only.';
comment on column catalogue_gradings.version_id is 'The version.';
comment on column catalogue_gradings.scheme is 'The scheme.';
create trigger catalogue_gradings_append_only
    before update or delete or truncate on catalogue_gradings
    for each statement execute function refuse_change();
create trigger catalogue_gradings_complete
    before insert on catalogue_gradings
    for each row execute function refuse_late_part('catalogue_versions', 'version_id');

create table institution_gradings (
    institution_id uuid not null,
    valid_from date not null,
    scheme text not null,
    created_at timestamptz not null,
    constraint institution_gradings_pkey primary key (institution_id, valid_from),
    constraint institution_gradings_institution_id_fkey
        foreign key (institution_id) references institutions,
    constraint institution_gradings_scheme_fkey foreign key (scheme) references grading_schemes
);
comment on table institution_gradings is 'The scheme of an institution''s new catalogue versions that name none. Append-only.';
comment on column institution_gradings.institution_id is 'Whose entries.';
comment on column institution_gradings.valid_from is 'For versions that begin on this day or later, up to the next such row.';
comment on column institution_gradings.scheme is 'The scheme.';
comment on column institution_gradings.created_at is 'When it was loaded.';
create trigger institution_gradings_append_only
    before update or delete or truncate on institution_gradings
    for each statement execute function refuse_change();

create table rule_set_programmes (
    rule_set_id uuid not null,
    programme_id uuid not null,
    constraint rule_set_programmes_pkey primary key (rule_set_id, programme_id),
    constraint rule_set_programmes_rule_set_id_fkey foreign key (rule_set_id) references rule_sets,
    constraint rule_set_programmes_programme_id_fkey
        foreign key (programme_id) references programmes
);
comment on table rule_set_programmes is 'The programmes that a rule set is for; one that is not here is for every programme of its institution. Append-only.';
comment on column rule_set_programmes.rule_set_id is 'The rule set.';
comment on column rule_set_programmes.programme_id is 'The programme.';
create trigger rule_set_programmes_append_only
    before update or delete or truncate on rule_set_programmes
    for each statement execute function refuse_change();
create trigger rule_set_programmes_complete
    before insert on rule_set_programmes
    for each row execute function refuse_late_part('rule_sets', 'rule_set_id');

create function refuse_rival_rule_set() returns trigger
language plpgsql as $$
declare
    rival text;
begin
    -- Approvals of one institution take turns, so that each sees the one before.
    perform from institutions where institution_id = new.institution_id for no key update;
    select r.code || ' version ' || r.version into rival from rule_sets r
    where r.institution_id = new.institution_id and r.code <> new.code and r.state = 'approved'
        and daterange(r.valid_from, r.valid_to, '[]')
            && daterange(new.valid_from, new.valid_to, '[]')
        and case
            when exists (select from rule_set_programmes p where p.rule_set_id = new.rule_set_id)
                then exists (
                    select from rule_set_programmes one
                    join rule_set_programmes other using (programme_id)
                    where one.rule_set_id = new.rule_set_id and other.rule_set_id = r.rule_set_id
                )
            else not exists (select from rule_set_programmes p where p.rule_set_id = r.rule_set_id)
        end
    limit 1;
    if rival is not null then
        raise exception 'approval of % is refused: % is for the same programme on the same days',
            new.code, rival
            using errcode = 'integrity_constraint_violation';
    end if;
    return new;
end
$$;
comment on function refuse_rival_rule_set() is 'On any day one code''s rules are in force for a programme by name, and one''s for all others.';
create trigger rule_sets_no_rivals
    before update on rule_sets
    for each row when (new.state = 'approved' and old.state <> 'approved')
    execute function refuse_rival_rule_set();

alter table merge_collisions
    drop constraint merge_collisions_kind_check,
    add constraint merge_collisions_kind_check check (kind in (
        'entry_credited_twice', 'same_course_credited_twice', 'outcome_used_twice',
        'course_granted_twice', 'programme_cap_exceeded', 'identifier_differs',
        'posted_while_merged', 'used_while_merged'
    ));

grant select, insert on grading_schemes, grading_tables, grading_table_rows, catalogue_gradings,
    institution_gradings, rule_set_programmes to creditbank_app;
grant update (valid_to) on grading_tables to creditbank_app;
