-- The application works as this role: it may read and insert, and update only what is named below.
-- Roles belong to the whole server, so another database of it may have made the role already, even
-- at this very moment.
do $$
begin
    if not exists (select from pg_roles where rolname = 'creditbank_app') then
        create role creditbank_app nologin;
    end if;
exception
    when duplicate_object or unique_violation then null;
end
$$;

-- Whoever migrates must be able to become the application's role.
do $$
begin
    if not pg_has_role(current_user, 'creditbank_app', 'member') then
        execute format('grant creditbank_app to %I', current_user);
    end if;
exception
    when unique_violation or invalid_grant_operation then null;
end
$$;

grant usage on schema public to creditbank_app;

create schema identity;
comment on schema identity is
    'Who the learners are. Everything personal is here and sealed; nothing of it is in public.';
grant usage on schema identity to creditbank_app;

-- Triggers forbid; they never compute.
create function refuse_change() returns trigger
language plpgsql as $$
begin
    raise exception '% of % is refused: what was posted is corrected by a later entry', tg_op, tg_table_name
        using errcode = 'integrity_constraint_violation';
end
$$;
comment on function refuse_change() is 'Makes a table append-only, for its owner too.';

-- What belongs to a catalogue version or a rule set is written with it or never: the whole keeps
-- the transaction that made it, in a column that nobody may update.
create function refuse_late_part() returns trigger
language plpgsql as $$
declare
    found_now boolean;
begin
    execute format(
        'select exists (select from %I p where p.%I = ($1).%I and p.made_in = pg_current_xact_id())',
        tg_argv[0], tg_argv[1], tg_argv[1]
    ) using new into found_now;
    if not found_now then
        raise exception '% into % is refused: what it belongs to was completed before', tg_op, tg_table_name
            using errcode = 'integrity_constraint_violation';
    end if;
    return new;
end
$$;
comment on function refuse_late_part() is 'Lets a part be inserted only by the transaction that made the whole: table and key column are its arguments.';
