-- The poster of the outcome, both sides of the conversion, whoever holds, whom the notice names.
with concerned as (
    select e.seq, c.institution_id
    from events e
    join transfers t on t.learner_id = e.learner_id and t.transfer_id = e.subject_id
    left join lots l on l.learner_id = t.learner_id and l.lot_id = t.lot_id
    left join outcomes o on o.learner_id = l.learner_id and o.outcome_id = l.outcome_id
    -- By the request alone: it may be that of an account which was merged with the lot's.
    left join conversion_requests r on r.request_id = t.request_id
    left join holds h on h.learner_id = t.learner_id and h.hold_id = t.hold_id
    cross join lateral (
        values (o.institution_id), (r.requesting_institution_id), (r.receiving_institution_id),
            (h.institution_id)
    ) as c (institution_id)
    union
    select e.seq, o.institution_id
    from events e
    join outcomes o on o.learner_id = e.learner_id and o.outcome_id = e.subject_id
    union
    select e.seq, unnest(n.institution_ids)
    from events e
    join notices n on n.learner_id = e.learner_id and n.notice_id = e.subject_id
)
select coalesce(c.seq, a.seq)::text as id
from (select seq, institution_id from concerned where institution_id is not null) c
full join event_audiences a using (seq, institution_id)
where c.seq is null or a.seq is null
