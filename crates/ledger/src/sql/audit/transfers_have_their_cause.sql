-- The request, the hold and the correction that a transfer names exist. A correction may be
-- another learner's: an outcome that was posted to the wrong one.
select t.transfer_id::text as id, learner_id, o.institution_id
from transfers t
left join lots l using (learner_id, lot_id)
left join outcomes o using (learner_id, outcome_id)
where (
        t.request_id is not null
        and not exists (
            select from conversion_requests r
            -- The request of another account may use this one's lot, where both were merged.
            where r.request_id = t.request_id
                and (
                    r.learner_id = t.learner_id
                    or exists (
                        select from conversion_lines c
                        where c.learner_id = r.learner_id and c.request_id = r.request_id
                            and c.lot_learner_id = t.learner_id and c.lot_id = t.lot_id
                    )
                )
        )
    )
    or (
        t.hold_id is not null
        and not exists (
            select from holds h where h.learner_id = t.learner_id and h.hold_id = t.hold_id
        )
    )
    or (
        t.correction_id is not null
        and not exists (select from corrections c where c.correction_id = t.correction_id)
    )
    or (t.kind <> 'issue' and t.kind <> 'expire'
        and num_nonnulls(t.request_id, t.hold_id, t.correction_id) = 0)
