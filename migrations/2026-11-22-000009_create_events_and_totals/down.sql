drop function summarize_made_in();
drop table made_in_summaries;
drop table totals_progress, totals, sequencer, event_backlog, event_audiences, events;
drop index outcomes_made_in_idx;
alter table outcomes drop column made_in;
