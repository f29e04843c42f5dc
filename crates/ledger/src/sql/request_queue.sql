-- Open requests behind $1: of an institution ($2), of a learner ($3), or all; at a party's stage ($4),
-- waiting for an answer or not ($5), marked or not ($6), due before a day ($7); at most $8.
-- Requests that are older than their steps are at the one stage of the receiving institution.
select r.request_id, r.cohort_id, l.learner_no, q.code as requesting_code,
    v.code as receiving_code, p.code as programme_code,
    coalesce(w.stage_no, 1::smallint) as stage_no, coalesce(w.party, 'receiving') as party,
    coalesce(w.turn, 'reviewers') as turn, w.due_on, coalesce(w.marked, false) as marked,
    coalesce(w.steps, 0) as steps, r.requested_at
from conversion_requests r
left join request_standings w using (learner_id, request_id)
left join learner_aliases a on a.absorbed_id = r.learner_id
join learners l on l.learner_id = coalesce(a.survivor_id, r.learner_id)
left join institutions q on q.institution_id = r.requesting_institution_id
join institutions v on v.institution_id = r.receiving_institution_id
join programmes p on p.programme_id = r.programme_id
where r.state = 'requested' and r.request_id > $1
    and ($2 is null or $2 in (r.requesting_institution_id, r.receiving_institution_id))
    and (
        $3 is null
        or l.learner_id = (
            select coalesce(b.survivor_id, n.learner_id)
            from learner_numbers n
            left join learner_aliases b on b.absorbed_id = n.learner_id
            where n.learner_no = $3
        )
    )
    and ($4 is null or coalesce(w.party, 'receiving') = $4)
    and ($5 is null or (coalesce(w.turn, 'reviewers') = 'applicant') = $5)
    and ($6 is null or coalesce(w.marked, false) = $6)
    and ($7 is null or w.due_on < $7)
order by r.request_id
limit $8
