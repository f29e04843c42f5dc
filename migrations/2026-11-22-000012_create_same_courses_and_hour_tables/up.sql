-- One course under several names, and hours by decision tables.

-- A list says which catalogue entries are one course: of their credit a learner has one.
create table same_course_groups (
    group_id uuid not null,
    code text not null,
    document_number text not null,
    valid_from date not null,
    valid_to date,
    ended_at timestamptz,
    created_at timestamptz not null,
    made_in xid8 not null default pg_current_xact_id(),
    constraint same_course_groups_pkey primary key (group_id),
    constraint same_course_groups_code_key unique (code),
    constraint same_course_groups_document_number_fkey
        foreign key (document_number) references documents,
    constraint same_course_groups_validity_check check (valid_from <= valid_to),
    constraint same_course_groups_ended_check check (ended_at is null or valid_to is not null)
);
comment on table same_course_groups is '同课目录: courses that are one course under several names. Only its end may be said later, once.';
comment on column same_course_groups.group_id is 'UUIDv7.';
comment on column same_course_groups.code is 'The list''s name for it.';
comment on column same_course_groups.document_number is 'The document that says so.';
comment on column same_course_groups.valid_from is 'First day of an outcome that is refused beside another member''s.';
comment on column same_course_groups.valid_to is 'Last such day; open where null.';
comment on column same_course_groups.ended_at is 'When the end of an open group was said.';
comment on column same_course_groups.created_at is 'When it was loaded.';
comment on column same_course_groups.made_in is 'The database''s transaction that wrote it: its courses come with it or never.';

create function refuse_second_end() returns trigger
language plpgsql as $$
begin
    if old.valid_to is not null then
        raise exception 'the end of % is refused: it was said before', old.code
            using errcode = 'integrity_constraint_violation';
    end if;
    return new;
end
$$;
comment on function refuse_second_end() is 'An open end is closed once and never moved.';
create trigger same_course_groups_end_once
    before update on same_course_groups
    for each row execute function refuse_second_end();
create trigger same_course_groups_append_only
    before update of group_id, code, document_number, valid_from, created_at, made_in
        on same_course_groups
    for each statement execute function refuse_change();
create trigger same_course_groups_never_deleted
    before delete or truncate on same_course_groups
    for each statement execute function refuse_change();

create table duplicate_courses (
    group_id uuid not null,
    entry_id uuid not null,
    constraint duplicate_courses_pkey primary key (entry_id, group_id),
    constraint duplicate_courses_group_id_fkey
        foreign key (group_id) references same_course_groups,
    constraint duplicate_courses_entry_id_fkey foreign key (entry_id) references catalogue_entries
);
comment on table duplicate_courses is 'The courses of a group. Append-only.';
comment on column duplicate_courses.group_id is 'The group.';
comment on column duplicate_courses.entry_id is 'The course.';
create index duplicate_courses_group_id_idx on duplicate_courses (group_id);
create function refuse_second_group() returns trigger
language plpgsql as $$
begin
    if exists (
        select from duplicate_courses d
        join same_course_groups g using (group_id)
        join same_course_groups n on n.group_id = new.group_id
        where d.entry_id = new.entry_id and d.group_id <> new.group_id
            and daterange(g.valid_from, g.valid_to, '[]') && daterange(n.valid_from, n.valid_to, '[]')
    ) then
        raise exception 'entry % is refused: another group has it on the same days', new.entry_id
            using errcode = 'integrity_constraint_violation';
    end if;
    return new;
end
$$;
comment on function refuse_second_group() is 'A course is in one group on any day. Loads take turns by wait_for_posting, so that it sees them all.';
create trigger duplicate_courses_one_group
    before insert on duplicate_courses
    for each row execute function refuse_second_group();
create trigger duplicate_courses_with_their_group
    before insert on duplicate_courses
    for each row execute function refuse_late_part('same_course_groups', 'group_id');
create trigger duplicate_courses_append_only
    before update or delete or truncate on duplicate_courses
    for each statement execute function refuse_change();

-- Whoever posts reads duplicate_courses with the catalogue and keeps that lock to its end. Who loads
-- a group takes this lock first: whatever was read without the group is posted by then, and whoever
-- posts later reads the group. So no posting pays for it.
create function wait_for_posting() returns void
language plpgsql security definer set search_path = public, pg_temp as $$
begin
    lock table duplicate_courses in access exclusive mode;
end
$$;
comment on function wait_for_posting() is 'Waits until nobody posts by the groups as they were, and lets nobody begin before the end of this transaction.';
revoke execute on function wait_for_posting() from public;
grant execute on function wait_for_posting() to creditbank_app;

-- Directed, and never the same: whoever has both has two credits.
create table substitutes (
    substitute_id uuid not null,
    entry_id uuid not null,
    stands_for_id uuid not null,
    document_number text not null,
    valid_from date not null,
    valid_to date,
    created_at timestamptz not null,
    constraint substitutes_pkey primary key (substitute_id),
    constraint substitutes_pair_key unique (entry_id, stands_for_id, valid_from),
    constraint substitutes_entry_id_fkey foreign key (entry_id) references catalogue_entries,
    constraint substitutes_stands_for_id_fkey
        foreign key (stands_for_id) references catalogue_entries,
    constraint substitutes_document_number_fkey
        foreign key (document_number) references documents,
    constraint substitutes_pair_check check (entry_id <> stands_for_id),
    constraint substitutes_validity_check check (valid_from <= valid_to)
);
comment on table substitutes is '替代课程: a course that may stand for another one, in this direction only. Append-only.';
comment on column substitutes.substitute_id is 'UUIDv7.';
comment on column substitutes.entry_id is 'The course that may stand in.';
comment on column substitutes.stands_for_id is 'The course that it may stand for.';
comment on column substitutes.document_number is 'The document that says so.';
comment on column substitutes.valid_from is 'First day.';
comment on column substitutes.valid_to is 'Last day; open where null.';
comment on column substitutes.created_at is 'When it was loaded.';
create index substitutes_stands_for_id_idx on substitutes (stands_for_id);
create trigger substitutes_append_only
    before update or delete or truncate on substitutes
    for each statement execute function refuse_change();

alter table lots add column same_course_group_id uuid;
comment on column lots.same_course_group_id is 'The group by which its course was credited: no other course of the group is credited beside it. Null outside any group, and for what a conversion granted.';
-- Twins that arrive at the same moment, from whichever institutions: one is credited.
create unique index lots_same_course_key on lots (learner_id, same_course_group_id, unit)
    where withdrawn = 0 and same_course_group_id is not null;
create trigger lots_same_course_append_only
    before update of same_course_group_id on lots
    for each statement execute function refuse_change();

create table same_course_refusals (
    learner_id uuid not null,
    outcome_id uuid not null,
    group_id uuid not null,
    twin_learner_id uuid not null,
    twin_outcome_id uuid not null,
    recorded_at timestamptz not null,
    constraint same_course_refusals_pkey primary key (learner_id, outcome_id)
);
comment on table same_course_refusals is 'Beside which twin an outcome earned nothing. Append-only.';
comment on column same_course_refusals.learner_id is 'Whose outcome it is.';
comment on column same_course_refusals.outcome_id is 'The outcome that earned nothing.';
comment on column same_course_refusals.group_id is 'The group in force on its day.';
comment on column same_course_refusals.twin_learner_id is 'The account of the twin: another one where accounts were merged.';
comment on column same_course_refusals.twin_outcome_id is 'The outcome that is credited.';
comment on column same_course_refusals.recorded_at is 'When.';
create trigger same_course_refusals_append_only
    before update or delete or truncate on same_course_refusals
    for each statement execute function refuse_change();

grant select, insert on same_course_groups, duplicate_courses, substitutes, same_course_refusals
    to creditbank_app;
grant update (valid_to, ended_at) on same_course_groups to creditbank_app;

-- 学时表: what a paper, a project, a lecture is worth in hours.
create table hour_tables (
    table_id uuid not null,
    authority text not null,
    code text not null,
    version integer not null,
    document_number text not null,
    valid_from date not null,
    valid_to date,
    content jsonb not null,
    sha256 bytea not null,
    state text not null,
    proposed_by text not null,
    approved_by text,
    created_at timestamptz not null,
    approved_at timestamptz,
    constraint hour_tables_pkey primary key (table_id),
    constraint hour_tables_authority_code_version_key unique (authority, code, version),
    constraint hour_tables_document_number_fkey
        foreign key (document_number) references documents,
    constraint hour_tables_version_check check (version > 0),
    constraint hour_tables_validity_check check (valid_from <= valid_to),
    constraint hour_tables_sha256_check check (octet_length(sha256) = 32),
    constraint hour_tables_state_check check (state in ('proposed', 'approved')),
    constraint hour_tables_approval_check check (
        (state = 'approved') = (approved_by is not null and approved_at is not null)
    ),
    constraint hour_tables_two_people_check check (approved_by <> proposed_by)
);
comment on table hour_tables is '学时表: one version of an authority''s decision table from activities to hours. An approved one never changes.';
comment on column hour_tables.table_id is 'UUIDv7.';
comment on column hour_tables.authority is 'Whose table it is.';
comment on column hour_tables.code is 'The authority''s code, the same over all versions.';
comment on column hour_tables.version is 'As the pack says; counts up from 1.';
comment on column hour_tables.document_number is 'The document that it rests on.';
comment on column hour_tables.valid_from is 'First day of an activity that it decides.';
comment on column hour_tables.valid_to is 'Last such day; open where null.';
comment on column hour_tables.content is 'Unit, rows and caps as they were loaded.';
comment on column hour_tables.sha256 is 'SHA-256 of authority, code, version, days, document and content.';
comment on column hour_tables.state is 'proposed or approved; only an approved one decides.';
comment on column hour_tables.proposed_by is 'Who loaded it.';
comment on column hour_tables.approved_by is 'Who else approved it.';
comment on column hour_tables.created_at is 'When it was loaded.';
comment on column hour_tables.approved_at is 'When it was approved.';
create function refuse_change_of_approved_hour_table() returns trigger
language plpgsql as $$
begin
    if old.state = 'approved' then
        raise exception '% of hour table % is refused: it was approved', tg_op, old.code
            using errcode = 'integrity_constraint_violation';
    end if;
    return new;
end
$$;
comment on function refuse_change_of_approved_hour_table() is 'What decided once decides the same for ever.';
create trigger hour_tables_approved_are_final
    before update on hour_tables
    for each row execute function refuse_change_of_approved_hour_table();
create trigger hour_tables_append_only
    before update of table_id, authority, code, version, document_number, valid_from, valid_to,
        content, sha256, proposed_by, created_at on hour_tables
    for each statement execute function refuse_change();
create trigger hour_tables_never_deleted
    before delete or truncate on hour_tables
    for each statement execute function refuse_change();

-- A claim is what its outcome's hours rest on. Which of its lots stand is said by the lots, under
-- the source reference, which an outcome keeps through corrections and their undoing.
create table hour_claims (
    learner_id uuid not null,
    outcome_id uuid not null,
    institution_id uuid not null,
    source_ref text not null,
    table_id uuid not null,
    authority text not null,
    row_code text not null,
    activity text not null,
    done_on date not null,
    facts jsonb not null,
    by_row bigint not null,
    given bigint not null,
    explanation_zh text not null,
    explanation_en text not null,
    claimed_at timestamptz not null,
    constraint hour_claims_pkey primary key (learner_id, outcome_id),
    constraint hour_claims_source_key unique (learner_id, institution_id, source_ref),
    constraint hour_claims_table_id_fkey foreign key (table_id) references hour_tables,
    constraint hour_claims_amounts_check check (given > 0 and given <= by_row)
);
comment on table hour_claims is 'By which table and row an outcome has its hours. Amounts in hundredths. Append-only.';
comment on column hour_claims.learner_id is 'Whose outcome it is.';
comment on column hour_claims.outcome_id is 'The outcome as it was first posted.';
comment on column hour_claims.institution_id is 'Who posted it.';
comment on column hour_claims.source_ref is 'Under which source reference.';
comment on column hour_claims.table_id is 'The version of the table that decided.';
comment on column hour_claims.authority is 'Whose table: caps count over all its versions.';
comment on column hour_claims.row_code is 'The row that fits.';
comment on column hour_claims.activity is 'What was done.';
comment on column hour_claims.done_on is 'The day that counts.';
comment on column hour_claims.facts is 'Everything that was decided by.';
comment on column hour_claims.by_row is 'What the row gives.';
comment on column hour_claims.given is 'What was left of it under the caps.';
comment on column hour_claims.explanation_zh is 'The arithmetic in Chinese.';
comment on column hour_claims.explanation_en is 'The arithmetic in English.';
comment on column hour_claims.claimed_at is 'When.';
create trigger hour_claims_append_only
    before update or delete or truncate on hour_claims
    for each statement execute function refuse_change();

-- A cap is a sum over a learner's claims, so claims of one learner under one authority take turns:
-- whoever has written the row is alone until its transaction ends.
create table hour_turns (
    learner_id uuid not null,
    authority text not null,
    turn bigint not null,
    constraint hour_turns_pkey primary key (learner_id, authority)
);
comment on table hour_turns is 'Whose turn it is to claim hours for a learner: a lock that is a row.';
comment on column hour_turns.learner_id is 'The account under which the learner is shown.';
comment on column hour_turns.authority is 'Whose tables.';
comment on column hour_turns.turn is 'Counts up with every claim that was looked at.';

grant select, insert on hour_tables, hour_claims, hour_turns to creditbank_app;
grant update (state, approved_by, approved_at) on hour_tables to creditbank_app;
grant update (turn) on hour_turns to creditbank_app;
