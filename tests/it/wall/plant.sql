-- Two banks in one: of each table behind the wall a row that is A's alone and one that is B's alone.
-- Nothing of it makes sense, and nothing has to: what is tried is who sees it.
set session_replication_role = replica;
create table marks (side text, kind text, mark uuid);
insert into marks
select side, kind, gen_random_uuid()
from unnest('{a,b}'::text[]) side,
    unnest('{institution,learner,request,endpoint,import,file,evidence,client,job,person}'::text[]) kind;
-- Which says whose a row is.
create function mark(of_side text, of_kind text) returns uuid language sql as
    'select mark from marks where side = of_side and kind = of_kind';
create function bears(shown text, of_side text) returns boolean language sql as
    'select exists (select from marks where side = of_side and strpos(shown, mark::text) > 0)
        or strpos(shown, of_side || ''-number'') > 0';
create view walled as
    select c.oid::regclass as name, c.oid
    from pg_class c
    where c.relrowsecurity and c.relkind = 'r'
        and c.relnamespace in ('public'::regnamespace, 'identity'::regnamespace);
grant select on marks, walled to creditbank_app;
do $$
declare
    each_table record;
    each_check record;
    of_side text;
    names text;
    expressions text;
begin
    for each_check in
        select k.conrelid::regclass as behind, k.conname from pg_constraint k join walled w on w.oid = k.conrelid
        where k.contype in ('c', 'f')
    loop
        execute format('alter table %s drop constraint %I', each_check.behind, each_check.conname);
    end loop;
    for each_table in select * from walled loop
        execute format('alter table %s disable trigger all', each_table.name);
        execute format('delete from %s', each_table.name);
        foreach of_side in array '{a,b}'::text[] loop
            select string_agg(quote_ident(attname), ', '), string_agg(
                case
                    when attname ~ 'institution_ids' then format('array[mark(%L, ''institution'')]', of_side)
                    when attname ~ 'institution|recorded_for' and type = 'uuid'
                        then format('mark(%L, ''institution'')', of_side)
                    when attname ~ 'learner_id|absorbed_id|survivor_id|other_id'
                        then format('mark(%L, ''learner'')', of_side)
                    when attname ~ '^(request|endpoint|import|file|evidence|client|job|person)_id$'
                        then format('mark(%L, %L)', of_side, split_part(attname, '_', 1))
                    when attname = 'learner_no' then quote_literal(of_side || '-number')
                    when type = 'uuid' then 'gen_random_uuid()'
                    when type = 'text' then 'gen_random_uuid()::text'
                    when type = 'bytea' then 'uuid_send(gen_random_uuid())'
                    when type in ('timestamp with time zone', 'date') then 'now()'
                    when type = 'boolean' then 'true'
                    when type = 'jsonb' then '''{}'''
                    when type ~ '\[\]$' then '''{}'''
                    else case of_side when 'a' then '''1''' else '''2''' end
                end, ', ')
            into names, expressions
            from (
                select attname::text, format_type(atttypid, null) as type, attnum from pg_attribute
                where attrelid = each_table.oid and attnum > 0 and not attisdropped and attgenerated = ''
            ) columns;
            execute format('insert into %s (%s) select %s', each_table.name, names, expressions);
        end loop;
    end loop;
end
$$;
-- B's rows, for A to hand in as if they were its own.
create table copies (name text, of_b jsonb);
do $$
declare
    each_table record;
begin
    for each_table in select * from walled loop
        execute format(
            'insert into copies select %L, to_jsonb(t) from %s t where bears(t::text, ''b'') limit 1',
            each_table.name, each_table.name
        );
    end loop;
end
$$;
grant select on copies to creditbank_app;
