-- What was posted first under a source reference is what the reference leads to, and the other way
-- round. In two halves, so that a learner's slice of the first reads that learner's rows only.
select o.outcome_id::text as id, o.learner_id, o.institution_id
from outcomes o
left join outcome_sources s
    on s.institution_id = o.institution_id and s.source_ref = o.source_ref
where o.corrects is null
    and (s.outcome_id is distinct from o.outcome_id or s.learner_id is distinct from o.learner_id)
union all
select s.outcome_id::text, s.learner_id, s.institution_id
from outcome_sources s
left join outcomes o on o.learner_id = s.learner_id and o.outcome_id = s.outcome_id
where o.outcome_id is null or o.corrects is not null
    or (o.institution_id, o.source_ref) <> (s.institution_id, s.source_ref)
