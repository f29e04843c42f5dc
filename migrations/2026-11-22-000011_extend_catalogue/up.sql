-- What a catalogue entry can say beyond its grade and amounts: a category of the bank's own, a level
-- on a loaded framework, what completes a course, and how often it has to be reviewed. Everything
-- here is added; nothing that was written before reads otherwise.

create table level_frameworks (
    code text not null,
    name_zh text not null,
    name_en text not null,
    lowest smallint not null,
    highest smallint not null,
    source text not null,
    created_at timestamptz not null,
    constraint level_frameworks_pkey primary key (code),
    constraint level_frameworks_range_check check (lowest <= highest)
);
comment on table level_frameworks is '等级框架: the frameworks of levels that the bank knows. Append-only.';
comment on column level_frameworks.code is 'By which levels name it, for example CN10.';
comment on column level_frameworks.name_zh is 'Its name in Chinese.';
comment on column level_frameworks.name_en is 'Its name in English.';
comment on column level_frameworks.lowest is 'The least demanding level.';
comment on column level_frameworks.highest is 'The most demanding level.';
comment on column level_frameworks.source is 'Where its figures come from.';
comment on column level_frameworks.created_at is 'When it was registered.';
create trigger level_frameworks_append_only
    before update or delete or truncate on level_frameworks
    for each statement execute function refuse_change();

create table level_mappings (
    from_framework text not null,
    from_value smallint not null,
    to_framework text not null,
    to_value smallint not null,
    valid_from date not null,
    valid_to date,
    source text not null,
    example boolean not null,
    created_at timestamptz not null,
    constraint level_mappings_pkey
        primary key (from_framework, from_value, to_framework, to_value, valid_from),
    constraint level_mappings_from_framework_fkey
        foreign key (from_framework) references level_frameworks,
    constraint level_mappings_to_framework_fkey
        foreign key (to_framework) references level_frameworks,
    constraint level_mappings_two_check check (from_framework <> to_framework),
    constraint level_mappings_validity_check check (valid_from <= valid_to)
);
comment on table level_mappings is 'As which level of another framework a level counts, as a document states it. Append-only.';
comment on column level_mappings.from_framework is 'The framework of the level that somebody has.';
comment on column level_mappings.from_value is 'That level.';
comment on column level_mappings.to_framework is 'The framework in which it counts.';
comment on column level_mappings.to_value is 'The level as which it counts there. The other direction is a statement of its own.';
comment on column level_mappings.valid_from is 'First day on which it holds.';
comment on column level_mappings.valid_to is 'Last day; open where null.';
comment on column level_mappings.source is 'The document, or where it was read.';
comment on column level_mappings.example is 'Read second-hand: an example until somebody confirms it.';
comment on column level_mappings.created_at is 'When it was registered.';
create trigger level_mappings_append_only
    before update or delete or truncate on level_mappings
    for each statement execute function refuse_change();

create table catalogue_subcategories (
    code text not null,
    parent text not null,
    name_zh text not null,
    name_en text not null,
    created_at timestamptz not null,
    constraint catalogue_subcategories_pkey primary key (code),
    -- For the versions, which name both.
    constraint catalogue_subcategories_parent_code_key unique (parent, code),
    constraint catalogue_subcategories_parent_check check (
        parent in ('course', 'degree_foreign_language', 'self_study_exam', 'skill_certificate',
                   'training', 'activity', 'other')
    )
);
comment on table catalogue_subcategories is '子类别: the bank''s own categories, each below one of the closed list. Append-only.';
comment on column catalogue_subcategories.code is 'By which versions name it.';
comment on column catalogue_subcategories.parent is 'The category by which balances and totals add up.';
comment on column catalogue_subcategories.name_zh is 'Its name in Chinese.';
comment on column catalogue_subcategories.name_en is 'Its name in English.';
comment on column catalogue_subcategories.created_at is 'When it was registered.';
create trigger catalogue_subcategories_append_only
    before update or delete or truncate on catalogue_subcategories
    for each statement execute function refuse_change();

alter table catalogue_versions
    add column subcategory text,
    add column review_months integer,
    add column review_grace_days integer,
    add constraint catalogue_versions_subcategory_fkey
        foreign key (category, subcategory) references catalogue_subcategories (parent, code),
    add constraint catalogue_versions_review_check check (
        (review_months is null) = (review_grace_days is null)
        and review_months > 0 and review_grace_days >= 0
    );
comment on column catalogue_versions.subcategory is 'What it is more exactly, of that category.';
comment on column catalogue_versions.review_months is 'Months from one review of the entry to the next; none needed where null.';
comment on column catalogue_versions.review_grace_days is 'Days after the due day on which outcomes still earn, with a warning.';

create table catalogue_modules (
    version_id uuid not null,
    position smallint not null,
    title text not null,
    lectures integer not null,
    constraint catalogue_modules_pkey primary key (version_id, position),
    constraint catalogue_modules_version_id_fkey foreign key (version_id) references catalogue_versions,
    constraint catalogue_modules_position_check check (position > 0),
    constraint catalogue_modules_lectures_check check (lectures > 0)
);
comment on table catalogue_modules is 'The parts of a course, with their lectures (讲). Append-only.';
comment on column catalogue_modules.version_id is 'The version.';
comment on column catalogue_modules.position is 'Its place, from 1.';
comment on column catalogue_modules.title is 'What it is called.';
comment on column catalogue_modules.lectures is 'How many lectures it has.';
create trigger catalogue_modules_append_only
    before update or delete or truncate on catalogue_modules
    for each statement execute function refuse_change();
create trigger catalogue_modules_complete
    before insert on catalogue_modules
    for each row execute function refuse_late_part('catalogue_versions', 'version_id');

create table catalogue_completion_rules (
    version_id uuid not null,
    lectures_min integer,
    exam_min_hundredths smallint,
    attendance_min_hundredths smallint,
    constraint catalogue_completion_rules_pkey primary key (version_id),
    constraint catalogue_completion_rules_version_id_fkey
        foreign key (version_id) references catalogue_versions,
    constraint catalogue_completion_rules_content_check check (
        num_nonnulls(lectures_min, exam_min_hundredths, attendance_min_hundredths) > 0
    ),
    constraint catalogue_completion_rules_lectures_check check (lectures_min > 0),
    constraint catalogue_completion_rules_exam_check check (
        exam_min_hundredths between 0 and 10000
    ),
    constraint catalogue_completion_rules_attendance_check check (
        attendance_min_hundredths between 0 and 10000
    )
);
comment on table catalogue_completion_rules is '修完条件: what completes a course beside its grade. Append-only.';
comment on column catalogue_completion_rules.version_id is 'The version.';
comment on column catalogue_completion_rules.lectures_min is 'Lectures that have to be done, of those that the modules have.';
comment on column catalogue_completion_rules.exam_min_hundredths is 'The least score of the exam, in hundredths.';
comment on column catalogue_completion_rules.attendance_min_hundredths is 'The least share of the minutes held, in hundredths of a percent.';
create trigger catalogue_completion_rules_append_only
    before update or delete or truncate on catalogue_completion_rules
    for each statement execute function refuse_change();
create trigger catalogue_completion_rules_complete
    before insert on catalogue_completion_rules
    for each row execute function refuse_late_part('catalogue_versions', 'version_id');

create table catalogue_reviews (
    entry_id uuid not null,
    reviewed_on date not null,
    reviewed_by text not null,
    document_number text not null,
    client_id uuid,
    recorded_at timestamptz not null,
    constraint catalogue_reviews_pkey primary key (entry_id, reviewed_on),
    constraint catalogue_reviews_entry_id_fkey foreign key (entry_id) references catalogue_entries
);
comment on table catalogue_reviews is '复审: when an entry was reviewed. Append-only.';
comment on column catalogue_reviews.entry_id is 'The entry, over all its versions.';
comment on column catalogue_reviews.reviewed_on is 'The day: from it the clock of the version in force runs.';
comment on column catalogue_reviews.reviewed_by is 'The committee or office; never a person.';
comment on column catalogue_reviews.document_number is 'The document that says so.';
comment on column catalogue_reviews.client_id is 'The client that recorded it; null for the command line.';
comment on column catalogue_reviews.recorded_at is 'When it was recorded.';
create trigger catalogue_reviews_append_only
    before update or delete or truncate on catalogue_reviews
    for each statement execute function refuse_change();

comment on column outcomes.stated is 'What the institution stated beside the grade, part of what makes two reports the same: amounts, for example credit=3.50, and behind a bar how far the learner came, for example |exam=60.00;lectures=26.';

grant select, insert on level_frameworks, level_mappings, catalogue_subcategories,
    catalogue_modules, catalogue_completion_rules, catalogue_reviews to creditbank_app;
