-- Tells the learner and the institution that posted the outcome that a lot ends soon.
-- $1 ids of the notices, $2 learners and $3 lots, a column each; $4 the moment.
insert into notices (
    learner_id, notice_id, kind, institution_ids, lot_id, outcome_id, figures, recorded_at
)
select l.learner_id, n.notice_id, 'lot_expires_soon', array[o.institution_id], l.lot_id,
    l.outcome_id,
    jsonb_build_object(
        'unit', l.unit, 'available', (l.available / 100) || '.' || lpad((l.available % 100)::text, 2, '0'),
        'expires_on', l.expires_on
    ),
    $4
from unnest($1::uuid[], $2::uuid[], $3::uuid[]) as n (notice_id, learner_id, lot_id)
join lots l using (learner_id, lot_id)
join outcomes o using (learner_id, outcome_id)
