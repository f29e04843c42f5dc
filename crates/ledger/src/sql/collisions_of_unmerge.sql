-- What came about since $4 while the account $3 was shown as $1, together with the others of the
-- group ($2, $1 among them): what was posted to the survivor may be $3's, and a request of one of
-- them may have used what is the other's. Amounts are hundredths.
select 'posted_while_merged' as kind, o.outcome_id as first_id, null::uuid as second_id,
    jsonb_build_object(
        'institution', i.code, 'entry', e.code, 'issued', coalesce((
            select jsonb_object_agg(l.unit, l.issued)
            from lots l
            where l.learner_id = o.learner_id and l.outcome_id = o.outcome_id
        ), '{}')
    ) as figures
from outcomes o
join institutions i using (institution_id)
join catalogue_entries e using (entry_id)
where o.learner_id = $1 and o.recorded_at >= $4 and o.origin <> 'conversion'
union all
select 'used_while_merged', r.request_id, null,
    jsonb_build_object(
        'state', r.state, 'lots', count(distinct l.lot_id), 'requested', sum(l.requested),
        'granted', max(d.granted)
    )
from conversion_lines l
join conversion_requests r using (learner_id, request_id)
left join lateral (
    select sum(d.granted) as granted
    from standing_decisions d
    where d.learner_id = l.learner_id and d.request_id = l.request_id
        and d.lot_id in (
            select p.lot_id
            from conversion_lines p
            where p.learner_id = l.learner_id and p.request_id = l.request_id
                and (p.learner_id = $3) <> (p.lot_learner_id = $3)
        )
) d on true
where l.learner_id = any($2 || $3) and l.stage = 'proposal' and l.revision_no = 0
    and (l.learner_id = $3) <> (l.lot_learner_id = $3)
    and r.requested_at >= $4
group by r.request_id, r.state
