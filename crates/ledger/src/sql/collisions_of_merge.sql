-- What the account $2 and the others of its group ($1) have together that one learner may have
-- once. Amounts are hundredths.
with twice as (
    select a.lot_id as first_id, b.lot_id as second_id, a.unit, e.code,
        a.issued as first_issued, b.issued as second_issued,
        a.held + a.used as first_used, b.held + b.used as second_used,
        oa.origin = 'conversion' and ob.origin = 'conversion' as both_granted
    from lots a
    join lots b on b.credits_entry_id = a.credits_entry_id and b.unit = a.unit
    join outcomes oa on oa.learner_id = a.learner_id and oa.outcome_id = a.outcome_id
    join outcomes ob on ob.learner_id = b.learner_id and ob.outcome_id = b.outcome_id
    join catalogue_entries e on e.entry_id = a.credits_entry_id
    where a.learner_id = any($1) and b.learner_id = $2 and a.withdrawn = 0 and b.withdrawn = 0
),
-- Courses that a list names as one, credited to either account before they were one learner's.
twins as (
    select a.lot_id as first_id, b.lot_id as second_id, a.unit, g.code as list_code,
        ea.code as first_entry, eb.code as second_entry,
        a.issued as first_issued, b.issued as second_issued
    from lots a
    join lots b on b.same_course_group_id = a.same_course_group_id and b.unit = a.unit
    join outcomes oa on oa.learner_id = a.learner_id and oa.outcome_id = a.outcome_id
    join outcomes ob on ob.learner_id = b.learner_id and ob.outcome_id = b.outcome_id
        and ob.entry_id <> oa.entry_id
    join catalogue_entries ea on ea.entry_id = oa.entry_id
    join catalogue_entries eb on eb.entry_id = ob.entry_id
    join same_course_groups g on g.group_id = a.same_course_group_id
    where a.learner_id = any($1) and b.learner_id = $2 and a.withdrawn = 0 and b.withdrawn = 0
),
-- What was decided about each line, as it stands after every correction.
decided as (
    select distinct on (l.learner_id, l.request_id, l.line_no)
        l.learner_id, l.request_id, l.target_entry_id, l.granted, l.grant_outcome_id
    from conversion_lines l
    where l.learner_id = any($1 || $2) and l.stage = 'decision'
    order by l.learner_id, l.request_id, l.line_no, l.revision_no desc
)
select 'entry_credited_twice' as kind, first_id, second_id,
    jsonb_build_object(
        'entry', code, 'unit', unit, 'first_issued', first_issued, 'second_issued', second_issued
    ) as figures
from twice
where not both_granted
union all
select 'same_course_credited_twice', first_id, second_id,
    jsonb_build_object(
        'list', list_code, 'first_entry', first_entry, 'second_entry', second_entry,
        'unit', unit, 'first_issued', first_issued, 'second_issued', second_issued
    )
from twins
union all
select 'outcome_used_twice', first_id, second_id,
    jsonb_build_object(
        'entry', code, 'unit', unit, 'first_used', first_used, 'second_used', second_used
    )
from twice
where first_used > 0 and second_used > 0
union all
select 'course_granted_twice', a.grant_outcome_id, b.grant_outcome_id,
    jsonb_build_object(
        'entry', e.code, 'first_granted', a.granted, 'second_granted', b.granted
    )
from decided a
join decided b on b.target_entry_id = a.target_entry_id
join catalogue_entries e on e.entry_id = a.target_entry_id
where a.learner_id = any($1) and b.learner_id = $2 and a.granted > 0 and b.granted > 0
union all
select 'programme_cap_exceeded', r.programme_id, null,
    jsonb_build_object(
        'programme', p.code, 'granted', sum(d.granted),
        'cap', floor(p.total_hundredths * max(s.programme_share_hundredths) / 10000)
    )
from decided d
join conversion_requests r using (learner_id, request_id)
join programmes p using (programme_id)
join rule_sets s using (rule_set_id)
where d.granted > 0
group by r.programme_id, p.code, p.total_hundredths
having sum(d.granted) > p.total_hundredths * max(s.programme_share_hundredths) / 10000
    and bool_or(d.learner_id = $2) and bool_or(d.learner_id <> $2)
union all
select 'identifier_differs', a.learner_id, b.learner_id,
    jsonb_build_object('kinds', jsonb_agg(a.kind order by a.kind))
from identity.identifiers a
join identity.identifiers b on b.kind = a.kind and b.digest <> a.digest
where a.learner_id = any($1) and b.learner_id = $2
    and a.kind in ('resident_id', 'residence_permit')
group by a.learner_id, b.learner_id
