-- What a learner has, by unit, category, level, year and institution; where $2 is an institution, only
-- of what that institution posted. What can be used no longer on day $3 counts as expired, whether or
-- not its lot has been moved there yet.
select l.unit, v.category, v.level_framework || ' ' || v.level_value as level,
    extract(year from l.earned_on)::int as year,
    i.code as institution_code, i.name_zh as institution_name,
    coalesce(sum(l.available) filter (where l.expires_on is null or l.expires_on >= $3), 0)::bigint
        as available,
    sum(l.held)::bigint as held, sum(l.used)::bigint as used,
    (sum(l.expired) + coalesce(sum(l.available) filter (where l.expires_on < $3), 0))::bigint
        as expired,
    sum(l.withdrawn)::bigint as withdrawn
from (/* whose lots */) l
join institutions i on i.institution_id = l.institution_id
join catalogue_versions v on v.version_id = l.version_id
where $2 is null or l.institution_id = $2
group by l.unit, v.category, v.level_framework, v.level_value, year, i.code, i.name_zh
order by l.unit, v.category, level, year, i.code
