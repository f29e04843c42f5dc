-- What concerns somebody at institution $1 (all zeros: at the bank) in their roles, the newest first:
-- events before $2 and from $3 on, at most $4. Of requests that it is to decide the kinds $5, of
-- those that it sent $6, and of whatever else $7.
select e.subject_id, e.seq, e.kind, e.recorded_at, n.request_id, n.lot_id, n.outcome_id,
    n.figures, e.seq <= $9 or r.subject_id is not null as is_read
from notice_audiences a
join events e on e.seq = a.seq
join notices n on n.learner_id = e.learner_id and n.notice_id = e.subject_id
left join conversion_requests c on c.learner_id = n.learner_id and c.request_id = n.request_id
left join notice_reads r on r.person_id = $8 and r.subject_id = e.subject_id
where a.institution_id = $1 and a.seq < $2 and e.recorded_at >= $3
    and a.kind = any($5::text[] || $6::text[] || $7::text[])
    and (
        (a.kind = any($5) and c.receiving_institution_id = $1)
        or (a.kind = any($6) and c.requesting_institution_id = $1)
        or a.kind = any($7)
    )
order by a.seq desc
limit $4
