-- Who is concerned by a notice is who is concerned by its event. What is older than half a year is
-- forgotten, an hour at a time, so the last weeks of that time are left out.
with due as (
    select a.seq, a.institution_id
    from event_audiences a
    join events e using (seq)
    where e.kind <> 'outcome.recorded' and e.kind not like 'lot.%'
        and e.recorded_at > (select max(recorded_at) from events) - interval '150 days'
    union all
    select e.seq, '00000000-0000-0000-0000-000000000000'
    from events e
    where e.kind in ('request_overdue', 'request_lapsed')
        and e.recorded_at > (select max(recorded_at) from events) - interval '150 days'
)
select d.seq::text as id
from due d
left join notice_audiences n using (seq, institution_id)
where n.seq is null
union all
select n.seq::text
from notice_audiences n
left join events e using (seq)
left join event_audiences a using (seq, institution_id)
where n.kind is distinct from e.kind
    or (a.seq is null and n.institution_id <> '00000000-0000-0000-0000-000000000000')
