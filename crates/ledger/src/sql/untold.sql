-- What was committed and has no event yet, numbered in the order in which it is to be told.
-- $1 and $2 the first transaction that the last round could not see and the first one that this
-- round cannot; $3 those that ran at the last round and have ended; $4 this round's snapshot, or
-- null for everything that this statement sees; $5 whether numbers of transactions mean nothing.
--
-- Whoever writes after another's commit has a higher transaction number; whoever moves a lot after
-- another has a later moment, although perhaps a lower number, because it waited for the lot. So a
-- transfer's turn is the highest number among what its lot went through up to then: that holds both.
with moved as (
    select
        case t.kind
            when 'issue' then 'lot.issued'
            when 'hold' then 'lot.held'
            when 'release' then 'lot.released'
            when 'settle' then 'lot.settled'
            when 'expire' then 'lot.expired'
            when 'withdraw' then 'lot.withdrawn'
            when 'reverse' then 'lot.given_back'
            else 'lot.' || t.kind
        end as kind,
        t.learner_id, t.transfer_id as subject_id, t.recorded_at, t.made_in,
        max(coalesce(t.made_in, 0)) over (
            partition by t.learner_id, t.lot_id order by t.recorded_at, t.transfer_id
        ) as turn
    from transfers t
    where (
            $4::text is null
            or (
                ((t.made_in >= $1::bigint and t.made_in < $2::bigint) or t.made_in = any($3::bigint[]))
                and pg_visible_in_snapshot(t.made_in::text::xid8, $4::text::pg_snapshot)
            )
        )
        and not exists (select from events e where e.subject_id = t.transfer_id)
),
found as (
    select kind, learner_id, subject_id, recorded_at, turn, 1 as rank
    from moved
    union all
    -- An outcome with a lot is told by the transfer that issues it. Which have none is known without
    -- looking: those with a reason, and those whose version gives nothing.
    select 'outcome.recorded', o.learner_id, o.outcome_id, o.recorded_at, coalesce(o.made_in, 0), 2
    from outcomes o
    where (
            $4::text is null
            or (
                ((o.made_in >= $1::bigint and o.made_in < $2::bigint) or o.made_in = any($3::bigint[]))
                and pg_visible_in_snapshot(o.made_in::text::xid8, $4::text::pg_snapshot)
            )
        )
        and (
            o.earned_nothing is not null
            or o.version_id not in (select version_id from catalogue_amounts)
        )
        and not exists (select from events e where e.subject_id = o.outcome_id)
    union all
    -- A notice comes behind the transfers of its transaction.
    select n.kind, n.learner_id, n.notice_id, n.recorded_at, greatest(n.made_in, m.turn), 3
    from notices n
    left join (select made_in, max(turn) as turn from moved group by made_in) m
        on m.made_in = n.made_in
    where (
            $4::text is null
            or (
                ((n.made_in >= $1::bigint and n.made_in < $2::bigint) or n.made_in = any($3::bigint[]))
                and pg_visible_in_snapshot(n.made_in::text::xid8, $4::text::pg_snapshot)
            )
        )
        and not exists (select from events e where e.subject_id = n.notice_id)
),
told as (
    select kind, learner_id, subject_id,
        row_number() over (
            order by
                case when $5::boolean then 0 else turn end,
                -- Without numbers, only the moments are left.
                case when $5::boolean or turn = 0 then recorded_at end,
                rank, recorded_at, subject_id
        ) as position
    from found
)
