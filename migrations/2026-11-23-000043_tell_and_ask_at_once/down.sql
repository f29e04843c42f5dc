drop view account_lots;

create function sees(part text) returns text
language plpgsql stable parallel restricted security definer
set search_path = pg_catalog, pg_temp as $$
declare
    said text := current_setting('creditbank.sees', true);
    seen text;
    inner_block bytea;
    outer_block bytea;
begin
    if said is null or strpos(said, part || '=') = 0 then
        return null;
    end if;
    seen := split_part(said, '|', 1);
    -- Hashed outside of the query: an expression is made ready once a session, a query each time.
    select k.inner_pad, k.outer_pad into inner_block, outer_block from public.wall_keys k;
    if encode(sha256(outer_block || sha256(inner_block || convert_to(seen || '|' || pg_backend_pid(), 'UTF8'))), 'hex')
        is distinct from split_part(said, '|', 2)
    then
        return null;
    end if;
    return nullif(split_part(split_part(';' || seen, ';' || part || '=', 2), ';', 1), '');
end
$$;
comment on function sees(text) is 'What this transaction was told to see: bank, books, gate, keys, institution, learner, client or person; null where it was told nothing of the kind, or not by the program.';
revoke all on function sees(text) from public;
grant execute on function sees(text) to creditbank_app;

create or replace function seen_accounts() returns uuid[]
language plpgsql stable parallel restricted security definer
set search_path = pg_catalog, pg_temp as $$
declare
    number text := public.sees('learner');
    own uuid;
    survivor uuid;
begin
    if number is null then
        return '{}';
    end if;
    select n.learner_id into own from public.learner_numbers n where n.learner_no = number;
    select a.survivor_id into survivor from public.learner_aliases a where a.absorbed_id = own;
    survivor := coalesce(survivor, own);
    return array(select a.absorbed_id from public.learner_aliases a where a.survivor_id = survivor) || survivor;
end
$$;

create function shown_accounts() returns uuid[]
language plpgsql stable parallel restricted as $$
begin
    if public.sees('books') is not null then
        return null;
    end if;
    return public.seen_accounts();
end
$$;
comment on function shown_accounts() is 'The accounts whose books this transaction was told to see; null for all.';
revoke all on function shown_accounts() from public;
grant execute on function shown_accounts() to creditbank_app;

create or replace function asks_about(of_learner uuid, of_request uuid default null) returns boolean
language plpgsql stable parallel restricted security definer cost 1
set search_path = pg_catalog, pg_temp as $$
declare
    institution uuid := public.sees('institution');
begin
    return institution is not null and exists (
        select from public.conversion_requests r
        where r.learner_id = of_learner and (of_request is null or r.request_id = of_request)
            and institution in (r.requesting_institution_id, r.receiving_institution_id)
    );
end
$$;

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
            '\(\( SELECT t\.books\s+FROM told t\) IS NOT NULL\) OR \(learner_id = ANY \(\( SELECT seen_accounts\(\) AS seen_accounts\)(::uuid\[\])?\)\)',
            'coalesce(learner_id = any((select shown_accounts())::uuid[]), true)', 'g'
        );
        asked := regexp_replace(
            asked, '\( SELECT t\.([a-z]+)\s+FROM told t\)', '(select sees(''\1''))', 'g'
        );
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
        'bank', '(select sees(''bank'')) is not null',
        'books', '(select sees(''books'')) is not null',
        'gate', '(select sees(''gate'')) is not null',
        'keys', '(select sees(''keys'')) is not null',
        'institution', 'institution_id = (select sees(''institution''))::uuid',
        'account', 'coalesce(learner_id = any((select shown_accounts())::uuid[]), true)',
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

drop view told;
