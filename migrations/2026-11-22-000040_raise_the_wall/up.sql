-- The second wall (decision 0032): a transaction of the application sees of these tables what it was
-- told to see, whatever its SQL says. It is told by the program, in a setting that only the program
-- can sign. The number is behind all that others took, so that no table is missed.

-- What signs. Nobody has a right to it: sees() looks, as its owner.
create table wall_keys (
    only_one boolean not null default true,
    inner_pad bytea not null,
    outer_pad bytea not null,
    constraint wall_keys_pkey primary key (only_one),
    constraint wall_keys_only_one_check check (only_one),
    constraint wall_keys_inner_pad_check check (octet_length(inner_pad) = 64),
    constraint wall_keys_outer_pad_check check (octet_length(outer_pad) = 64)
);
comment on table wall_keys is 'The key under which a transaction is told what it sees: derived from the bank''s secret, left here by the first server, read by sees() alone.';
comment on column wall_keys.only_one is 'There is one.';
comment on column wall_keys.inner_pad is 'The inner block of HMAC-SHA256.';
comment on column wall_keys.outer_pad is 'The outer block.';
create trigger wall_keys_append_only
    before update or delete or truncate on wall_keys
    for each statement execute function refuse_change();

create function claim_wall_key(inner_block bytea, outer_block bytea) returns boolean
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    insert into public.wall_keys (inner_pad, outer_pad) values (inner_block, outer_block)
        on conflict do nothing;
    return exists (
        select from public.wall_keys k where k.inner_pad = inner_block and k.outer_pad = outer_block
    );
end
$$;
comment on function claim_wall_key(bytea, bytea) is 'Leaves the key where there is none; says whether it is the one. Tells nothing else.';
revoke all on function claim_wall_key(bytea, bytea) from public;
grant execute on function claim_wall_key(bytea, bytea) to creditbank_app;

-- The setting is what is seen, a bar, and HMAC-SHA256 of that and the number of the process that
-- serves the connection: made up it counts for nothing, and neither does what another connection was
-- told. What is not in it is not worth looking at the key for.
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

-- A learner's accounts: the own one and those that are merged with it.
create function seen_accounts() returns uuid[]
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
comment on function seen_accounts() is 'The accounts of the learner whom this transaction was told to see.';
revoke all on function seen_accounts() from public;
grant execute on function seen_accounts() to creditbank_app;

-- The same for the books: null is all of them, for whoever compares them. One question a statement and
-- table instead of several: each takes longer than reading what a balance reads of it.
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

-- Whether the institution that this transaction was told to see asked for a learner's conversion or
-- is to decide it. A function and not a subquery in the policies: planners would count that for each
-- row of a table that is nearly always seen for another reason.
create function asks_about(of_learner uuid, of_request uuid default null) returns boolean
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
comment on function asks_about(uuid, uuid) is 'Whether the institution that is seen has a request about a learner, or that request.';
revoke all on function asks_about(uuid, uuid) from public;
grant execute on function asks_about(uuid, uuid) to creditbank_app;

-- Puts a table behind the wall. `parts` names who sees a row; what is particular to a table is an
-- expression of its own. Later migrations call it for their tables; nobody else may.
create function raise_wall(behind regclass, parts text[], own_expression text, why text) returns void
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
comment on function raise_wall(regclass, text[], text, text) is 'Puts a table behind the wall; for migrations.';
revoke all on function raise_wall(regclass, text[], text, text) from public;

-- A view looks with the rights of whoever asks.
alter view standing_decisions set (security_invoker = true);

-- The books: whoever compares the books of all, the institution that posted, the learner.
select raise_wall('outcomes', '{account,institution,asked}', null,
    'Whoever compares the books, who posted, the learner, and who has a request about the learner.');
select raise_wall(t::regclass, '{account,institution}', null,
    'Whoever compares the books, who posted, and the learner.')
from unnest('{outcome_sources,hour_claims}'::text[]) t;
select raise_wall(t::regclass, '{account}', null,
    'Whoever compares the books, and the learner.')
from unnest('{transfers,holds,corrections,notices,expiry_warnings,hour_turns,
    same_course_refusals,identity.identifiers,identity.names,identity.person_digests}'::text[]) t;
select raise_wall(t::regclass, '{account,asked}', null,
    'Whoever compares the books, the learner, and who has a request about the learner.')
from unnest('{lots,learner_numbers}'::text[]) t;
select raise_wall('learners', '{account,gate,asked}', null,
    'The same, and whoever checks who is asking: the number of the account that somebody claimed.');
select raise_wall('learner_aliases', '{books}',
    'absorbed_id = any((select seen_accounts())::uuid[]) or asks_about(absorbed_id) or asks_about(survivor_id)',
    'Whoever compares the books, the learner, and who has a request about the learner.');
select raise_wall(t::regclass, '{books}', null, 'Whoever compares the books.')
from unnest('{duplicate_candidates,learner_merges,learner_unmerges,merge_collisions,events,
    event_backlog}'::text[]) t;

-- Requests: who asks, who decides, and the learner.
select raise_wall('conversion_requests', '{account}',
    '(select sees(''institution''))::uuid in (requesting_institution_id, receiving_institution_id)',
    'Whoever compares the books, who asks, who decides, and the learner.');
select raise_wall(t::regclass, '{account,request}', null, 'Whoever sees the request.')
from unnest('{conversion_lines,conversion_inputs,request_steps,request_standings,request_appeals,
    request_resubmissions,request_bases}'::text[]) t;
select raise_wall(t::regclass, '{bank,learner,request}', null,
    'Who asks, who decides, the learner and the bank: documents are nobody else''s.')
from unnest('{evidence,step_evidence}'::text[]) t;
select raise_wall('identity.evidence_secrets', '{bank,learner}',
    'exists (select from evidence e where e.learner_id = evidence_secrets.learner_id and e.evidence_id = evidence_secrets.evidence_id)',
    'Whoever sees the evidence.');
select raise_wall('conversion_drafts', '{bank,institution,learner}', null,
    'Whoever drafts: nobody else knows of it.');
select raise_wall('consents', '{account,institution}',
    'recorded_for = (select sees(''institution''))::uuid',
    'Whoever compares the books, the learner, whom it is about and who recorded it.');
select raise_wall('review_delegations', '{books,institution}', null,
    'Whoever decides requests, and its institution.');

-- What an institution keeps for itself.
select raise_wall(t::regclass, '{bank,institution}', null, 'Its institution, and the bank.')
from unnest('{webhook_endpoints,imports,column_mappings,import_files,import_jobs,import_job_turns,
    totals,event_audiences,notice_audiences,import_settings,import_changes,
    mapping_versions,import_mappings,import_answers,cohort_lines}'::text[]) t;
select raise_wall(t::regclass, '{bank}',
    'exists (select from import_jobs p where p.job_id = ' || t || '.job_id)',
    'Whoever sees the job.')
from unnest('{import_approvals,import_questions}'::text[]) t;
select raise_wall(t::regclass, '{bank}', 'person_id = (select sees(''person''))::uuid',
    'Who read, and the bank.')
from unnest('{notice_marks,notice_reads}'::text[]) t;
select raise_wall('claim_codes', '{bank,institution,learner}', null,
    'Its institution, whoever issues one more for the learner, and the bank.');
select raise_wall(t::regclass, '{bank}',
    'exists (select from webhook_endpoints p where p.endpoint_id = ' || t || '.endpoint_id)',
    'Whoever sees the endpoint.')
from unnest('{webhook_secrets,webhook_deliveries}'::text[]) t;
select raise_wall(t::regclass, '{bank}',
    'exists (select from imports p where p.import_id = ' || t || '.import_id)',
    'Whoever sees the import.')
from unnest('{import_lines,import_credits,cohort_files}'::text[]) t;
select raise_wall('import_file_parts', '{bank}',
    'exists (select from import_files p where p.file_id = import_file_parts.file_id)',
    'Whoever sees the file.');
select raise_wall('idempotency_keys', '{keys}', 'client_id = (select sees(''client''))::uuid',
    'Whoever used the key, and who posts for many at once.');

-- What makes a caller an actor is looked at before there is one.
select raise_wall(t::regclass, '{gate}', null, 'Whoever checks who is asking, and the bank.')
from unnest('{client_secrets,client_keys,signing_keys,used_assertions,people,memberships,
    login_attempts,identity.person_names,identity.person_logins}'::text[]) t;
select raise_wall(t::regclass, '{gate,learner}', null,
    'Whoever checks who is asking, and whoever looks at the account.')
from unnest('{person_accounts,helper_consents}'::text[]) t;
select raise_wall('api_clients', '{gate,books}',
    '(select sees(''learner'')) is not null and exists (select from readings r where r.client_id = api_clients.client_id)',
    'Whoever checks who is asking, whoever compares the books, and the learner whom it read.');

-- Logs: whoever acts writes, the bank and the learner read.
select raise_wall('readings', '{bank,learner}', null, 'The learner who was read, and the bank.');
select raise_wall(t::regclass, '{bank}', null, 'The bank.')
from unnest('{access_log,claim_attempts}'::text[]) t;
select raise_wall('audit_events', '{bank}', null, 'The bank reads.');
create policy audit_events_wall_of_writers on audit_events for insert to creditbank_app
    with check (
        (select sees('books')) is not null or (select sees('gate')) is not null
        or institution_id = (select sees('institution'))::uuid
        or (select sees('learner')) is not null
    );
comment on policy audit_events_wall_of_writers on audit_events is 'Whoever was told to see anything leaves an event, an institution its own.';
