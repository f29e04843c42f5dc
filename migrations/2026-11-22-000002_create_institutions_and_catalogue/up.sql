create table institutions (
    institution_id uuid not null,
    code text not null,
    name_zh text not null,
    name_en text,
    uscc text,
    kinds text[] not null,
    level text,
    standing text not null,
    alliance_role text not null,
    joined_on date,
    term_from date,
    term_to date,
    may_open_accounts boolean not null,
    created_at timestamptz not null,
    constraint institutions_pkey primary key (institution_id),
    constraint institutions_code_key unique (code),
    constraint institutions_kinds_check check (
        cardinality(kinds) > 0
        and kinds <@ array['university', 'technical_school', 'training_base', 'secretariat',
                           'regulator', 'employer', 'community_centre']
    ),
    constraint institutions_level_check check (level in ('national', 'provincial', 'municipal')),
    constraint institutions_standing_check check (standing in ('active', 'suspended', 'left')),
    constraint institutions_alliance_role_check check (
        alliance_role in ('chair', 'vice_chair', 'standing_member', 'member', 'none')
    ),
    constraint institutions_term_check check (term_from <= term_to)
);
comment on table institutions is '机构: whoever posts, requests or supervises.';
comment on column institutions.institution_id is 'UUIDv7.';
comment on column institutions.code is 'How it is known outside: five digits for a college.';
comment on column institutions.name_zh is 'Its name in Chinese.';
comment on column institutions.name_en is 'Its name in English, where it has one.';
comment on column institutions.uscc is 'GB 32100 unified social credit code.';
comment on column institutions.kinds is 'What it is; it may be several at once.';
comment on column institutions.level is '国家级, 省级, 市级.';
comment on column institutions.standing is 'Whether it may act.';
comment on column institutions.alliance_role is 'Its part in the alliance.';
comment on column institutions.joined_on is 'First day of membership.';
comment on column institutions.term_from is 'First day whose outcomes it may post.';
comment on column institutions.term_to is 'Last day whose outcomes it may post.';
comment on column institutions.may_open_accounts is 'Whether its posts may open accounts for unknown learners.';
comment on column institutions.created_at is 'When it was registered.';

create table catalogue_entries (
    entry_id uuid not null,
    institution_id uuid not null,
    code text not null,
    created_at timestamptz not null,
    constraint catalogue_entries_pkey primary key (entry_id),
    constraint catalogue_entries_institution_id_code_key unique (institution_id, code),
    constraint catalogue_entries_institution_id_fkey
        foreign key (institution_id) references institutions
);
comment on table catalogue_entries is '成果目录: what can be recognised, over all its versions.';
comment on column catalogue_entries.entry_id is 'UUIDv7.';
comment on column catalogue_entries.institution_id is 'The owner.';
comment on column catalogue_entries.code is 'The owner''s code.';
comment on column catalogue_entries.created_at is 'When it was registered.';
create index catalogue_entries_code_idx on catalogue_entries (code);

create table catalogue_versions (
    version_id uuid not null,
    entry_id uuid not null,
    title text not null,
    category text not null,
    level_framework text,
    level_value smallint,
    minimum_grade text not null,
    valid_from date not null,
    valid_to date,
    usable_months integer,
    repeatable boolean not null,
    created_at timestamptz not null,
    made_in xid8 not null default pg_current_xact_id(),
    constraint catalogue_versions_pkey primary key (version_id),
    constraint catalogue_versions_entry_id_valid_from_key unique (entry_id, valid_from),
    constraint catalogue_versions_entry_id_fkey foreign key (entry_id) references catalogue_entries,
    constraint catalogue_versions_category_check check (
        category in ('course', 'degree_foreign_language', 'self_study_exam', 'skill_certificate',
                     'training', 'activity', 'other')
    ),
    constraint catalogue_versions_level_check check (
        (level_framework is null) = (level_value is null)
    ),
    constraint catalogue_versions_validity_check check (valid_from <= valid_to),
    constraint catalogue_versions_usable_months_check check (usable_months > 0)
);
comment on table catalogue_versions is 'One dated version of an entry. Append-only.';
comment on column catalogue_versions.version_id is 'UUIDv7.';
comment on column catalogue_versions.entry_id is 'The entry.';
comment on column catalogue_versions.title is 'What people call it.';
comment on column catalogue_versions.category is 'What it is.';
comment on column catalogue_versions.level_framework is 'The framework of its level, for example CN10.';
comment on column catalogue_versions.level_value is 'Its level on that framework; higher is more demanding.';
comment on column catalogue_versions.minimum_grade is 'pass, or a score such as 60.00.';
comment on column catalogue_versions.valid_from is 'First day of an outcome of this version.';
comment on column catalogue_versions.valid_to is 'Last day; open where null. A later version takes over from its first day.';
comment on column catalogue_versions.usable_months is 'How long its lots can be used; for ever where null.';
comment on column catalogue_versions.repeatable is 'Whether a learner can be credited for it more than once.';
comment on column catalogue_versions.created_at is 'When it was registered.';
comment on column catalogue_versions.made_in is 'The transaction that made it: no other may add owners or amounts.';
create trigger catalogue_versions_append_only
    before update or delete or truncate on catalogue_versions
    for each statement execute function refuse_change();

create table catalogue_owners (
    version_id uuid not null,
    institution_id uuid not null,
    constraint catalogue_owners_pkey primary key (version_id, institution_id),
    constraint catalogue_owners_version_id_fkey foreign key (version_id) references catalogue_versions,
    constraint catalogue_owners_institution_id_fkey foreign key (institution_id) references institutions
);
comment on table catalogue_owners is 'Who may post outcomes of a version: its owner and its co-owners. Append-only.';
comment on column catalogue_owners.version_id is 'The version.';
comment on column catalogue_owners.institution_id is 'The institution that may post.';
create trigger catalogue_owners_append_only
    before update or delete or truncate on catalogue_owners
    for each statement execute function refuse_change();
create trigger catalogue_owners_complete
    before insert on catalogue_owners
    for each row execute function refuse_late_part('catalogue_versions', 'version_id');

create table catalogue_amounts (
    version_id uuid not null,
    unit text not null,
    basis text not null,
    hundredths bigint not null,
    constraint catalogue_amounts_pkey primary key (version_id, unit),
    constraint catalogue_amounts_version_id_fkey foreign key (version_id) references catalogue_versions,
    constraint catalogue_amounts_unit_check check (unit in ('credit', 'hour', 'point', 'ceu')),
    constraint catalogue_amounts_basis_check check (basis in ('fixed', 'stated_up_to')),
    constraint catalogue_amounts_hundredths_check check (hundredths > 0)
);
comment on table catalogue_amounts is 'What a version gives, at most one amount a unit. Append-only.';
comment on column catalogue_amounts.version_id is 'The version.';
comment on column catalogue_amounts.unit is 'The unit.';
comment on column catalogue_amounts.basis is 'fixed: always this; stated_up_to: what the institution states, at most this.';
comment on column catalogue_amounts.hundredths is 'The amount in hundredths of the unit.';
create trigger catalogue_amounts_append_only
    before update or delete or truncate on catalogue_amounts
    for each statement execute function refuse_change();
create trigger catalogue_amounts_complete
    before insert on catalogue_amounts
    for each row execute function refuse_late_part('catalogue_versions', 'version_id');

grant select, insert on institutions, catalogue_entries, catalogue_versions, catalogue_owners,
    catalogue_amounts to creditbank_app;
grant update (standing) on institutions to creditbank_app;
