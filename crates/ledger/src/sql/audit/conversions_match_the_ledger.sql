-- For each request: it held no more than it asked for; decided, nothing of it is held any more,
-- what was granted was settled, and as much was posted for it.
select r.request_id::text as id
from conversion_requests r
left join lateral (
    select sum(amount) filter (where kind = 'hold') as held,
        sum(amount) filter (where kind = 'release') as released,
        sum(amount) filter (where kind = 'settle') as settled,
        sum(amount) filter (where kind = 'issue') as issued
    from transfers t
    where t.request_id = r.request_id
        and t.learner_id in (
            -- A line may use a lot of an account that was merged with the request's.
            select r.learner_id
            union
            select p.lot_learner_id
            from conversion_lines p
            where p.learner_id = r.learner_id and p.request_id = r.request_id
        )
) t on true
left join lateral (
    select sum(granted) filter (where stage = 'decision') as granted,
        sum(requested) filter (where stage = 'proposal') as requested,
        count(*) filter (where stage = 'decision') as decided,
        count(*) filter (where stage = 'proposal') as proposed
    from conversion_lines c
    where c.learner_id = r.learner_id and c.request_id = r.request_id
) c on true
where coalesce(t.held, 0) > coalesce(c.requested, 0)
    or coalesce(t.settled, 0) <> coalesce(c.granted, 0)
    or coalesce(t.issued, 0) <> coalesce(c.granted, 0)
    or (r.state = 'requested' and (c.decided <> 0 or coalesce(t.released, 0) <> 0))
    or (
        r.state <> 'requested'
        and (
            c.decided <> c.proposed
            or coalesce(t.held, 0) <> coalesce(t.released, 0) + coalesce(t.settled, 0)
            or (r.state = 'refused') <> (coalesce(c.granted, 0) = 0)
        )
    )
