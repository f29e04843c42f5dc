-- Requests sent from $1 to before $2, by receiving institution, month and outcome, and how long they
-- took: the days on which they were sent and ended, and on which questions were asked and answered.
select i.code as institution,
    date_trunc('month', r.requested_at at time zone 'Asia/Shanghai')::date as month,
    r.state, (r.requested_at at time zone 'Asia/Shanghai')::date as sent_on,
    (r.decided_at at time zone 'Asia/Shanghai')::date as ended_on,
    p.asked_on, p.answered_on, count(*) as requests
from conversion_requests r
join institutions i on i.institution_id = r.receiving_institution_id
left join lateral (
    select coalesce(
            array_agg(s.taken_on order by s.step_no) filter (where s.kind = 'asked'), '{}'
        ) as asked_on,
        coalesce(
            array_agg(s.taken_on order by s.step_no) filter (where s.kind = 'answered'), '{}'
        ) as answered_on
    from request_steps s
    where s.learner_id = r.learner_id and s.request_id = r.request_id
) p on true
where r.requested_at >= $1 and r.requested_at < $2
group by 1, 2, 3, 4, 5, 6, 7
order by 1, 2
