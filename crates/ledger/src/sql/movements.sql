-- The movements of a learner ($1, the accounts that are shown as one) behind the transfer $4 that was
-- recorded at $3 and before the moment $5, in the order of the books, at most $6; where $2 is an institution, only those of what
-- it posted. Each with its reason and with the sums of its unit after it, which are added up over
-- all that may be seen, so that they go on from page to page.
with moved as (
    select t.*, l.unit, l.outcome_id, l.version_id, l.expires_on, o.institution_id, o.grade,
        o.source_ref, o.corrects,
        sum(case 'available' when t.to_account then t.amount
                             when t.from_account then -t.amount else 0 end) over book as available,
        sum(case 'held' when t.to_account then t.amount
                        when t.from_account then -t.amount else 0 end) over book as held,
        sum(case 'used' when t.to_account then t.amount
                        when t.from_account then -t.amount else 0 end) over book as used,
        sum(case 'expired' when t.to_account then t.amount
                           when t.from_account then -t.amount else 0 end) over book as expired,
        sum(case 'withdrawn' when t.to_account then t.amount
                             when t.from_account then -t.amount else 0 end) over book as withdrawn
    from transfers t
    join lots l on l.learner_id = t.learner_id and l.lot_id = t.lot_id
    join outcomes o on o.learner_id = l.learner_id and o.outcome_id = l.outcome_id
    where t.learner_id = any($1) and ($2 is null or o.institution_id = $2)
    window book as (partition by l.unit order by t.recorded_at, t.transfer_id)
),
page as (
    select *
    from moved
    where ($3 is null or (recorded_at, transfer_id) > ($3, $4))
        and ($5 is null or recorded_at < $5)
    order by recorded_at, transfer_id
    limit $6
)
select m.transfer_id, m.recorded_at, m.effective_on, m.kind, m.from_account, m.to_account, m.unit,
    m.amount, m.lot_id, m.outcome_id, i.code as institution_code, i.name_zh as institution_name,
    e.code as entry_code, v.title as entry_title, m.request_id, m.hold_id, m.correction_id,
    h.purpose, coalesce(c.kind, u.kind) as correction_kind,
    coalesce(c.reason, u.reason, d.reason) as reason,
    d.explanation_zh, d.explanation_en,
    coalesce(c.document_number, u.document_number, s.document_number) as document_number,
    m.grade, v.valid_from as version_from, m.expires_on,
    m.available::bigint as available, m.held::bigint as held, m.used::bigint as used,
    m.expired::bigint as expired, m.withdrawn::bigint as withdrawn
from page m
join catalogue_versions v on v.version_id = m.version_id
join catalogue_entries e on e.entry_id = v.entry_id
join institutions i on i.institution_id = m.institution_id
-- A request of one of these accounts may use a lot of another one.
left join conversion_requests r on r.learner_id = any($1) and r.request_id = m.request_id
left join rule_sets s on s.rule_set_id = r.rule_set_id
left join holds h on h.learner_id = m.learner_id and h.hold_id = m.hold_id
-- The correction that made the movement.
left join lateral (
    select c.kind, c.reason, c.document_number
    from corrections c
    where c.correction_id = m.correction_id
    order by c.learner_id = m.learner_id desc
    limit 1
) c on true
-- The correction that put this outcome in another one's place, perhaps another learner's.
left join lateral (
    select c.kind, c.reason, c.document_number
    from corrections c
    where m.kind = 'issue' and m.corrects is not null and c.successor_outcome_id = m.outcome_id
        and c.learner_id in (
            m.learner_id,
            (
                select o.learner_id
                from outcome_sources o
                where o.institution_id = m.institution_id and o.source_ref = m.source_ref
            )
        )
    limit 1
) u on true
-- A hold is explained by the proposal and what follows it by the decision, in the revision that the
-- movement belongs to; a grant by the line that gave it.
left join lateral (
    select l.reason, l.explanation_zh, l.explanation_en
    from conversion_lines l
    where l.learner_id = r.learner_id and l.request_id = r.request_id
        and l.stage = case m.kind when 'hold' then 'proposal' else 'decision' end
        and case m.kind
            when 'issue' then l.grant_outcome_id = m.outcome_id
            else l.lot_id = m.lot_id and l.correction_id is not distinct from m.correction_id
        end
    order by l.revision_no, l.line_no
    limit 1
) d on true
order by m.recorded_at, m.transfer_id
