-- What concerns the learner of the accounts $1, the newest first: of things from $2 on those before
-- the one of the id $3, at most $4. $5 is the person who looks.
with found as (
    (
        select n.notice_id as subject_id, n.kind, n.recorded_at, n.request_id, n.lot_id,
            n.outcome_id, n.figures
        from notices n
        where n.learner_id = any($1) and n.recorded_at >= $2
            and n.kind = any($6)
    )
    union all
    (
        select o.outcome_id, 'outcome_posted', o.recorded_at, null, null, o.outcome_id, null
        from outcomes o
        where o.learner_id = any($1) and o.recorded_at >= $2
            and not exists (select from corrections c
                where c.learner_id = o.learner_id and c.successor_outcome_id = o.outcome_id)
    )
    union all
    (
        select r.reading_id, 'account_read', r.read_at, null, null, null,
            jsonb_build_object('what', r.what)
        from readings r
        where r.learner_id = any($1) and r.read_at >= $2
    )
)
select f.subject_id, 0::bigint as seq, f.kind, f.recorded_at, f.request_id, f.lot_id, f.outcome_id,
    f.figures, r.subject_id is not null as is_read
from found f
left join notice_reads r on r.person_id = $5 and r.subject_id = f.subject_id
where $3::uuid is null or f.subject_id < $3
order by f.subject_id desc
limit $4
