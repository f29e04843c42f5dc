-- A request has taken the steps that are kept, without a gap, and has ended when nobody has the turn.
select s.request_id::text as id, s.learner_id, party.institution_id
from request_standings s
join conversion_requests r using (learner_id, request_id)
cross join lateral (
    values (r.requesting_institution_id), (r.receiving_institution_id)
) party (institution_id)
left join lateral (
    select count(*) filter (where step_no > 0) as taken, max(step_no) as last,
        count(*) filter (where kind in ('withdrawn', 'lapsed')) as ends
    from request_steps t
    where t.learner_id = s.learner_id and t.request_id = s.request_id
) t on true
where coalesce(t.last, 0) <> s.steps
    or t.taken <> s.steps
    or t.ends > 1
    or (s.turn = 'nobody') <> (r.state <> 'requested')
    or (
        t.ends = 1
        and r.state <> case (
            select kind
            from request_steps e
            where e.learner_id = s.learner_id and e.request_id = s.request_id
                and e.step_no = s.steps
        ) when 'withdrawn' then 'withdrawn' else 'refused' end
    )
