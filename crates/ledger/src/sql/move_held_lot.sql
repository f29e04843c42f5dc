-- Moves one lot for a hold: the hold, the sums of the lot, and the transfer that says so.
-- $1 the moment; $2 the learner, $3 the lot, $4 the hold; $5 the transfer, $6 its kind, $7 and $8
-- the accounts it moves from and to, $9 how much, $10 its day; $11 to $13 what a new hold is; from
-- $14 on who did it, where somebody did.
with held as (
    /* what is written about the hold */
),
noted as (
    /* who did it */
),
moved as (
    update lots
    set available = available + case 'available' when $8 then $9 when $7 then -$9 else 0 end,
        held = held + case 'held' when $8 then $9 when $7 then -$9 else 0 end,
        used = used + case 'used' when $8 then $9 when $7 then -$9 else 0 end
    where learner_id = $2 and lot_id = $3
    returning learner_id, lot_id
),
-- After whatever it builds on, as in move_lots.sql.
latest as (
    select max(t.recorded_at) + interval '1 microsecond' as recorded_at,
        max(t.effective_on) as effective_on
    from transfers t
    where t.learner_id = $2 and t.lot_id = $3
)
insert into transfers (
    learner_id, transfer_id, lot_id, kind, from_account, to_account, amount, recorded_at,
    effective_on, hold_id
)
select m.learner_id, $5, m.lot_id, $6, $7, $8, $9, greatest($1, l.recorded_at),
    greatest($10, l.effective_on), $4
from moved m
cross join latest l
