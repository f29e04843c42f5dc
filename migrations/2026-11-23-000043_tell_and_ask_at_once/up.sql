-- A balance is told and asked in one statement (decision 0038).

-- What sees() checks, for plans that a connection keeps: built-in functions alone, a tenth of what
-- starting PL/pgSQL takes. With the rights of its owner, since nobody else may look at the key; it shows
-- nothing of it.
create view told as
select
    nullif(split_part(split_part(c.list, ';bank=', 2), ';', 1), '') as bank,
    nullif(split_part(split_part(c.list, ';books=', 2), ';', 1), '') as books,
    nullif(split_part(split_part(c.list, ';gate=', 2), ';', 1), '') as gate,
    nullif(split_part(split_part(c.list, ';keys=', 2), ';', 1), '') as keys,
    nullif(split_part(split_part(c.list, ';institution=', 2), ';', 1), '') as institution,
    nullif(split_part(split_part(c.list, ';learner=', 2), ';', 1), '') as learner,
    nullif(split_part(split_part(c.list, ';client=', 2), ';', 1), '') as client,
    nullif(split_part(split_part(c.list, ';person=', 2), ';', 1), '') as person
from (
    select ';' || split_part(s.said, '|', 1) as list
    from (select current_setting('creditbank.sees', true) as said) s
    join wall_keys k on split_part(s.said, '|', 2) = encode(
        sha256(k.outer_pad || sha256(k.inner_pad || convert_to(
            split_part(s.said, '|', 1) || '|' || pg_backend_pid(), 'UTF8'
        ))), 'hex'
    )
) c;
comment on view told is 'What this transaction was told to see, in one row: bank, books, gate, keys, institution, learner, client, person; no row where it was told nothing, or not by the program.';
grant select on told to creditbank_app;

-- One question instead of four.
create or replace function seen_accounts() returns uuid[]
language plpgsql stable parallel restricted security definer
set search_path = pg_catalog, pg_temp as $$
begin
    return array(
        select m.learner_id
        from public.told t
        join public.learner_numbers n on n.learner_no = t.learner
        left join public.learner_aliases a on a.absorbed_id = n.learner_id
        cross join lateral (
            select coalesce(a.survivor_id, n.learner_id) as learner_id
            union all
            select g.absorbed_id from public.learner_aliases g
            where g.survivor_id = coalesce(a.survivor_id, n.learner_id)
        ) m
    );
end
$$;

-- What a balance is the sum of. With the rights of its owner, so that what was told is asked once and
-- not for each of its five tables. A barrier: no condition of whoever asks is looked at before its own.
create view account_lots with (security_barrier = true) as
select n.learner_no, o.institution_id, l.version_id, l.unit, l.earned_on, l.expires_on,
    l.available, l.held, l.used, l.expired, l.withdrawn
from told t
join learner_numbers n on t.books is not null or n.learner_no = t.learner
join lots l on l.learner_id = n.learner_id
join outcomes o on o.learner_id = l.learner_id and o.outcome_id = l.outcome_id
where not exists (
    select from learner_aliases a where n.learner_id in (a.absorbed_id, a.survivor_id)
);
comment on view account_lots is 'Lots by the number of an account that is merged with none, and who posted what they are of: as far as this transaction was told to see the books or that account.';
grant select on account_lots to creditbank_app;
