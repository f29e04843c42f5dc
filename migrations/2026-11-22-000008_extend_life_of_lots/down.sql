-- Only where nothing of the new kinds was written.
drop table expiry_warnings, notices, holds;
drop view standing_decisions;
alter table conversion_lines
    drop constraint conversion_lines_revision_check,
    drop constraint conversion_lines_pkey,
    add constraint conversion_lines_pkey primary key (learner_id, request_id, line_no, stage),
    drop column correction_id,
    drop column revision_no;
drop table corrections;
alter table outcomes drop column corrects;
drop index lots_expires_on_idx;
alter table lots drop constraint lots_withdrawn_whole_check;
drop index transfers_made_in_idx;
alter table transfers
    drop constraint transfers_cause_check,
    drop constraint transfers_kind_check,
    add constraint transfers_kind_check check (
        (kind, from_account, to_account) in (
            ('issue', 'issuer', 'available'),
            ('hold', 'available', 'held'),
            ('release', 'held', 'available'),
            ('settle', 'held', 'used')
        )
    ),
    add constraint transfers_request_id_check check ((kind = 'issue') or (request_id is not null)),
    drop column made_in,
    drop column hold_id,
    drop column correction_id;
