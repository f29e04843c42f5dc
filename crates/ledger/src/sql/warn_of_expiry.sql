-- Notes warnings, at most $2, of lots that can be used on day $1 and end soon, at moment $3. Two
-- processes at once give each warning once.
insert into expiry_warnings (learner_id, lot_id, days_ahead, warned_at)
select l.learner_id, l.lot_id, w.days_ahead, $3
from lots l
cross join lateral (
    select min(d) as days_ahead
    from unnest(array[30, 90, 180]) as d
    where l.expires_on <= $1::date + d
) w
where l.expires_on between $1::date and $1::date + 180
    and l.expired + l.withdrawn < l.issued
    and l.available > 0
    and not exists (
        select from expiry_warnings e
        where e.learner_id = l.learner_id and e.lot_id = l.lot_id and e.days_ahead <= w.days_ahead
    )
order by l.learner_id, l.lot_id
limit $2
on conflict do nothing
returning learner_id, lot_id
