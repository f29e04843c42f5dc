-- A page of the feed behind event $1, at most $3; where $2 is an institution, only what concerns it.
-- Every join is to the one row that an event tells of, or to what belongs to it.
with page as (
    (
        select e.*
        from events e
        where $2::uuid is null and e.seq > $1
        order by e.seq
        limit $3
    )
    union all
    (
        select e.*
        from event_audiences a
        join events e on e.seq = a.seq
        where a.institution_id = $2::uuid and a.seq > $1
        order by a.seq
        limit $3
    )
),
subject as (
    select p.seq, p.kind, p.learner_id, p.subject_id, p.recorded_at,
        coalesce(t.lot_id, n.lot_id) as lot_id,
        coalesce(n.outcome_id, w.outcome_id) as outcome_id,
        coalesce(t.request_id, n.request_id, w.request_id) as request_id,
        t.hold_id,
        coalesce(t.correction_id, n.correction_id) as correction_id,
        t.amount,
        coalesce(t.effective_on, w.awarded_on) as effective_on,
        coalesce(
            n.figures,
            case when w.earned_nothing is not null
                then jsonb_build_object('earned_nothing', w.earned_nothing)
            end
        ) as figures
    from page p
    left join transfers t on t.learner_id = p.learner_id and t.transfer_id = p.subject_id
    left join notices n on n.learner_id = p.learner_id and n.notice_id = p.subject_id
    left join outcomes w on w.learner_id = p.learner_id and w.outcome_id = p.subject_id
)
select s.seq, s.kind, s.subject_id, a.learner_no, s.lot_id,
    coalesce(s.outcome_id, l.outcome_id) as outcome_id, s.request_id, s.hold_id, s.correction_id,
    l.unit, s.amount, i.code as institution_code, s.recorded_at, s.effective_on, s.figures
from subject s
join learners a on a.learner_id = s.learner_id
left join lots l on l.learner_id = s.learner_id and l.lot_id = s.lot_id
left join outcomes o
    on o.learner_id = s.learner_id and o.outcome_id = coalesce(s.outcome_id, l.outcome_id)
left join institutions i on i.institution_id = o.institution_id
order by s.seq
