-- Accounts count as one learner's if a merge ever put them together, directly or under one survivor.
-- Not by the moment of the request: whoever waited for a merge took its moment before.
with kin as (
    select survivor_id as learner_id, absorbed_id as other_id from learner_merges
    union
    select absorbed_id, survivor_id from learner_merges
    union
    select a.absorbed_id, b.absorbed_id
    from learner_merges a
    join learner_merges b using (survivor_id)
)
select l.request_id || '/' || l.line_no as id, l.learner_id,
    r.requesting_institution_id as institution_id
from conversion_lines l
join conversion_requests r using (learner_id, request_id)
left join lots o
    on o.learner_id = coalesce(l.lot_learner_id, l.learner_id) and o.lot_id = l.lot_id
    and o.outcome_id = l.outcome_id
left join kin k on k.learner_id = l.learner_id and k.other_id = l.lot_learner_id
where o.lot_id is null or (l.lot_learner_id is not null and k.other_id is null)
