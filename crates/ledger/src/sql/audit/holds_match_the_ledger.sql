-- What a direct hold says of itself is what its transfers say.
select hold_id::text as id, learner_id
from holds h
full join (
    select learner_id, hold_id,
        sum(amount) filter (where kind = 'hold') as held,
        coalesce(sum(amount) filter (where kind = 'settle'), 0) as settled,
        coalesce(sum(amount) filter (where kind = 'release'), 0) as released,
        coalesce(sum(amount) filter (where from_account = 'used'), 0) as taken_back,
        count(distinct lot_id) as lots, min(lot_id::text) as lot_id
    from transfers
    where hold_id is not null
    group by learner_id, hold_id
) t using (learner_id, hold_id)
where (h.amount, h.settled, h.released, 1::bigint, h.lot_id::text)
        is distinct from (t.held, t.settled, t.released, t.lots, t.lot_id)
    or t.taken_back > t.settled
