do $$
declare
    walled record;
begin
    for walled in
        select p.polname, p.polrelid::regclass as behind from pg_policy p where p.polname ~ '_wall(_|$)'
    loop
        execute format('drop policy %I on %s', walled.polname, walled.behind);
        execute format('alter table %s disable row level security', walled.behind);
    end loop;
end
$$;
alter view standing_decisions reset (security_invoker);
drop function raise_wall(regclass, text[], text, text);
drop function shown_accounts();
drop function asks_about(uuid, uuid);
drop function seen_accounts();
drop function sees(text);
drop function claim_wall_key(bytea, bytea);
drop table wall_keys;
