-- Moves lots and writes the transfers that say so, all from the same rows.
-- $1 the moment; $2–$12 moves, a column each.
with move as (
    select *
    from unnest(
        $2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::text[], $8::bigint[],
        $9::date[], $10::uuid[], $11::uuid[], $12::uuid[]
    ) as m (
        learner_id, transfer_id, lot_id, kind, from_account, to_account, amount, effective_on,
        request_id, hold_id, correction_id
    )
),
-- What each account of each lot gains and loses.
change as (
    select learner_id, lot_id,
        sum(case 'available' when to_account then amount when from_account then -amount else 0 end)
            as available,
        sum(case 'held' when to_account then amount when from_account then -amount else 0 end)
            as held,
        sum(case 'used' when to_account then amount when from_account then -amount else 0 end)
            as used,
        sum(case 'expired' when to_account then amount when from_account then -amount else 0 end)
            as expired,
        sum(case 'withdrawn' when to_account then amount when from_account then -amount else 0 end)
            as withdrawn
    from move
    group by learner_id, lot_id
),
moved as (
    update lots l
    set available = l.available + c.available, held = l.held + c.held, used = l.used + c.used,
        expired = l.expired + c.expired, withdrawn = l.withdrawn + c.withdrawn
    from change c
    where l.learner_id = c.learner_id and l.lot_id = c.lot_id
    returning l.learner_id, l.lot_id
),
-- A move is recorded after whatever it builds on and never counts from an earlier day: the moment
-- was taken before the lots were locked, perhaps on another machine. So the books can be replayed
-- in the order of their moments, and added up on any day, without an account below zero.
latest as (
    select m.learner_id, m.lot_id, max(t.recorded_at) + interval '1 microsecond' as recorded_at,
        max(t.effective_on) as effective_on
    from moved m
    join transfers t using (learner_id, lot_id)
    group by m.learner_id, m.lot_id
)
insert into transfers (
    learner_id, transfer_id, lot_id, kind, from_account, to_account, amount, recorded_at,
    effective_on, request_id, hold_id, correction_id
)
select m.learner_id, m.transfer_id, m.lot_id, m.kind, m.from_account, m.to_account, m.amount,
    greatest($1, l.recorded_at), greatest(m.effective_on, l.effective_on), m.request_id, m.hold_id,
    m.correction_id
from move m
join latest l using (learner_id, lot_id)
