-- Where the sequencer is and what it could see now. `foreign_numbers`: the bank was put into another
-- cluster, or its transaction numbers went back: what `last_snapshot` says means nothing here.
select s.last_seq, s.last_snapshot is not null as begun,
    coalesce(
        s.system_identifier <> c.system_identifier
            or pg_snapshot_xmax(n.snapshot) < pg_snapshot_xmax(s.last_snapshot),
        false
    ) as foreign_numbers,
    n.snapshot::text as snapshot,
    coalesce(pg_snapshot_xmax(s.last_snapshot)::text::bigint, 0) as lower,
    pg_snapshot_xmax(n.snapshot)::text::bigint as upper,
    array(
        select x::text::bigint
        from pg_snapshot_xip(s.last_snapshot) x
        where pg_visible_in_snapshot(x, n.snapshot)
    ) as ended
from sequencer s, pg_control_system() c, (select pg_current_snapshot() as snapshot) n
