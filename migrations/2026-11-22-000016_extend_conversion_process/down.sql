revoke update (hold_expires_at) on conversion_requests from creditbank_app;
alter table notices
    drop constraint notices_kind_check,
    add constraint notices_kind_check check (kind in (
        'lot_expires_soon', 'outcome_corrected', 'outcome_withdrawn', 'conversion_revised',
        'conversion_reversed', 'hold_lapsed', 'learners_merged', 'learners_unmerged'
    ));
drop index conversion_requests_open_idx;
drop index conversion_requests_requested_at_idx;
alter table conversion_requests
    drop constraint conversion_requests_state_check,
    add constraint conversion_requests_state_check
        check (state in ('requested', 'granted', 'partly', 'refused'));
comment on column conversion_requests.state is 'requested, then granted, partly or refused, once.';
drop index duplicate_candidates_open_other_idx;
drop table request_appeals;
drop table request_standings;
drop table request_steps;
drop table review_delegations;
drop table review_stages;
drop table review_chains;
drop table work_calendar_days;
drop table work_calendar_years;
