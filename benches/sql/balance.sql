-- A learner's balance as an institution sees it, bare: who it is, and the sums.
\set n random(0, :learners - 1)
select learner_id as learner from bench_learners where n = :n \gset
select l.unit, v.category, v.level_framework || ' ' || v.level_value as level,
    extract(year from l.earned_on)::int as year,
    i.code as institution_code, i.name_zh as institution_name,
    coalesce(sum(l.available) filter (where l.expires_on is null or l.expires_on >= current_date), 0)::bigint
        as available,
    sum(l.held)::bigint as held, sum(l.used)::bigint as used,
    (sum(l.expired) + coalesce(sum(l.available) filter (where l.expires_on < current_date), 0))::bigint
        as expired,
    sum(l.withdrawn)::bigint as withdrawn
from lots l
join outcomes o on o.learner_id = l.learner_id and o.outcome_id = l.outcome_id
join institutions i on i.institution_id = o.institution_id
join catalogue_versions v on v.version_id = l.version_id
where l.learner_id = :learner::uuid and o.institution_id = :university::uuid
group by l.unit, v.category, v.level_framework, v.level_value, year, i.code, i.name_zh
order by l.unit, v.category, level, year, i.code;
