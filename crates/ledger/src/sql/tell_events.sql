-- Writes events, already numbered ($1) and named ($2–$4, a column each), with whom they concern.
with listed as (
    select *
    from unnest($1::bigint[], $2::text[], $3::uuid[], $4::uuid[])
        as l (seq, kind, learner_id, subject_id)
),
told as (
    -- Left joins: a row that lost its lot is the audit's business and must not stop the feed.
    select l.seq, l.kind, l.learner_id, l.subject_id, t.made_in, t.recorded_at,
        array[
            o.institution_id, r.requesting_institution_id, r.receiving_institution_id,
            h.institution_id
        ] as audience
    from listed l
    join transfers t on t.learner_id = l.learner_id and t.transfer_id = l.subject_id
    left join lots s on s.learner_id = t.learner_id and s.lot_id = t.lot_id
    left join outcomes o on o.learner_id = s.learner_id and o.outcome_id = s.outcome_id
    -- By the request alone: it may be that of an account which was merged with the lot's.
    left join conversion_requests r on r.request_id = t.request_id
    left join holds h on h.learner_id = t.learner_id and h.hold_id = t.hold_id
    where l.kind like 'lot.%'
    union all
    select l.seq, l.kind, l.learner_id, l.subject_id, o.made_in, o.recorded_at,
        array[o.institution_id]
    from listed l
    join outcomes o on o.learner_id = l.learner_id and o.outcome_id = l.subject_id
    where l.kind = 'outcome.recorded'
    union all
    select l.seq, l.kind, l.learner_id, l.subject_id, n.made_in, n.recorded_at, n.institution_ids
    from listed l
    join notices n on n.learner_id = l.learner_id and n.notice_id = l.subject_id
    where l.kind <> 'outcome.recorded' and l.kind not like 'lot.%'
),
addressed as (
    insert into event_audiences (institution_id, seq)
    select distinct concerned.institution_id, t.seq
    from told t, unnest(t.audience) as concerned (institution_id)
    where concerned.institution_id is not null
    order by concerned.institution_id, t.seq
),
noticed as (
    insert into notice_audiences (institution_id, seq, kind)
    select distinct concerned.institution_id, t.seq, t.kind
    from told t, unnest(t.audience) as concerned (institution_id)
    where concerned.institution_id is not null
        and t.kind <> 'outcome.recorded' and t.kind not like 'lot.%'
    union all
    -- The bank itself.
    select '00000000-0000-0000-0000-000000000000', t.seq, t.kind
    from told t
    where t.kind in ('request_overdue', 'request_lapsed')
),
written as (
    insert into events (seq, kind, learner_id, subject_id, made_in, recorded_at)
    select seq, kind, learner_id, subject_id, made_in, recorded_at
    from told
    order by seq
    returning seq
)
select count(*) as written from written
