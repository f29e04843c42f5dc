-- Lines of requests sent from $1 to before $2, as they stand: what was asked, given, cut and refused.
select i.code as institution,
    date_trunc('month', r.requested_at at time zone 'Asia/Shanghai')::date as month,
    case when r.state = 'requested' then 'open' else l.verdict end as verdict, l.reason,
    count(*) as lines, sum(l.requested)::bigint as requested, sum(l.granted)::bigint as granted
from conversion_requests r
join institutions i on i.institution_id = r.receiving_institution_id
join lateral (
    select distinct on (c.line_no) c.verdict, c.reason, c.requested, c.granted
    from conversion_lines c
    where c.learner_id = r.learner_id and c.request_id = r.request_id
        and c.stage = case when r.state = 'requested' then 'proposal' else 'decision' end
    order by c.line_no, c.revision_no desc
) l on true
where r.requested_at >= $1 and r.requested_at < $2
group by 1, 2, 3, 4
order by 1, 2, 3, 4
