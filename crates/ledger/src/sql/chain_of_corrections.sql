-- The outcome of a source reference ($1 institution, $2 reference) and what took its place, step by
-- step. After a withdrawal comes nothing, unless the withdrawal was undone.
chain as (
    select learner_id, outcome_id, 0 as step
    from outcome_sources
    where institution_id = $1 and source_ref = $2
    union all
    select coalesce(c.successor_learner_id, u.successor_learner_id),
        coalesce(c.successor_outcome_id, u.successor_outcome_id), chain.step + 1
    from chain
    join corrections c on c.learner_id = chain.learner_id and c.outcome_id = chain.outcome_id
    left join corrections u
        on u.learner_id = c.learner_id and u.undoes = c.correction_id
        and c.successor_outcome_id is null
)
