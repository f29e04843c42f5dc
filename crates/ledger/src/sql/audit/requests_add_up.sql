-- Of each request what was asked for is what was granted, what was cut, what was refused and what is
-- open; each lot that was asked for is answered for, and no other; and of each lot as much is used as
-- the lines say.
select r.request_id::text as id, r.learner_id, party.institution_id
from conversion_requests r
cross join lateral (
    values (r.requesting_institution_id), (r.receiving_institution_id)
) party (institution_id)
left join lateral (
    select sum(requested) as requested,
        sum(granted) filter (where r.state <> 'requested') as granted,
        sum(requested - granted) filter (where r.state <> 'requested' and verdict = 'cut') as cut,
        sum(requested) filter (where r.state <> 'requested' and verdict = 'refused') as refused,
        sum(requested) filter (where r.state = 'requested') as open
    from (
        select distinct on (c.line_no) c.requested, c.granted, c.verdict
        from conversion_lines c
        where c.learner_id = r.learner_id and c.request_id = r.request_id
            and c.stage = case when r.state = 'requested' then 'proposal' else 'decision' end
        order by c.line_no, c.revision_no desc
    ) l
) a on true
where a.requested is null
    or a.requested <> coalesce(a.granted, 0) + coalesce(a.cut, 0) + coalesce(a.refused, 0)
        + coalesce(a.open, 0)
    or (
        r.state <> 'requested'
        and exists (
            select
            from (
                -- What an open request asks for changes with a correction of its outcomes.
                select p.*
                from (
                    select distinct on (c.line_no) c.lot_id, c.stage
                    from conversion_lines c
                    where c.learner_id = r.learner_id and c.request_id = r.request_id
                        and c.stage = 'proposal'
                    order by c.line_no, c.revision_no desc
                ) p
                union all
                select d.lot_id, d.stage
                from conversion_lines d
                where d.learner_id = r.learner_id and d.request_id = r.request_id
                    and d.stage = 'decision' and d.revision_no = 0
            ) b
            group by b.lot_id
            having count(*) filter (where b.stage = 'proposal') = 0
                or count(*) filter (where b.stage = 'decision') = 0
        )
    )
    or exists (
        select
        from (
            select d.lot_id, coalesce(d.used, d.granted) as said, 0 as used
            from standing_decisions d
            where d.learner_id = r.learner_id and d.request_id = r.request_id
            union all
            select t.lot_id, 0,
                case 'used' when t.to_account then t.amount when t.from_account then -t.amount
                    else 0 end
            from transfers t
            where t.request_id = r.request_id
                and t.learner_id in (
                    select r.learner_id
                    union
                    select p.lot_learner_id
                    from conversion_lines p
                    where p.learner_id = r.learner_id and p.request_id = r.request_id
                )
        ) u
        group by u.lot_id
        having sum(u.said) <> sum(u.used)
    )
