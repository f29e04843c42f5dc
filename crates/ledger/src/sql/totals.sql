-- By institution, unit and category: the sums before day $2 (without a day), and what each day from
-- $2 to $3 changed. Where $1 is an institution, only its own.
select i.code as institution_code, t.unit, t.category, null::date as day,
    coalesce(sum(t.issued) filter (where t.day < $2), 0)::bigint as issued,
    coalesce(sum(t.available) filter (where t.day < $2), 0)::bigint as available,
    coalesce(sum(t.held) filter (where t.day < $2), 0)::bigint as held,
    coalesce(sum(t.used) filter (where t.day < $2), 0)::bigint as used,
    coalesce(sum(t.expired) filter (where t.day < $2), 0)::bigint as expired,
    coalesce(sum(t.withdrawn) filter (where t.day < $2), 0)::bigint as withdrawn,
    coalesce(sum(t.lots_issued) filter (where t.day < $2), 0)::bigint as lots_issued
from totals t
join institutions i on i.institution_id = t.institution_id
where ($1::uuid is null or t.institution_id = $1::uuid) and t.day <= $3
group by i.code, t.unit, t.category
union all
select i.code, t.unit, t.category, t.day, t.issued, t.available, t.held, t.used, t.expired,
    t.withdrawn, t.lots_issued
from totals t
join institutions i on i.institution_id = t.institution_id
where ($1::uuid is null or t.institution_id = $1::uuid) and t.day between $2 and $3
order by institution_code, unit, category, day nulls first
