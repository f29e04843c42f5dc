drop table totals_progress, totals, sequencer, event_backlog, event_audiences, events;
drop index outcomes_made_in_idx;
alter table outcomes drop column made_in;
