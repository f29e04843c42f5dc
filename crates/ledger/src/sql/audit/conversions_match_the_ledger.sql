-- For each request: it held no more than it said; decided, nothing of it is held any more, what its
-- lines say is used, and as much as they grant stands posted for it.
select r.request_id::text as id, r.learner_id, party.institution_id
from conversion_requests r
cross join lateral (
    values (r.requesting_institution_id), (r.receiving_institution_id)
) party (institution_id)
left join lateral (
    select sum(case 'held' when to_account then amount when from_account then -amount else 0 end)
            as held,
        sum(case 'used' when to_account then amount when from_account then -amount else 0 end)
            as used
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
    select sum(l.issued - l.withdrawn) as granted
    from outcomes o
    join lots l using (learner_id, outcome_id)
    where o.learner_id = r.learner_id and o.request_id = r.request_id
) g on true
left join lateral (
    select sum(coalesce(held, requested)) as held, count(distinct lot_id) as proposed
    from (
        select distinct on (line_no) lot_id, held, requested
        from conversion_lines c
        where c.learner_id = r.learner_id and c.request_id = r.request_id and c.stage = 'proposal'
        order by line_no, revision_no desc
    ) p
) p on true
left join lateral (
    select sum(granted) as granted, sum(coalesce(used, granted)) as used,
        max(revision_no) as revised
    from standing_decisions c
    where c.learner_id = r.learner_id and c.request_id = r.request_id
) c on true
left join lateral (
    select count(distinct lot_id) as decided
    from conversion_lines d
    where d.learner_id = r.learner_id and d.request_id = r.request_id and d.stage = 'decision'
        and d.revision_no = 0
) d on true
where coalesce(t.held, 0) > coalesce(p.held, 0)
    or coalesce(t.used, 0) <> coalesce(c.used, 0)
    or coalesce(g.granted, 0) <> coalesce(c.granted, 0)
    or (r.state = 'requested' and d.decided <> 0)
    or (
        r.state <> 'requested'
        and (
            d.decided <> p.proposed
            or coalesce(t.held, 0) <> 0
            -- A request keeps the state in which it was decided; its lines say what stands.
            or (
                c.revised = 0
                and (r.state in ('refused', 'withdrawn')) <> (coalesce(c.granted, 0) = 0)
            )
        )
    )
