-- The wall asks what was told in the plan of each statement and no more through a function, and a
-- balance is told and asked in one statement (decision 0038).

-- With the rights of its owner, since nobody else may look at the key; it shows nothing of it. Built-in
-- functions alone, so that a policy that asks becomes a part of the plan that a connection keeps.
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

create or replace function asks_about(of_learner uuid, of_request uuid default null) returns boolean
language plpgsql stable parallel restricted security definer cost 1
set search_path = pg_catalog, pg_temp as $$
declare
    institution uuid := (select t.institution from public.told t)::uuid;
begin
    return institution is not null and exists (
        select from public.conversion_requests r
        where r.learner_id = of_learner and (of_request is null or r.request_id = of_request)
            and institution in (r.requesting_institution_id, r.receiving_institution_id)
    );
end
$$;

-- Every policy asks the view. Where there is no row it gets null, and what is not known is not shown.
do $$
declare
    walled record;
    asked text;
begin
    for walled in
        select p.polname, p.polrelid::regclass as behind, p.polcmd = 'a' as of_inserts,
            pg_get_expr(coalesce(p.polqual, p.polwithcheck), p.polrelid) as expression
        from pg_policy p
        where p.polname ~ '_wall(_|$)'
    loop
        asked := regexp_replace(
            walled.expression,
            'COALESCE\(\(learner_id = ANY \(\( SELECT shown_accounts\(\) AS shown_accounts\)(::uuid\[\])?\)\), true\)',
            '((select t.books from told t) is not null or learner_id = any((select seen_accounts())::uuid[]))'
        );
        asked := regexp_replace(
            asked, '\( SELECT sees\(''([a-z]+)''::text\) AS sees\)', '(select t.\1 from told t)', 'g'
        );
        if asked ~ 'sees\(|shown_accounts' then
            raise exception 'a policy asks in another way: % on %: %', walled.polname, walled.behind, asked;
        end if;
        execute format(
            'alter policy %I on %s %s (%s)', walled.polname, walled.behind,
            case when walled.of_inserts then 'with check' else 'using' end, asked
        );
    end loop;
end
$$;

create or replace function raise_wall(behind regclass, parts text[], own_expression text, why text) returns void
language plpgsql as $$
declare
    ways constant jsonb := jsonb_build_object(
        'bank', '(select t.bank from told t) is not null',
        'books', '(select t.books from told t) is not null',
        'gate', '(select t.gate from told t) is not null',
        'keys', '(select t.keys from told t) is not null',
        'institution', 'institution_id = (select t.institution from told t)::uuid',
        'account', '(select t.books from told t) is not null or learner_id = any((select seen_accounts())::uuid[])',
        'learner', 'learner_id = any((select seen_accounts())::uuid[])',
        'asked', 'asks_about(learner_id)',
        'request', 'asks_about(learner_id, request_id)'
    );
    policy text := (select c.relname || '_wall' from pg_class c where c.oid = behind);
    expression text;
begin
    if exists (select from unnest(parts) p where not ways ? p) then
        raise exception 'no such way to see %: %', behind, parts;
    end if;
    select string_agg(way, ' or ' order by place) into expression
    from (
        select ways ->> p as way, place from unnest(parts) with ordinality as u (p, place)
        union all
        select '(' || own_expression || ')', 99 where own_expression is not null
    ) w;
    execute format('alter table %s enable row level security', behind);
    execute format('create policy %I on %s to creditbank_app using (%s)', policy, behind, expression);
    execute format('comment on policy %I on %s is %L', policy, behind, why);
end
$$;

drop function shown_accounts();
drop function sees(text);

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
