-- Each claim of hours that stands is held to every cap of the table that decided it: of an account's
-- standing claims under that authority, those of the cap's activities in the cap's year that were
-- claimed no later, itself included, come to no more. Later ones may be by a version whose cap is
-- wider, and claims of an account merged with it are held to its own.
with standing as (
    select c.learner_id, c.outcome_id, c.institution_id, c.authority, c.activity, c.done_on,
        c.claimed_at, c.table_id, sum(l.issued) as given
    from hour_claims c
    join hour_tables t using (table_id)
    join outcomes o on o.learner_id = c.learner_id and o.institution_id = c.institution_id
        and o.source_ref = c.source_ref
    join lots l on l.learner_id = o.learner_id and l.outcome_id = o.outcome_id
        and l.unit = t.content ->> 'unit' and l.withdrawn = 0
    group by c.learner_id, c.outcome_id, t.table_id
),
capped as (
    select s.*, cap -> 'activities' as activities, (cap ->> 'most')::numeric * 100 as most,
        make_date(
            extract(year from s.done_on)::integer
                - (to_char(s.done_on, 'MM-DD') < cap ->> 'year_starts')::integer,
            split_part(cap ->> 'year_starts', '-', 1)::integer,
            split_part(cap ->> 'year_starts', '-', 2)::integer
        ) as year_from
    from standing s
    join hour_tables t using (table_id)
    cross join jsonb_array_elements(coalesce(t.content -> 'caps', '[]')) cap
    where cap -> 'activities' ? s.activity
)
select k.outcome_id::text as id, k.learner_id, k.institution_id
from capped k
join standing s on s.learner_id = k.learner_id and s.authority = k.authority
    and k.activities ? s.activity
    and s.done_on >= k.year_from and s.done_on < k.year_from + interval '1 year'
    and (s.claimed_at, s.outcome_id) <= (k.claimed_at, k.outcome_id)
group by k.outcome_id, k.learner_id, k.institution_id, k.activities, k.most, k.year_from
having sum(s.given) > k.most
