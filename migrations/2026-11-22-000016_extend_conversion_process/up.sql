-- Working days: weekends, but for what the arrangement of a year says otherwise.
create table work_calendar_years (
    year smallint not null,
    source text not null,
    example boolean not null,
    created_at timestamptz not null,
    constraint work_calendar_years_pkey primary key (year),
    constraint work_calendar_years_year_check check (year between 1950 and 2100)
);
comment on table work_calendar_years is 'Years whose holidays are loaded. Append-only.';
comment on column work_calendar_years.year is 'The year.';
comment on column work_calendar_years.source is 'Whose arrangement it is.';
comment on column work_calendar_years.example is 'Whether a person has still to confirm it.';
comment on column work_calendar_years.created_at is 'When it was loaded.';
create trigger work_calendar_years_append_only
    before update or delete or truncate on work_calendar_years
    for each statement execute function refuse_change();

create table work_calendar_days (
    day date not null,
    year smallint not null,
    kind text not null,
    name text not null,
    constraint work_calendar_days_pkey primary key (day),
    constraint work_calendar_days_year_fkey foreign key (year) references work_calendar_years,
    constraint work_calendar_days_kind_check check (kind in ('holiday', 'made_up')),
    constraint work_calendar_days_day_check check (extract(year from day) = year)
);
comment on table work_calendar_days is 'Days that are free or worked against their weekday. Append-only.';
comment on column work_calendar_days.day is 'The day.';
comment on column work_calendar_days.year is 'Its year.';
comment on column work_calendar_days.kind is 'holiday: free; made_up: a Saturday or Sunday that is worked.';
comment on column work_calendar_days.name is 'What is celebrated; empty for a day made up.';
create trigger work_calendar_days_append_only
    before update or delete or truncate on work_calendar_days
    for each statement execute function refuse_change();

-- Through whose hands requests to an institution go.
create table review_chains (
    chain_id uuid not null,
    institution_id uuid not null,
    valid_from date not null,
    document_number text not null,
    answer_days integer not null,
    created_at timestamptz not null,
    constraint review_chains_pkey primary key (chain_id),
    constraint review_chains_institution_id_valid_from_key unique (institution_id, valid_from),
    constraint review_chains_institution_id_fkey foreign key (institution_id) references institutions,
    constraint review_chains_document_number_fkey foreign key (document_number) references documents,
    constraint review_chains_answer_days_check check (answer_days between 1 and 250)
);
comment on table review_chains is 'The stages of an institution''s requests, from a day until the next chain''s. Append-only.';
comment on column review_chains.chain_id is 'UUIDv7.';
comment on column review_chains.institution_id is 'The receiving institution.';
comment on column review_chains.valid_from is 'Requests sent from that day on walk it.';
comment on column review_chains.document_number is 'What it rests on.';
comment on column review_chains.answer_days is 'Working days that an applicant has for an answer.';
comment on column review_chains.created_at is 'When it was registered.';
create trigger review_chains_append_only
    before update or delete or truncate on review_chains
    for each statement execute function refuse_change();

create table review_stages (
    chain_id uuid not null,
    stage_no smallint not null,
    name_zh text not null,
    name_en text not null,
    party text not null,
    approvals smallint not null,
    working_days smallint not null,
    reviewers uuid[] not null,
    constraint review_stages_pkey primary key (chain_id, stage_no),
    constraint review_stages_chain_id_fkey foreign key (chain_id) references review_chains,
    constraint review_stages_stage_no_check check (stage_no between 1 and 9),
    constraint review_stages_party_check check (party in ('bank', 'receiving')),
    constraint review_stages_approvals_check check (approvals between 1 and 99),
    constraint review_stages_working_days_check check (working_days between 1 and 250),
    constraint review_stages_reviewers_check check (
        cardinality(reviewers) = 0 or cardinality(reviewers) >= approvals
    )
);
comment on table review_stages is 'The stages of a chain. Append-only.';
comment on column review_stages.chain_id is 'The chain.';
comment on column review_stages.stage_no is 'Counts up from 1; the last one decides.';
comment on column review_stages.name_zh is 'What people call it.';
comment on column review_stages.name_en is 'The same in English.';
comment on column review_stages.party is 'bank: the secretariat checks; receiving: the institution decides.';
comment on column review_stages.approvals is 'How many different people have to agree.';
comment on column review_stages.working_days is 'How long it may take.';
comment on column review_stages.reviewers is 'The people or clients whose stage it is; empty for everybody of the role.';
create trigger review_stages_append_only
    before update or delete or truncate on review_stages
    for each statement execute function refuse_change();

create table review_delegations (
    delegation_id uuid not null,
    institution_id uuid,
    absent uuid not null,
    delegate uuid not null,
    valid_from date not null,
    valid_to date not null,
    recorded_by uuid,
    recorded_at timestamptz not null,
    constraint review_delegations_pkey primary key (delegation_id),
    constraint review_delegations_institution_id_fkey
        foreign key (institution_id) references institutions,
    constraint review_delegations_two_people_check check (absent <> delegate),
    constraint review_delegations_validity_check check (valid_from <= valid_to)
);
comment on table review_delegations is 'Who stands in for an absent reviewer. Append-only.';
comment on column review_delegations.delegation_id is 'UUIDv7.';
comment on column review_delegations.institution_id is 'Whose reviewers they are; null for the bank''s.';
comment on column review_delegations.absent is 'Who is away.';
comment on column review_delegations.delegate is 'Who stands in.';
comment on column review_delegations.valid_from is 'From.';
comment on column review_delegations.valid_to is 'To, that day included.';
comment on column review_delegations.recorded_by is 'The client that recorded it; null for the command line.';
comment on column review_delegations.recorded_at is 'When.';
create index review_delegations_delegate_idx on review_delegations (delegate, valid_to);
create trigger review_delegations_append_only
    before update or delete or truncate on review_delegations
    for each statement execute function refuse_change();

-- A request's way: everything that was done about it.
create table request_steps (
    learner_id uuid not null,
    request_id uuid not null,
    step_no integer not null,
    kind text not null,
    party text not null,
    hands uuid[] not null,
    text text,
    not_accepted jsonb not null default '[]',
    marks text[] not null default '{}',
    taken_on date not null,
    recorded_at timestamptz not null,
    constraint request_steps_pkey primary key (learner_id, request_id, step_no),
    constraint request_steps_request_fkey
        foreign key (learner_id, request_id) references conversion_requests,
    constraint request_steps_step_no_check check (step_no >= 0),
    constraint request_steps_kind_check check (kind in (
        'sent', 'approved', 'refused', 'asked', 'answered', 'withdrawn', 'lapsed'
    )),
    constraint request_steps_sent_check check ((kind = 'sent') = (step_no = 0)),
    constraint request_steps_party_check check (party in ('bank', 'receiving', 'applicant'))
);
comment on table request_steps is 'What was done about a request, in order. Append-only.';
comment on column request_steps.learner_id is 'Whose request it is.';
comment on column request_steps.request_id is 'The request.';
comment on column request_steps.step_no is '0 as it was sent, then up by one.';
comment on column request_steps.kind is 'What was done.';
comment on column request_steps.party is 'For whom.';
comment on column request_steps.hands is 'The person or client that did it, then whom it stood in for; empty for what the bank itself found in order and for what time does.';
comment on column request_steps.text is 'What was said, for the other side to read. No personal data.';
comment on column request_steps.not_accepted is 'The outcomes that a reviewer does not accept, each with its coded reason and text.';
comment on column request_steps.marks is 'On the first step: what a person has to look at.';
comment on column request_steps.taken_on is 'On which day of the bank.';
comment on column request_steps.recorded_at is 'When.';
create trigger request_steps_append_only
    before update or delete or truncate on request_steps
    for each statement execute function refuse_change();

create table request_standings (
    learner_id uuid not null,
    request_id uuid not null,
    chain_id uuid,
    judged_on date not null,
    stage_no smallint not null,
    turn text not null,
    party text not null,
    due_on date,
    steps integer not null,
    marked boolean not null,
    escalated_at timestamptz,
    constraint request_standings_pkey primary key (learner_id, request_id),
    constraint request_standings_request_fkey
        foreign key (learner_id, request_id) references conversion_requests,
    constraint request_standings_chain_id_fkey foreign key (chain_id) references review_chains,
    constraint request_standings_turn_check check (turn in ('reviewers', 'applicant', 'nobody')),
    constraint request_standings_party_check check (party in ('bank', 'receiving')),
    constraint request_standings_due_on_check check (turn = 'reviewers' or due_on is null),
    constraint request_standings_steps_check check (steps >= 0)
);
comment on table request_standings is 'Where requests stand: what their steps come to, for lists. Requests older than the table have none until something is done about them.';
comment on column request_standings.learner_id is 'Whose request it is.';
comment on column request_standings.request_id is 'The request.';
comment on column request_standings.chain_id is 'The stages it walks; null for the usual one stage.';
comment on column request_standings.judged_on is 'The day for which it is decided: when it was sent, or what it appeals against was.';
comment on column request_standings.stage_no is 'The stage it is at.';
comment on column request_standings.turn is 'Who has to do something.';
comment on column request_standings.party is 'Whose stage it is.';
comment on column request_standings.due_on is 'The last day in time; null while the applicant has the turn and at the end.';
comment on column request_standings.steps is 'How many steps it has taken: its version.';
comment on column request_standings.marked is 'Whether a person has to look at something.';
comment on column request_standings.escalated_at is 'When its being late was told.';
create index request_standings_due_on_idx on request_standings (due_on) where turn = 'reviewers';

-- An appeal is a request of its own about what another one refused or cut; once.
create table request_appeals (
    learner_id uuid not null,
    request_id uuid not null,
    appealed_request_id uuid not null,
    text text not null,
    constraint request_appeals_pkey primary key (learner_id, request_id),
    constraint request_appeals_appealed_key unique (learner_id, appealed_request_id),
    constraint request_appeals_request_fkey
        foreign key (learner_id, request_id) references conversion_requests,
    constraint request_appeals_appealed_fkey
        foreign key (learner_id, appealed_request_id) references conversion_requests,
    constraint request_appeals_other_check check (request_id <> appealed_request_id)
);
comment on table request_appeals is 'Appeals: which request asks again about which. Append-only.';
comment on column request_appeals.learner_id is 'Whose they are.';
comment on column request_appeals.request_id is 'The request that appeals.';
comment on column request_appeals.appealed_request_id is 'What it appeals against.';
comment on column request_appeals.text is 'Why, for the reviewers to read. No personal data.';
create trigger request_appeals_append_only
    before update or delete or truncate on request_appeals
    for each statement execute function refuse_change();

-- Whether a learner stands in an open pair is asked of every request.
create index duplicate_candidates_open_other_idx on duplicate_candidates (other_id)
    where state = 'open';

-- A request may also be taken back by whoever sent it.
alter table conversion_requests
    drop constraint conversion_requests_state_check,
    add constraint conversion_requests_state_check
        check (state in ('requested', 'granted', 'partly', 'refused', 'withdrawn'));
comment on column conversion_requests.state is 'requested, then granted, partly, refused or withdrawn, once.';

-- Figures are of the requests of some months.
create index conversion_requests_requested_at_idx on conversion_requests (requested_at);

-- Work lists walk through what is open.
create index conversion_requests_open_idx on conversion_requests (request_id)
    where state = 'requested';

alter table notices
    drop constraint notices_kind_check,
    add constraint notices_kind_check check (kind in (
        'lot_expires_soon', 'outcome_corrected', 'outcome_withdrawn', 'conversion_revised',
        'conversion_reversed', 'hold_lapsed', 'learners_merged', 'learners_unmerged',
        'request_sent', 'request_moved_on', 'request_asked', 'request_answered',
        'request_decided', 'request_withdrawn', 'request_lapsed', 'request_overdue'
    ));

grant select, insert on work_calendar_years, work_calendar_days, review_chains, review_stages,
    review_delegations, request_steps, request_standings, request_appeals to creditbank_app;
grant update (stage_no, turn, party, due_on, steps, escalated_at) on request_standings
    to creditbank_app;
grant update (hold_expires_at) on conversion_requests to creditbank_app;
