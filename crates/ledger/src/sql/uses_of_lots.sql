-- Who holds or has used the lots $2 of a learner ($1), and how much, oldest user first.
select lot_id, request_id, hold_id,
    sum(case 'held' when to_account then amount when from_account then -amount else 0 end)::bigint
        as held,
    sum(case 'used' when to_account then amount when from_account then -amount else 0 end)::bigint
        as used
from transfers
where learner_id = $1 and lot_id = any($2) and (request_id is not null or hold_id is not null)
group by lot_id, request_id, hold_id
having sum(case 'held' when to_account then amount when from_account then -amount else 0 end) <> 0
    or sum(case 'used' when to_account then amount when from_account then -amount else 0 end) <> 0
order by min(recorded_at), lot_id, request_id, hold_id
