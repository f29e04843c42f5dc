create table documents (
    document_number text not null,
    title text not null,
    created_at timestamptz not null,
    constraint documents_pkey primary key (document_number)
);
comment on table documents is 'The register of documents that rules cite.';
comment on column documents.document_number is 'As cited, for example 继教合作联盟〔2021〕12号.';
comment on column documents.title is 'Its title.';
comment on column documents.created_at is 'When it was registered.';

create table programmes (
    programme_id uuid not null,
    institution_id uuid not null,
    code text not null,
    title text not null,
    total_hundredths bigint not null,
    created_at timestamptz not null,
    constraint programmes_pkey primary key (programme_id),
    constraint programmes_institution_id_code_key unique (institution_id, code),
    constraint programmes_institution_id_fkey foreign key (institution_id) references institutions,
    constraint programmes_total_hundredths_check check (total_hundredths > 0)
);
comment on table programmes is 'Programmes of receiving institutions.';
comment on column programmes.programme_id is 'UUIDv7.';
comment on column programmes.institution_id is 'Whose it is.';
comment on column programmes.code is 'The institution''s code of it.';
comment on column programmes.title is 'What people call it.';
comment on column programmes.total_hundredths is 'The credits it has in all, in hundredths.';
comment on column programmes.created_at is 'When it was registered.';

create table rule_sets (
    rule_set_id uuid not null,
    institution_id uuid not null,
    code text not null,
    version integer not null,
    state text not null,
    document_number text not null,
    programme_share_hundredths bigint not null,
    valid_from date not null,
    valid_to date,
    proposed_by text not null,
    approved_by text,
    created_at timestamptz not null,
    approved_at timestamptz,
    made_in xid8 not null default pg_current_xact_id(),
    constraint rule_sets_pkey primary key (rule_set_id),
    constraint rule_sets_institution_id_code_version_key unique (institution_id, code, version),
    constraint rule_sets_institution_id_fkey foreign key (institution_id) references institutions,
    constraint rule_sets_document_number_fkey foreign key (document_number) references documents,
    constraint rule_sets_state_check check (state in ('proposed', 'approved')),
    constraint rule_sets_programme_share_check check (programme_share_hundredths between 0 and 10000),
    constraint rule_sets_validity_check check (valid_from <= valid_to),
    constraint rule_sets_version_check check (version > 0),
    constraint rule_sets_approval_check check (
        (state = 'approved') = (approved_by is not null and approved_at is not null)
    ),
    constraint rule_sets_two_people_check check (approved_by <> proposed_by)
);
comment on table rule_sets is '转换规则: one version of the rules of a receiving institution. An approved one never changes.';
comment on column rule_sets.rule_set_id is 'UUIDv7.';
comment on column rule_sets.institution_id is 'The receiving institution.';
comment on column rule_sets.code is 'The same over all versions.';
comment on column rule_sets.version is 'Counts up from 1.';
comment on column rule_sets.state is 'proposed or approved.';
comment on column rule_sets.document_number is 'What it rests on.';
comment on column rule_sets.programme_share_hundredths is 'The most of a programme that conversions may fill, in hundredths of a percent.';
comment on column rule_sets.valid_from is 'First day it may be used.';
comment on column rule_sets.valid_to is 'Last day, open where null.';
comment on column rule_sets.proposed_by is 'The account that proposed it.';
comment on column rule_sets.approved_by is 'The other account, that approved it.';
comment on column rule_sets.created_at is 'When it was proposed.';
comment on column rule_sets.approved_at is 'When it was approved.';
comment on column rule_sets.made_in is 'The transaction that made it: no other may add rules.';
create function refuse_change_of_approved_rule_set() returns trigger
language plpgsql as $$
begin
    raise exception 'rule set % version % is approved and never changes', old.code, old.version
        using errcode = 'integrity_constraint_violation';
end
$$;
comment on function refuse_change_of_approved_rule_set() is 'Approved rule sets are final.';
create trigger rule_sets_approved_are_final
    before update or delete on rule_sets
    for each row when (old.state = 'approved')
    execute function refuse_change_of_approved_rule_set();

create table articulation_rules (
    rule_set_id uuid not null,
    code text not null,
    source_entry_id uuid not null,
    target_entry_id uuid not null,
    target_hundredths bigint not null,
    minimum_grade text not null,
    level_framework text,
    level_value smallint,
    earned_within_months integer,
    constraint articulation_rules_pkey primary key (rule_set_id, code),
    constraint articulation_rules_source_entry_id_key unique (rule_set_id, source_entry_id),
    constraint articulation_rules_rule_set_id_fkey foreign key (rule_set_id) references rule_sets,
    constraint articulation_rules_source_entry_id_fkey
        foreign key (source_entry_id) references catalogue_entries,
    constraint articulation_rules_target_entry_id_fkey
        foreign key (target_entry_id) references catalogue_entries,
    constraint articulation_rules_target_hundredths_check check (target_hundredths > 0),
    constraint articulation_rules_level_check check (
        (level_framework is null) = (level_value is null)
    ),
    constraint articulation_rules_earned_within_months_check check (earned_within_months > 0)
);
comment on table articulation_rules is 'One source outcome gives one target course. Append-only.';
comment on column articulation_rules.rule_set_id is 'The rule set.';
comment on column articulation_rules.code is 'The rule''s code, as printed with every decision.';
comment on column articulation_rules.source_entry_id is 'What the learner has achieved.';
comment on column articulation_rules.target_entry_id is 'The course that is granted.';
comment on column articulation_rules.target_hundredths is 'The credits of that course, in hundredths.';
comment on column articulation_rules.minimum_grade is 'pass, or a score such as 60.00.';
comment on column articulation_rules.level_framework is 'The framework of the level floor.';
comment on column articulation_rules.level_value is 'The lowest level that is good enough.';
comment on column articulation_rules.earned_within_months is 'How old the outcome may be at most.';
create trigger articulation_rules_append_only
    before update or delete or truncate on articulation_rules
    for each statement execute function refuse_change();
create trigger articulation_rules_complete
    before insert on articulation_rules
    for each row execute function refuse_late_part('rule_sets', 'rule_set_id');

create table conversion_requests (
    learner_id uuid not null,
    request_id uuid not null,
    cohort_id uuid not null,
    requesting_institution_id uuid not null,
    receiving_institution_id uuid not null,
    programme_id uuid not null,
    rule_set_id uuid not null,
    state text not null,
    requested_at timestamptz not null,
    requested_by uuid,
    hold_expires_at timestamptz not null,
    decided_at timestamptz,
    decided_by uuid,
    decision_text text,
    constraint conversion_requests_pkey primary key (learner_id, request_id),
    constraint conversion_requests_learner_id_fkey foreign key (learner_id) references learners,
    constraint conversion_requests_requesting_institution_id_fkey
        foreign key (requesting_institution_id) references institutions,
    constraint conversion_requests_receiving_institution_id_fkey
        foreign key (receiving_institution_id) references institutions,
    constraint conversion_requests_programme_id_fkey
        foreign key (programme_id) references programmes,
    constraint conversion_requests_rule_set_id_fkey foreign key (rule_set_id) references rule_sets,
    constraint conversion_requests_state_check check (
        state in ('requested', 'granted', 'partly', 'refused')
    ),
    constraint conversion_requests_decided_check check (
        (state = 'requested') = (decided_at is null)
    )
);
comment on table conversion_requests is '转换申请: one learner''s request.';
comment on column conversion_requests.learner_id is 'Whose lots it asks for.';
comment on column conversion_requests.request_id is 'UUIDv7.';
comment on column conversion_requests.cohort_id is 'The requests that were sent together.';
comment on column conversion_requests.requesting_institution_id is 'The school that asked.';
comment on column conversion_requests.receiving_institution_id is 'The institution that decides.';
comment on column conversion_requests.programme_id is 'The programme it is for.';
comment on column conversion_requests.rule_set_id is 'The rule set version by which it is decided.';
comment on column conversion_requests.state is 'requested, then granted, partly or refused, once.';
comment on column conversion_requests.requested_at is 'When it was sent.';
comment on column conversion_requests.requested_by is 'The client that sent it, who may not decide it; null for the command line.';
comment on column conversion_requests.hold_expires_at is 'Until when its holds stand without a decision.';
comment on column conversion_requests.decided_at is 'When it was decided.';
comment on column conversion_requests.decided_by is 'The client that decided; null for the command line.';
comment on column conversion_requests.decision_text is 'The reviewer''s own reason, where a request is refused against the rules.';
create index conversion_requests_cohort_id_idx on conversion_requests (cohort_id, request_id);
create index conversion_requests_request_id_idx on conversion_requests (request_id);
-- What housekeeping looks for: open requests whose holds time out.
create index conversion_requests_hold_expires_at_idx on conversion_requests (hold_expires_at)
    where state = 'requested';
-- Final once decided: a second decision finds no row to update and a retry never changes the answer.
create function refuse_change_of_decided_request() returns trigger
language plpgsql as $$
begin
    raise exception 'conversion request % is decided and never changes', old.request_id
        using errcode = 'integrity_constraint_violation';
end
$$;
comment on function refuse_change_of_decided_request() is 'Decided requests are final.';
create trigger conversion_requests_decided_are_final
    before update on conversion_requests
    for each row when (old.state <> 'requested')
    execute function refuse_change_of_decided_request();
create trigger conversion_requests_never_deleted
    before delete or truncate on conversion_requests
    for each statement execute function refuse_change();

create table conversion_lines (
    learner_id uuid not null,
    request_id uuid not null,
    line_no integer not null,
    stage text not null,
    lot_id uuid not null,
    outcome_id uuid not null,
    rule_code text,
    target_entry_id uuid,
    requested bigint not null,
    granted bigint not null,
    verdict text not null,
    reason text,
    explanation_zh text not null,
    explanation_en text not null,
    grant_outcome_id uuid,
    constraint conversion_lines_pkey primary key (learner_id, request_id, line_no, stage),
    constraint conversion_lines_request_fkey
        foreign key (learner_id, request_id) references conversion_requests,
    constraint conversion_lines_target_entry_id_fkey
        foreign key (target_entry_id) references catalogue_entries,
    constraint conversion_lines_stage_check check (stage in ('proposal', 'decision')),
    constraint conversion_lines_verdict_check check (verdict in ('granted', 'cut', 'refused')),
    constraint conversion_lines_amounts_check check (granted >= 0 and granted <= requested),
    constraint conversion_lines_verdict_amounts_check check (
        case verdict
            when 'granted' then granted = requested
            when 'cut' then granted > 0 and granted < requested
            else granted = 0
        end
    ),
    constraint conversion_lines_reason_check check ((verdict = 'granted') = (reason is null))
);
comment on table conversion_lines is 'What the first check proposed and what was decided, a row each. Amounts in hundredths of a credit. Append-only.';
comment on column conversion_lines.learner_id is 'Whose request it is.';
comment on column conversion_lines.request_id is 'The request.';
comment on column conversion_lines.line_no is 'Counts up from 1.';
comment on column conversion_lines.stage is 'proposal or decision.';
comment on column conversion_lines.lot_id is 'The lot asked for.';
comment on column conversion_lines.outcome_id is 'The outcome behind it.';
comment on column conversion_lines.rule_code is 'The rule applied.';
comment on column conversion_lines.target_entry_id is 'The course that the rule gives.';
comment on column conversion_lines.requested is 'Asked for; always granted plus what was cut or refused.';
comment on column conversion_lines.granted is 'Given.';
comment on column conversion_lines.verdict is 'granted, cut or refused.';
comment on column conversion_lines.reason is 'The coded reason of what was not granted.';
comment on column conversion_lines.explanation_zh is 'Rule, document and arithmetic in Chinese.';
comment on column conversion_lines.explanation_en is 'Rule, document and arithmetic in English.';
comment on column conversion_lines.grant_outcome_id is 'The outcome that was posted for it.';
create trigger conversion_lines_append_only
    before update or delete or truncate on conversion_lines
    for each statement execute function refuse_change();

grant select, insert on documents, programmes, rule_sets, articulation_rules, conversion_requests,
    conversion_lines to creditbank_app;
grant update (state, approved_by, approved_at) on rule_sets to creditbank_app;
grant update (state, decided_at, decided_by, decision_text) on conversion_requests to creditbank_app;
