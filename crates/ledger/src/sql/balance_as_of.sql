-- What a learner ($1, the accounts that are shown as one) had, by unit, category, level, year and institution: the sums of the transfers
-- that count on day $3, or of those that were recorded by moment $4; one of the two is null. Where
-- $2 is an institution, only of what that institution posted. What could be used no longer on day
-- $5 counts as expired.
with moved as (
    select t.learner_id, t.lot_id,
        sum(case 'available' when t.to_account then t.amount
                             when t.from_account then -t.amount else 0 end) as available,
        sum(case 'held' when t.to_account then t.amount
                        when t.from_account then -t.amount else 0 end) as held,
        sum(case 'used' when t.to_account then t.amount
                        when t.from_account then -t.amount else 0 end) as used,
        sum(case 'expired' when t.to_account then t.amount
                           when t.from_account then -t.amount else 0 end) as expired,
        sum(case 'withdrawn' when t.to_account then t.amount
                             when t.from_account then -t.amount else 0 end) as withdrawn
    from transfers t
    where t.learner_id = any($1)
        and ($3 is null or t.effective_on <= $3)
        and ($4 is null or t.recorded_at <= $4)
    group by t.learner_id, t.lot_id
)
select l.unit, v.category, v.level_framework || ' ' || v.level_value as level,
    extract(year from l.earned_on)::int as year,
    i.code as institution_code, i.name_zh as institution_name,
    coalesce(sum(m.available) filter (where l.expires_on is null or l.expires_on >= $5), 0)::bigint
        as available,
    sum(m.held)::bigint as held, sum(m.used)::bigint as used,
    (sum(m.expired) + coalesce(sum(m.available) filter (where l.expires_on < $5), 0))::bigint
        as expired,
    sum(m.withdrawn)::bigint as withdrawn
from moved m
join lots l on l.learner_id = m.learner_id and l.lot_id = m.lot_id
join outcomes o on o.learner_id = l.learner_id and o.outcome_id = l.outcome_id
join institutions i on i.institution_id = o.institution_id
join catalogue_versions v on v.version_id = l.version_id
where $2 is null or o.institution_id = $2
group by l.unit, v.category, v.level_framework, v.level_value, year, i.code, i.name_zh
order by l.unit, v.category, level, year, i.code
