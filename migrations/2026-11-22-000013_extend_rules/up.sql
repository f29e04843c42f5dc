-- Rules of several sources and courses: a line says what it holds and uses of its lot, which is no
-- longer always what it grants, the grade that is booked, and what would change the answer.
alter table conversion_lines
    add column held bigint,
    add column used bigint,
    add column books text,
    add column remedy_zh text,
    add column remedy_en text,
    add constraint conversion_lines_uses_check check (held >= 0 and used >= 0),
    add constraint conversion_lines_books_check check (books in ('as_earned', 'exempt', 'pass')),
    add constraint conversion_lines_remedy_check check ((remedy_zh is null) = (remedy_en is null));
comment on column conversion_lines.held is 'What the request holds of the lot, in hundredths of its unit, on the first of the lot''s lines; null for older rows, which hold what is requested.';
comment on column conversion_lines.used is 'What is used of the lot, in hundredths of its unit; null for older rows, which use what is granted.';
comment on column conversion_lines.books is 'The grade booked with the grant: as_earned, exempt or pass; null for older rows, as earned.';
comment on column conversion_lines.remedy_zh is 'What would change the answer, in Chinese.';
comment on column conversion_lines.remedy_en is 'What would change the answer, in English.';

create or replace view standing_decisions as
select distinct on (learner_id, request_id, line_no) *
from conversion_lines
where stage = 'decision'
order by learner_id, request_id, line_no, revision_no desc;

-- What a decision rested on, so that it can be made again and give the same, word for word.
create table conversion_inputs (
    learner_id uuid not null,
    request_id uuid not null,
    engine smallint not null,
    inputs jsonb not null,
    total bigint not null,
    bound bigint not null,
    proven boolean not null,
    complete boolean not null,
    recorded_at timestamptz not null,
    constraint conversion_inputs_pkey primary key (learner_id, request_id),
    constraint conversion_inputs_request_fkey
        foreign key (learner_id, request_id) references conversion_requests,
    constraint conversion_inputs_totals_check check (total >= 0 and bound >= total)
);
comment on table conversion_inputs is 'What each decision by the rules rested on; none for what was refused by hand or lapsed. No names. Append-only.';
comment on column conversion_inputs.learner_id is 'Whose request it is.';
comment on column conversion_inputs.request_id is 'The request.';
comment on column conversion_inputs.engine is 'The version of the engine that decided.';
comment on column conversion_inputs.inputs is 'The day, the programme''s credits, the lots with their states, and what stood granted.';
comment on column conversion_inputs.total is 'The credits it granted, in hundredths.';
comment on column conversion_inputs.bound is 'What no way to apply the rules that was looked at exceeds.';
comment on column conversion_inputs.proven is 'Whether the plan is proven to be the best.';
comment on column conversion_inputs.complete is 'Whether every way to apply the rules was looked at.';
comment on column conversion_inputs.recorded_at is 'When.';
-- Replays and rehearsals walk through them in the order of the requests.
create index conversion_inputs_request_id_idx on conversion_inputs (request_id);
create trigger conversion_inputs_append_only
    before update or delete or truncate on conversion_inputs
    for each statement execute function refuse_change();
grant select, insert on conversion_inputs to creditbank_app;

-- A rule set is drafted, proposed, approved and retired; what it says never changes from its first
-- moment, and it is approved and retired once.
alter table rule_sets
    drop constraint rule_sets_state_check,
    drop constraint rule_sets_approval_check,
    add column retired_by text,
    add column retired_at timestamptz,
    add constraint rule_sets_state_check
        check (state in ('draft', 'proposed', 'approved', 'retired')),
    add constraint rule_sets_approval_check check (
        (state in ('approved', 'retired')) = (approved_by is not null and approved_at is not null)
    ),
    add constraint rule_sets_retirement_check check (
        (state = 'retired') = (retired_by is not null and retired_at is not null)
    );
comment on column rule_sets.state is 'draft, proposed, approved or retired.';
comment on column rule_sets.proposed_by is 'The account that drafted and proposed it.';
comment on column rule_sets.approved_by is 'The other account whose approval completed it.';
comment on column rule_sets.approved_at is 'When it was approved.';
comment on column rule_sets.programme_share_hundredths is 'The most of a programme that conversions may fill by a cap over all of it, in hundredths of a percent; 10000 without such a cap. The other caps stand in the document.';
comment on column rule_sets.retired_by is 'Who retired it.';
comment on column rule_sets.retired_at is 'When: no request is made out under it from then on.';
grant update (retired_by, retired_at) on rule_sets to creditbank_app;
drop trigger rule_sets_approved_are_final on rule_sets;
create trigger rule_sets_approved_are_final
    before update on rule_sets
    for each row when (
        old.state = 'retired'
        or (
            old.state = 'approved'
            and (
                new.state <> 'retired'
                or to_jsonb(old) - array['state', 'retired_by', 'retired_at']
                    <> to_jsonb(new) - array['state', 'retired_by', 'retired_at']
            )
        )
    )
    execute function refuse_change_of_approved_rule_set();
create trigger rule_sets_approved_are_kept
    before delete on rule_sets
    for each row when (old.state in ('approved', 'retired'))
    execute function refuse_change_of_approved_rule_set();

create table rule_set_documents (
    rule_set_id uuid not null,
    content text not null,
    checksum bytea not null,
    resolved jsonb not null,
    constraint rule_set_documents_pkey primary key (rule_set_id),
    constraint rule_set_documents_rule_set_id_fkey foreign key (rule_set_id) references rule_sets,
    constraint rule_set_documents_checksum_check check (octet_length(checksum) = 32)
);
comment on table rule_set_documents is 'What a rule set says, whole; older sets have rows in articulation_rules instead. Append-only.';
comment on column rule_set_documents.rule_set_id is 'The rule set.';
comment on column rule_set_documents.content is 'The document in its canonical JSON form.';
comment on column rule_set_documents.checksum is 'SHA-256 of content: the same document has the same.';
comment on column rule_set_documents.resolved is 'The institutions and catalogue entries that its codes meant, with what the entries were called.';
create trigger rule_set_documents_append_only
    before update or delete or truncate on rule_set_documents
    for each statement execute function refuse_change();
create trigger rule_set_documents_complete
    before insert on rule_set_documents
    for each row execute function refuse_late_part('rule_sets', 'rule_set_id');

create table committees (
    committee_code text not null,
    title text not null,
    created_at timestamptz not null,
    constraint committees_pkey primary key (committee_code)
);
comment on table committees is '专门委员会: who approves rule sets that ask for a quorum.';
comment on column committees.committee_code is 'Its code, as rule sets name it.';
comment on column committees.title is 'What it is called.';
comment on column committees.created_at is 'When it was registered.';

create table committee_members (
    committee_code text not null,
    member text not null,
    institution_id uuid,
    member_since date not null,
    member_until date,
    constraint committee_members_pkey primary key (committee_code, member, member_since),
    constraint committee_members_committee_fkey foreign key (committee_code) references committees,
    constraint committee_members_institution_id_fkey
        foreign key (institution_id) references institutions,
    constraint committee_members_term_check check (member_since <= member_until)
);
comment on table committee_members is 'Who sits in a committee, and for how long.';
comment on column committee_members.committee_code is 'The committee.';
comment on column committee_members.member is 'The account of the member.';
comment on column committee_members.institution_id is 'The college that the member belongs to, in whose own rules the member is recused.';
comment on column committee_members.member_since is 'First day.';
comment on column committee_members.member_until is 'Last day, open where null.';

create table rule_set_votes (
    rule_set_id uuid not null,
    voter text not null,
    vote text not null,
    committee_code text,
    recorded_at timestamptz not null,
    constraint rule_set_votes_pkey primary key (rule_set_id, voter),
    constraint rule_set_votes_rule_set_id_fkey foreign key (rule_set_id) references rule_sets,
    constraint rule_set_votes_committee_fkey foreign key (committee_code) references committees,
    constraint rule_set_votes_vote_check check (vote in ('approve', 'reject'))
);
comment on table rule_set_votes is 'Who approved or rejected a proposed rule set, once each. Append-only.';
comment on column rule_set_votes.rule_set_id is 'The rule set.';
comment on column rule_set_votes.voter is 'The account.';
comment on column rule_set_votes.vote is 'approve or reject.';
comment on column rule_set_votes.committee_code is 'As a member of this committee; null without one.';
comment on column rule_set_votes.recorded_at is 'When.';
create trigger rule_set_votes_append_only
    before update or delete or truncate on rule_set_votes
    for each statement execute function refuse_change();
grant select, insert on rule_set_documents, committees, committee_members, rule_set_votes
    to creditbank_app;
grant update (member_until) on committee_members to creditbank_app;
