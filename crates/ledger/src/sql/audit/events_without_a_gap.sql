-- Numbers count up from 1; the sequencer stands at the last one, and its backlog begins behind it.
select 'gap before ' || seq as id
from (select seq, lag(seq, 1, 0::bigint) over (order by seq) as before from events) e
where seq <> before + 1
union all
select 'sequencer at ' || last_seq
from sequencer
where last_seq <> (select coalesce(max(seq), 0) from events)
union all
select 'backlog at ' || b.seq
from (select seq, row_number() over (order by seq) as position from event_backlog) b, sequencer s
where b.seq <> s.last_seq + b.position
