select
    coalesce(
        pg_snapshot_xmax(pg_current_snapshot())::text::bigint
            - pg_snapshot_xmax(sequencer.last_snapshot)::text::bigint,
        0
    ) as feed_transactions,
    (select count(*) from event_backlog) as feed_events,
    sequencer.last_seq - totals_progress.seq as totals_events,
    due.deliveries as deliveries_due,
    due.oldest_seconds as deliveries_oldest_seconds,
    (select count(*) from imports where state = 'running') as imports_running
from sequencer, totals_progress, (
    select
        count(*) as deliveries,
        coalesce(extract(epoch from $1 - min(next_attempt_at))::bigint, 0) as oldest_seconds
    from webhook_deliveries
    where next_attempt_at <= $1
) as due
