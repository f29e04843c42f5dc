-- Takes deliveries that are due at $1: at most $2 in all and $3 of an endpoint, but one where the
-- endpoint is failing, and then none for the time of $5. Each is taken for lost after $4.
with due as (
    select d.delivery_id, e.endpoint_id, e.failing_since is not null as failing
    from webhook_endpoints e
    cross join lateral (
        select d.delivery_id, d.next_attempt_at
        from webhook_deliveries d
        where d.endpoint_id = e.endpoint_id and d.next_attempt_at <= $1
        order by d.next_attempt_at, d.delivery_id
        limit case when e.failing_since is null then $3 else 1 end
        for update skip locked
    ) d
    where e.state = 'active' and (e.rest_until is null or e.rest_until <= $1)
    order by d.next_attempt_at, d.delivery_id
    limit $2
),
resting as (
    update webhook_endpoints e
    set rest_until = $1 + $5
    from due
    where e.endpoint_id = due.endpoint_id and due.failing
)
update webhook_deliveries d
set attempts = d.attempts + 1, next_attempt_at = $1 + $4, last_attempt_at = $1
from due
where d.delivery_id = due.delivery_id
returning d.delivery_id, d.endpoint_id, d.seq, d.state, d.attempts, d.next_attempt_at,
    d.last_status, d.last_error, d.created_at, d.last_attempt_at
