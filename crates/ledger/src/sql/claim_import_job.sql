-- Takes the import job whose turn it is at $1, for the worker $2, who has it for the time of $3.
-- Institutions take turns: first that for which the fewest work, then that whose last turn is the
-- longest ago; of one institution the smallest file goes first. What a worker held that died is
-- due again when its lease has ended, and that counts as a try.
with chosen as (
    select t.job_id
    from import_job_turns t
    left join lateral (
        select count(*) as workers
        from import_job_turns b
        where b.institution_id = t.institution_id and b.worker is not null and b.due_at > $1
    ) busy on true
    left join lateral (
        select max(l.last_turn_at) as last_turn_at
        from import_job_turns l
        where l.institution_id = t.institution_id
    ) served on true
    where t.due_at <= $1
    order by busy.workers, served.last_turn_at nulls first, t.byte_count, t.job_id
    limit 1
    for update of t skip locked
)
update import_job_turns t
set worker = $2,
    due_at = $1 + $3,
    tries = t.tries + (t.worker is not null)::int,
    worked_millis = t.worked_millis + case
        when t.worker is not null and t.told_at > t.turn_began_at
            then (extract(epoch from t.told_at - t.turn_began_at) * 1000)::bigint
        else 0
    end,
    turn_began_at = $1,
    last_turn_at = $1,
    turn_lines = t.lines_read
from chosen
where t.job_id = chosen.job_id
returning t.job_id
