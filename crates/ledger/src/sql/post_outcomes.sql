-- Posts outcomes with their lots and the transfers that issue them, all from the same rows.
-- $1 the moment; $2–$15 and $27 outcomes, a column each; $16–$26 and $28 lots, a column each. Both
-- come in the order of their keys: every writer meets the others in that order, and the indexes are
-- walked once from left to right instead of being hopped about in.
-- What stands in comments is read where courses are in a group of same courses: a column more, and
-- whichever unique index a lot meets, it is not issued.
with lot as materialized (
    select *
    from unnest(
        $16::uuid[], $17::uuid[], $18::uuid[], $19::uuid[], $20::uuid[], $21::text[], $22::bigint[],
        $23::date[], $24::date[], $25::uuid[], $26::uuid[] /* in groups: , $28::uuid[] */
    ) as l (
        learner_id, lot_id, outcome_id, version_id, transfer_id, unit, amount, earned_on,
        expires_on, credits_entry_id, request_id /* in groups: , same_course_group_id */
    )
),
issued as (
    insert into lots (
        learner_id, lot_id, outcome_id, version_id, unit, issued, available, held, used, expired,
        withdrawn, earned_on, expires_on, credits_entry_id /* in groups: , same_course_group_id */
    )
    select learner_id, lot_id, outcome_id, version_id, unit, amount, amount, 0, 0, 0, 0,
        earned_on, expires_on, credits_entry_id /* in groups: , same_course_group_id */
    from lot
    -- The learner has been credited for the entry: no second lot.
    on conflict /* in groups: do nothing -- */ (learner_id, credits_entry_id, unit) where withdrawn = 0 do nothing
    returning lot_id, outcome_id
),
transferred as (
    insert into transfers (
        learner_id, transfer_id, lot_id, kind, from_account, to_account, amount, recorded_at,
        effective_on, request_id
    )
    select l.learner_id, l.transfer_id, l.lot_id, 'issue', 'issuer', 'available', l.amount, $1,
        l.earned_on, l.request_id
    from lot l
    join issued using (lot_id)
),
recorded as (
    insert into outcomes (
        learner_id, outcome_id, institution_id, source_ref, entry_id, version_id, grade, attempt,
        awarded_on, stated, recorded_at, origin, earned_nothing, request_id, corrects
    )
    select o.learner_id, o.outcome_id, o.institution_id, o.source_ref, o.entry_id, o.version_id,
        o.grade, o.attempt, o.awarded_on, o.stated, $1, o.origin,
        case
            when o.lot_count > 0 and credited.outcome_id is null then 'ALREADY_CREDITED'
            else o.earned_nothing
        end,
        o.request_id, o.corrects
    from unnest(
        $2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::uuid[], $7::uuid[], $8::text[],
        $9::text[], $10::date[], $11::text[], $12::text[], $13::text[], $14::uuid[], $15::int[],
        $27::uuid[]
    ) as o (
        learner_id, outcome_id, institution_id, source_ref, entry_id, version_id, grade,
        attempt, awarded_on, stated, origin, earned_nothing, request_id, lot_count, corrects
    )
    -- A join, not a subquery a row, which would be quadratic in the batch.
    left join (select distinct outcome_id from issued) credited using (outcome_id)
)
select count(*) as issued from issued
