-- Moves lots and writes the transfers that say so, all from the same rows.
-- $1 the moment, $2 the day from which it counts; $3–$10 moves, a column each.
with move as (
    select *
    from unnest(
        $3::uuid[], $4::uuid[], $5::uuid[], $6::text[], $7::text[], $8::text[], $9::bigint[],
        $10::uuid[]
    ) as m (learner_id, transfer_id, lot_id, kind, from_account, to_account, amount, request_id)
),
change as (
    select learner_id, lot_id,
        sum(case 'available' when to_account then amount when from_account then -amount else 0 end)
            as available,
        sum(case 'held' when to_account then amount when from_account then -amount else 0 end)
            as held,
        sum(case 'used' when to_account then amount when from_account then -amount else 0 end)
            as used
    from move
    group by learner_id, lot_id
),
moved as (
    update lots l
    set available = l.available + c.available, held = l.held + c.held, used = l.used + c.used
    from change c
    where l.learner_id = c.learner_id and l.lot_id = c.lot_id
    returning l.learner_id, l.lot_id
)
-- The moment was taken before the lots were locked, perhaps on another machine: a move is recorded
-- after whatever it builds on, so that the books can be replayed in the order of their moments.
insert into transfers (
    learner_id, transfer_id, lot_id, kind, from_account, to_account, amount, recorded_at,
    effective_on, request_id
)
select m.learner_id, m.transfer_id, m.lot_id, m.kind, m.from_account, m.to_account, m.amount,
    greatest($1, (
        select max(t.recorded_at) + interval '1 microsecond'
        from transfers t
        where t.learner_id = m.learner_id and t.lot_id = m.lot_id
    )),
    $2, m.request_id
from move m
join moved using (learner_id, lot_id)
