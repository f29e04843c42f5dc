-- The change feed and the totals: made from what was posted, outside the posting path. Posting
-- itself leaves nothing but the number of its transaction in every row.

-- An outcome that earned nothing has no transfer that could tell of it.
alter table outcomes add column made_in bigint;
alter table outcomes alter column made_in set default (pg_current_xact_id()::text::bigint);
comment on column outcomes.made_in is 'The database''s transaction that wrote it; null in rows from before this column.';
create index outcomes_made_in_idx on outcomes using brin (made_in) with (pages_per_range = 32, autosummarize = on);

create table events (
    seq bigint not null,
    kind text not null,
    learner_id uuid not null,
    subject_id uuid not null,
    made_in bigint,
    recorded_at timestamptz not null,
    constraint events_pkey primary key (seq),
    -- Whatever goes wrong, nothing is told twice.
    constraint events_subject_id_key unique (subject_id),
    constraint events_seq_check check (seq > 0),
    constraint events_kind_check check (kind ~ '^[a-z]+([._][a-z]+)*$')
);
comment on table events is '变更流: everything that happened in the ledger, in the order of commits, numbered without a gap. Append-only.';
comment on column events.seq is 'Counts up from 1 without a gap.';
comment on column events.kind is 'lot.issued and so on for a transfer, outcome.recorded for an outcome without a lot, or the kind of a notice.';
comment on column events.learner_id is 'Whose it is.';
comment on column events.subject_id is 'The transfer, outcome or notice that it tells of.';
comment on column events.made_in is 'The transaction that wrote the subject, as the subject has it.';
comment on column events.recorded_at is 'The moment of the subject.';
create trigger events_append_only
    before update or delete or truncate on events
    for each statement execute function refuse_change();

create table event_audiences (
    institution_id uuid not null,
    seq bigint not null,
    constraint event_audiences_pkey primary key (institution_id, seq)
);
comment on table event_audiences is 'Which institutions an event concerns, so that each reads its own as one index range. Append-only.';
comment on column event_audiences.institution_id is 'Who posted the outcome, asked for or receives the conversion, holds, or is named by the notice.';
comment on column event_audiences.seq is 'The event.';
create trigger event_audiences_append_only
    before update or delete or truncate on event_audiences
    for each statement execute function refuse_change();

create table event_backlog (
    seq bigint not null,
    kind text not null,
    learner_id uuid not null,
    subject_id uuid not null,
    constraint event_backlog_pkey primary key (seq)
);
comment on table event_backlog is 'What a round found that was too much for one transaction: numbered already, told in parts. Empty otherwise.';
comment on column event_backlog.seq is 'The number that the event will have.';
comment on column event_backlog.kind is 'As in events.';
comment on column event_backlog.learner_id is 'As in events.';
comment on column event_backlog.subject_id is 'As in events.';

create table sequencer (
    singleton boolean not null default true,
    last_snapshot pg_snapshot,
    last_seq bigint not null default 0,
    system_identifier bigint,
    round_at timestamptz,
    constraint sequencer_pkey primary key (singleton),
    constraint sequencer_singleton_check check (singleton),
    constraint sequencer_last_seq_check check (last_seq >= 0),
    constraint sequencer_begun_check check (
        (last_snapshot is null) = (system_identifier is null)
        and (last_snapshot is null) = (round_at is null)
    )
);
comment on table sequencer is 'How far the sequencer of events is: one row.';
comment on column sequencer.singleton is 'Always true.';
comment on column sequencer.last_snapshot is 'Whatever was committed in this snapshot has its event or stands in event_backlog; null before the first round.';
comment on column sequencer.last_seq is 'The number of the newest event.';
comment on column sequencer.system_identifier is 'The cluster whose transaction numbers the snapshot holds: in another one they mean nothing.';
comment on column sequencer.round_at is 'When the snapshot was taken.';
insert into sequencer default values;

create table totals (
    institution_id uuid not null,
    unit text not null,
    category text not null,
    day date not null,
    issued bigint not null,
    available bigint not null,
    held bigint not null,
    used bigint not null,
    expired bigint not null,
    withdrawn bigint not null,
    lots_issued bigint not null,
    constraint totals_pkey primary key (institution_id, unit, category, day),
    constraint totals_sum_check check (issued = available + held + used + expired + withdrawn),
    constraint totals_issued_check check (issued >= 0 and lots_issued >= 0)
);
comment on table totals is '汇总: what a day''s transfers changed in the lots of an institution''s outcomes, in hundredths. Made from events; can be made again from nothing.';
comment on column totals.institution_id is 'Who posted the outcomes.';
comment on column totals.unit is 'What is counted.';
comment on column totals.category is 'The category of what was achieved.';
comment on column totals.day is 'The day in China on which the transfers were recorded.';
comment on column totals.issued is 'What was recognised that day.';
comment on column totals.available is 'By how much what can be used grew, or shrank where negative.';
comment on column totals.held is 'By how much what is reserved grew.';
comment on column totals.used is 'By how much what was used grew.';
comment on column totals.expired is 'By how much what lapsed grew.';
comment on column totals.withdrawn is 'By how much what was taken back grew.';
comment on column totals.lots_issued is 'How many lots were issued that day.';

create table totals_progress (
    singleton boolean not null default true,
    seq bigint not null default 0,
    recorded_at timestamptz,
    constraint totals_progress_pkey primary key (singleton),
    constraint totals_progress_singleton_check check (singleton),
    constraint totals_progress_seq_check check (seq >= 0)
);
comment on table totals_progress is 'How far the totals are: one row.';
comment on column totals_progress.singleton is 'Always true.';
comment on column totals_progress.seq is 'The newest event that they count.';
comment on column totals_progress.recorded_at is 'The latest moment among the events that they count.';
insert into totals_progress default values;

-- A summary is made when somebody makes it: left to autovacuum, the rows of its last minute are read
-- again in every round. Only an index's owner may, so this does it for the application.
create table made_in_summaries (
    relation text not null,
    next_block bigint not null default 0,
    constraint made_in_summaries_pkey primary key (relation),
    constraint made_in_summaries_relation_check check (relation in ('transfers', 'outcomes', 'notices')),
    constraint made_in_summaries_next_block_check check (next_block >= 0)
);
comment on table made_in_summaries is 'Up to where the indexes on made_in are summarised for the sequencer.';
comment on column made_in_summaries.relation is 'The table.';
comment on column made_in_summaries.next_block is 'The first block that is not.';
insert into made_in_summaries (relation) values ('transfers'), ('outcomes'), ('notices');

create function summarize_made_in() returns bigint
language plpgsql security definer
set search_path = pg_catalog, public, pg_temp
-- Vacuum holds the lock that is needed and summarises itself. Shorter than deadlock_timeout, after
-- which waiting would cancel it.
set lock_timeout = '100ms' as $$
declare
    pages_per_range constant bigint := 32;
    -- The newest pages are still written to, and every write beyond a summary has to widen it.
    ranges_left constant bigint := 4;
    progress record;
    complete bigint;
    block bigint;
    summarized bigint := 0;
begin
    for progress in select * from made_in_summaries order by relation for update skip locked loop
        complete := pg_relation_size(progress.relation::regclass)
            / current_setting('block_size')::bigint / pages_per_range - ranges_left;
        block := progress.next_block;
        while block < complete * pages_per_range loop
            summarized := summarized + brin_summarize_range(
                (progress.relation || '_made_in_idx')::regclass, block
            );
            block := block + pages_per_range;
        end loop;
        -- Fewer pages than before: rewritten, and its index made anew.
        block := least(block, greatest(complete, 0) * pages_per_range);
        if block <> progress.next_block then
            update made_in_summaries set next_block = block where relation = progress.relation;
        end if;
    end loop;
    return summarized;
exception
    when lock_not_available then return 0;
end
$$;
comment on function summarize_made_in() is 'Summarises the indexes on made_in as far as pages are full; gives how many ranges.';
revoke execute on function summarize_made_in() from public;
grant execute on function summarize_made_in() to creditbank_app;

grant select, insert on events, event_audiences to creditbank_app;
grant select, insert, delete on event_backlog to creditbank_app;
grant select, update (last_snapshot, last_seq, system_identifier, round_at) on sequencer to creditbank_app;
grant select, insert, update, delete on totals to creditbank_app;
grant select, update (seq, recorded_at) on totals_progress to creditbank_app;
