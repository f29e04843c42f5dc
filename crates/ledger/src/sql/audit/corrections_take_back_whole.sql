-- An outcome that a correction names has no lot that is not withdrawn; one that stands has no lot
-- that is; its successor is there, corrects it, and is of the same source.
select o.outcome_id::text as id, o.learner_id, o.institution_id
from outcomes o
left join corrections c on c.learner_id = o.learner_id and c.outcome_id = o.outcome_id
left join outcomes s
    on s.learner_id = c.successor_learner_id and s.outcome_id = c.successor_outcome_id
where exists (
        select from lots l
        where l.learner_id = o.learner_id and l.outcome_id = o.outcome_id
            and (l.withdrawn = 0) = (c.correction_id is not null)
    )
    or (
        c.successor_outcome_id is not null
        and (s.outcome_id is null or s.corrects is distinct from o.outcome_id
            or (s.institution_id, s.source_ref) <> (o.institution_id, o.source_ref))
    )
