-- What can happen to a lot after it was issued: expiry, correction, withdrawal, reversal, and holds
-- that need no conversion. Everything here widens what was allowed; nothing that was written before
-- reads otherwise.

alter table transfers
    add column correction_id uuid,
    add column hold_id uuid,
    -- Null in rows from before this column: the sequencer takes those first.
    add column made_in bigint;
alter table transfers alter column made_in set default (pg_current_xact_id()::text::bigint);
comment on column transfers.correction_id is 'The correction behind a withdrawal, or the reversal that gave back what was used.';
comment on column transfers.hold_id is 'The direct hold behind it, where no conversion request is.';
comment on column transfers.made_in is 'The database''s transaction that wrote it: from this the sequencer learns the order of commits.';
-- Rows are appended, so a few pages of summary find the newest ones; a B-tree would cost every post.
create index transfers_made_in_idx on transfers using brin (made_in) with (pages_per_range = 32, autosummarize = on);

alter table transfers
    drop constraint transfers_kind_check,
    drop constraint transfers_request_id_check,
    add constraint transfers_kind_check check (
        (kind, from_account, to_account) in (
            ('issue', 'issuer', 'available'),
            ('hold', 'available', 'held'),
            ('release', 'held', 'available'),
            ('settle', 'held', 'used'),
            ('expire', 'available', 'expired'),
            ('withdraw', 'available', 'withdrawn'),
            ('withdraw', 'used', 'withdrawn'),
            ('withdraw', 'expired', 'withdrawn'),
            ('reverse', 'used', 'available')
        )
    ),
    add constraint transfers_cause_check check (
        case kind
            when 'issue' then hold_id is null
            when 'expire' then num_nonnulls(request_id, hold_id, correction_id) = 0
            when 'withdraw' then correction_id is not null and num_nonnulls(request_id, hold_id) <= 1
            when 'reverse' then correction_id is not null and num_nonnulls(request_id, hold_id) = 1
            else num_nonnulls(request_id, hold_id) = 1
        end
    );
comment on column transfers.kind is 'issue, hold, release, settle, expire, withdraw or reverse.';

-- A lot is withdrawn as a whole or not at all: what is worth less is withdrawn and issued again.
alter table lots add constraint lots_withdrawn_whole_check check (withdrawn in (0, issued));
-- What the expiry job and its warnings look through. `available` is not in the predicate, so that
-- holds and settlements still change a lot in place.
create index lots_expires_on_idx on lots (expires_on, learner_id, lot_id)
    where expires_on is not null and expired + withdrawn < issued;

alter table outcomes add column corrects uuid;
comment on column outcomes.corrects is 'The outcome whose place it takes, by a correction; that one has the source reference in outcome_sources.';

create table corrections (
    learner_id uuid not null,
    correction_id uuid not null,
    kind text not null,
    outcome_id uuid,
    request_id uuid,
    hold_id uuid,
    undoes uuid,
    caused_by uuid,
    successor_learner_id uuid,
    successor_outcome_id uuid,
    reason text not null,
    document_number text not null,
    institution_id uuid,
    client_id uuid,
    recorded_at timestamptz not null,
    constraint corrections_pkey primary key (learner_id, correction_id),
    constraint corrections_kind_check check (
        case kind
            when 'correct' then outcome_id is not null and successor_outcome_id is not null
            when 'withdraw' then outcome_id is not null and successor_outcome_id is null
            when 'undo' then undoes is not null
            when 'carry' then outcome_id is not null and caused_by is not null
            when 'reverse_conversion' then request_id is not null and outcome_id is null
            when 'reverse_hold' then hold_id is not null and outcome_id is null
            else false
        end
    ),
    constraint corrections_undoes_check check ((kind = 'undo') = (undoes is not null)),
    constraint corrections_successor_check check (
        (successor_learner_id is null) = (successor_outcome_id is null)
    )
);
comment on table corrections is '更正、撤销: a later entry that takes back an earlier one. Append-only.';
comment on column corrections.learner_id is 'Whose entry is taken back.';
comment on column corrections.correction_id is 'UUIDv7.';
comment on column corrections.kind is 'correct, withdraw, undo (of a correct or withdraw), carry (what followed from another correction), reverse_conversion, reverse_hold.';
comment on column corrections.outcome_id is 'The outcome that stands no longer.';
comment on column corrections.request_id is 'The conversion reversed, or the one whose grant was carried along.';
comment on column corrections.hold_id is 'The settled hold reversed.';
comment on column corrections.undoes is 'The correction that is undone.';
comment on column corrections.caused_by is 'The correction that this one follows from.';
comment on column corrections.successor_learner_id is 'Whose the outcome is that stands instead: another learner''s where it was posted to the wrong one.';
comment on column corrections.successor_outcome_id is 'The outcome that stands instead.';
comment on column corrections.reason is 'The coded reason.';
comment on column corrections.document_number is 'The document it rests on.';
comment on column corrections.institution_id is 'In whose name; null for the bank.';
comment on column corrections.client_id is 'Who; null for the command line.';
comment on column corrections.recorded_at is 'When.';
-- Each of these is a second attempt refused by the database: once corrected, undone, reversed.
create unique index corrections_outcome_id_key on corrections (learner_id, outcome_id)
    where outcome_id is not null;
create unique index corrections_undoes_key on corrections (learner_id, undoes) where undoes is not null;
create unique index corrections_reversed_request_key on corrections (learner_id, request_id)
    where kind = 'reverse_conversion';
create unique index corrections_reversed_hold_key on corrections (learner_id, hold_id)
    where kind = 'reverse_hold';
create index corrections_correction_id_idx on corrections (correction_id);
create trigger corrections_append_only
    before update or delete or truncate on corrections
    for each statement execute function refuse_change();

-- A decision that a correction changed is written again, as the next revision; the highest stands.
alter table conversion_lines
    add column revision_no integer not null default 0,
    add column correction_id uuid;
comment on column conversion_lines.revision_no is '0 as first proposed or decided; counts up with every correction that changed the line.';
comment on column conversion_lines.correction_id is 'The correction that changed the line.';
alter table conversion_lines
    drop constraint conversion_lines_pkey,
    add constraint conversion_lines_pkey
        primary key (learner_id, request_id, line_no, stage, revision_no),
    add constraint conversion_lines_revision_check check (
        (revision_no = 0) = (correction_id is null) and revision_no >= 0
    );

create view standing_decisions as
select distinct on (learner_id, request_id, line_no) *
from conversion_lines
where stage = 'decision'
order by learner_id, request_id, line_no, revision_no desc;
comment on view standing_decisions is 'What was decided about each line, as it stands after every correction.';

create table holds (
    learner_id uuid not null,
    hold_id uuid not null,
    lot_id uuid not null,
    institution_id uuid not null,
    purpose text not null,
    amount bigint not null,
    settled bigint not null,
    released bigint not null,
    made_at timestamptz not null,
    expires_at timestamptz not null,
    constraint holds_pkey primary key (learner_id, hold_id),
    constraint holds_amount_check check (
        amount > 0 and settled >= 0 and released >= 0 and settled + released <= amount
    ),
    constraint holds_expires_at_check check (expires_at > made_at)
);
comment on table holds is '预留: a part of a lot reserved for a use other than a conversion. Amounts in hundredths. Only what was settled and released changes.';
comment on column holds.learner_id is 'Whose lot it is.';
comment on column holds.hold_id is 'UUIDv7.';
comment on column holds.lot_id is 'The lot.';
comment on column holds.institution_id is 'Who holds.';
comment on column holds.purpose is 'What for: a word of the list of purposes.';
comment on column holds.amount is 'How much was reserved.';
comment on column holds.settled is 'How much of it was used.';
comment on column holds.released is 'How much of it went back.';
comment on column holds.made_at is 'Since when.';
comment on column holds.expires_at is 'Until when it stands.';
create index holds_lot_id_idx on holds (learner_id, lot_id);
create index holds_expires_at_idx on holds (expires_at) where settled + released < amount;
create trigger holds_never_deleted
    before delete or truncate on holds
    for each statement execute function refuse_change();
create trigger holds_facts_append_only
    before update of learner_id, hold_id, lot_id, institution_id, purpose, amount, made_at, expires_at
        on holds
    for each statement execute function refuse_change();

create table notices (
    learner_id uuid not null,
    notice_id uuid not null,
    kind text not null,
    institution_ids uuid[] not null,
    lot_id uuid,
    outcome_id uuid,
    request_id uuid,
    correction_id uuid,
    figures jsonb not null,
    recorded_at timestamptz not null,
    made_in bigint not null default (pg_current_xact_id()::text::bigint),
    constraint notices_pkey primary key (learner_id, notice_id),
    constraint notices_kind_check check (kind in (
        'lot_expires_soon', 'outcome_corrected', 'outcome_withdrawn', 'conversion_revised',
        'conversion_reversed', 'hold_lapsed', 'learners_merged', 'learners_unmerged'
    ))
);
comment on table notices is 'What everyone concerned is told, beside the transfers themselves. Append-only.';
comment on column notices.learner_id is 'The learner concerned.';
comment on column notices.notice_id is 'UUIDv7.';
comment on column notices.kind is 'What happened.';
comment on column notices.institution_ids is 'The institutions concerned.';
comment on column notices.lot_id is 'The lot it is about.';
comment on column notices.outcome_id is 'The outcome it is about.';
comment on column notices.request_id is 'The conversion request it is about.';
comment on column notices.correction_id is 'The correction it follows from.';
comment on column notices.figures is 'Amounts, days and codes. No personal data.';
comment on column notices.recorded_at is 'When.';
comment on column notices.made_in is 'The database''s transaction that wrote it.';
create index notices_made_in_idx on notices using brin (made_in) with (pages_per_range = 32, autosummarize = on);
create trigger notices_append_only
    before update or delete or truncate on notices
    for each statement execute function refuse_change();

create table expiry_warnings (
    learner_id uuid not null,
    lot_id uuid not null,
    days_ahead integer not null,
    warned_at timestamptz not null,
    constraint expiry_warnings_pkey primary key (learner_id, lot_id, days_ahead),
    constraint expiry_warnings_days_ahead_check check (days_ahead in (180, 90, 30))
);
comment on table expiry_warnings is 'Which warnings of a lot''s end were given, each once. Append-only.';
comment on column expiry_warnings.learner_id is 'Whose lot it is.';
comment on column expiry_warnings.lot_id is 'The lot.';
comment on column expiry_warnings.days_ahead is 'How many days ahead the warning is for.';
comment on column expiry_warnings.warned_at is 'When it was given.';
create trigger expiry_warnings_append_only
    before update or delete or truncate on expiry_warnings
    for each statement execute function refuse_change();

grant select on standing_decisions to creditbank_app;
grant select, insert on corrections, holds, notices, expiry_warnings to creditbank_app;
grant update (settled, released) on holds to creditbank_app;
