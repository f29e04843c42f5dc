-- Whatever the sequencer's last round saw, each once: a transfer, an outcome without a lot, a
-- notice. And no event without such a subject.
with subject as (
    select transfer_id as subject_id, learner_id, made_in, recorded_at,
        case kind when 'issue' then 'lot.issued' when 'hold' then 'lot.held'
            when 'release' then 'lot.released' when 'settle' then 'lot.settled'
            when 'expire' then 'lot.expired' when 'withdraw' then 'lot.withdrawn'
            when 'reverse' then 'lot.given_back' end as kind
    from transfers
    union all
    select outcome_id, learner_id, made_in, recorded_at, 'outcome.recorded'
    from outcomes o
    where not exists (
        select from lots l where l.learner_id = o.learner_id and l.outcome_id = o.outcome_id
    )
    union all
    select notice_id, learner_id, made_in, recorded_at, kind
    from notices
)
select coalesce(s.subject_id, e.subject_id)::text as id
from subject s
full join events e on e.subject_id = s.subject_id
where s.subject_id is null
    or e.learner_id <> s.learner_id or e.kind <> s.kind or e.recorded_at <> s.recorded_at
    or e.made_in is distinct from s.made_in and e.seq is not null
    or (
        e.seq is null
        and exists (
            select from sequencer q
            where q.last_snapshot is not null
                and (
                    s.made_in is null
                    or pg_visible_in_snapshot(s.made_in::text::xid8, q.last_snapshot)
                )
        )
        and not exists (select from event_backlog b where b.subject_id = s.subject_id)
    )
