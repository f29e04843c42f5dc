drop table transfers, lots, outcomes, outcome_sources;
