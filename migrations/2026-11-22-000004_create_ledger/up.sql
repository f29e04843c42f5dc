-- No foreign keys in this file: the posting statement itself proves every reference, nothing is
-- ever deleted, and the audit looks for orphans (docs/decisions/0002-ledger.md).

create table outcome_sources (
    institution_id uuid not null,
    source_ref text not null,
    learner_id uuid not null,
    outcome_id uuid not null,
    constraint outcome_sources_pkey primary key (institution_id, source_ref)
);
comment on table outcome_sources is 'One outcome per institution and source reference, whoever the learner is. Append-only.';
comment on column outcome_sources.institution_id is 'The institution that posted it.';
comment on column outcome_sources.source_ref is 'Its own record id, or one derived from the line.';
comment on column outcome_sources.learner_id is 'Whose outcome it is.';
comment on column outcome_sources.outcome_id is 'The outcome.';

create table outcomes (
    learner_id uuid not null,
    outcome_id uuid not null,
    institution_id uuid not null,
    source_ref text not null,
    entry_id uuid not null,
    version_id uuid not null,
    grade text not null,
    attempt text not null,
    awarded_on date not null,
    stated text not null,
    recorded_at timestamptz not null,
    origin text not null,
    earned_nothing text,
    request_id uuid,
    constraint outcomes_pkey primary key (learner_id, outcome_id),
    constraint outcomes_attempt_check check (attempt in ('first', 'resit', 'retake')),
    constraint outcomes_origin_check check (origin in ('api', 'import', 'conversion')),
    constraint outcomes_request_id_check check ((origin = 'conversion') = (request_id is not null))
);
comment on table outcomes is '学习成果: the fact that a learner achieved a catalogue entry. Append-only.';
comment on column outcomes.learner_id is 'Whose it is.';
comment on column outcomes.outcome_id is 'UUIDv7.';
comment on column outcomes.institution_id is 'Who posted it.';
comment on column outcomes.source_ref is 'The institution''s own record id; see outcome_sources.';
comment on column outcomes.entry_id is 'What was achieved.';
comment on column outcomes.version_id is 'The version in force on that day.';
comment on column outcomes.grade is 'The result: a score such as 87.00, or a word of the grade vocabulary.';
comment on column outcomes.attempt is 'first, resit (补考) or retake (重修).';
comment on column outcomes.awarded_on is 'The day it was achieved.';
comment on column outcomes.stated is 'The amounts that the institution stated, for example credit=3.50: part of what makes two reports the same.';
comment on column outcomes.recorded_at is 'The moment it entered the ledger.';
comment on column outcomes.origin is 'How it came in.';
comment on column outcomes.earned_nothing is 'The coded reason where it has no lot.';
comment on column outcomes.request_id is 'The conversion request that granted it.';

create table lots (
    learner_id uuid not null,
    lot_id uuid not null,
    outcome_id uuid not null,
    version_id uuid not null,
    unit text not null,
    issued bigint not null,
    available bigint not null,
    held bigint not null,
    used bigint not null,
    expired bigint not null,
    withdrawn bigint not null,
    earned_on date not null,
    expires_on date,
    credits_entry_id uuid,
    constraint lots_pkey primary key (learner_id, lot_id),
    constraint lots_unit_check check (unit in ('credit', 'hour', 'point', 'ceu')),
    constraint lots_not_negative_check check (
        issued > 0 and available >= 0 and held >= 0 and used >= 0 and expired >= 0 and withdrawn >= 0
    ),
    constraint lots_sum_check check (issued = available + held + used + expired + withdrawn)
);
comment on table lots is '份额: the amount of one unit recognised from one outcome. Amounts in hundredths. Only the five sums change.';
comment on column lots.learner_id is 'Whose it is.';
comment on column lots.lot_id is 'UUIDv7.';
comment on column lots.outcome_id is 'The outcome it came from.';
comment on column lots.version_id is 'The catalogue version under which it was recognised.';
comment on column lots.unit is 'What is counted.';
comment on column lots.issued is 'How much was recognised.';
comment on column lots.available is 'Can be used.';
comment on column lots.held is 'Reserved by requests.';
comment on column lots.used is 'Given for a conversion.';
comment on column lots.expired is 'Lapsed.';
comment on column lots.withdrawn is 'Taken back by a correction.';
comment on column lots.earned_on is 'The day the outcome was achieved.';
comment on column lots.expires_on is 'Last day on which it can be used; for ever where null.';
comment on column lots.credits_entry_id is 'The entry that it credits; null where a learner may be credited for it more than once.';
-- 补考, 重修: a course is credited once, also when two attempts arrive at the same moment.
create unique index lots_credited_once_key on lots (learner_id, credits_entry_id, unit)
    where withdrawn = 0;

create table transfers (
    learner_id uuid not null,
    transfer_id uuid not null,
    lot_id uuid not null,
    kind text not null,
    from_account text not null,
    to_account text not null,
    amount bigint not null,
    recorded_at timestamptz not null,
    effective_on date not null,
    request_id uuid,
    constraint transfers_pkey primary key (learner_id, transfer_id),
    constraint transfers_amount_check check (amount > 0),
    constraint transfers_kind_check check (
        (kind, from_account, to_account) in (
            ('issue', 'issuer', 'available'),
            ('hold', 'available', 'held'),
            ('release', 'held', 'available'),
            ('settle', 'held', 'used')
        )
    ),
    constraint transfers_request_id_check check ((kind = 'issue') or (request_id is not null))
);
comment on table transfers is '过账: one immutable ledger row. Append-only.';
comment on column transfers.learner_id is 'Whose lot it is.';
comment on column transfers.transfer_id is 'UUIDv7.';
comment on column transfers.lot_id is 'The lot; its unit is the unit of the amount.';
comment on column transfers.kind is 'issue, hold, release or settle.';
comment on column transfers.from_account is 'The account of the lot that gives.';
comment on column transfers.to_account is 'The account of the lot that takes.';
comment on column transfers.amount is 'In hundredths of the lot''s unit.';
comment on column transfers.recorded_at is 'The moment it entered the ledger.';
comment on column transfers.effective_on is 'The day from which it counts.';
comment on column transfers.request_id is 'The conversion request behind it.';

create trigger outcome_sources_append_only
    before update or delete or truncate on outcome_sources
    for each statement execute function refuse_change();
create trigger outcomes_append_only
    before update or delete or truncate on outcomes
    for each statement execute function refuse_change();
create trigger lots_never_deleted
    before delete or truncate on lots
    for each statement execute function refuse_change();
-- All but the five sums of a lot is as final as a transfer.
create trigger lots_facts_append_only
    before update of learner_id, lot_id, outcome_id, version_id, unit, issued, earned_on, expires_on,
        credits_entry_id on lots
    for each statement execute function refuse_change();
create trigger transfers_append_only
    before update or delete or truncate on transfers
    for each statement execute function refuse_change();

grant select, insert on outcome_sources, outcomes, lots, transfers to creditbank_app;
grant update (available, held, used, expired, withdrawn) on lots to creditbank_app;
