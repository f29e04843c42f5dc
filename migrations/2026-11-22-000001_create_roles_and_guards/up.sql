-- The application works as this role: it may read and insert, and update only what is named below.
-- Roles belong to the whole server, so another database of it may have made the role already, even
-- at this very moment.
do $$
begin
    create role creditbank_app nologin;
exception
    when duplicate_object or unique_violation then null;
end
$$;

-- Whoever migrates must be able to become the application's role.
do $$
begin
    execute format('grant creditbank_app to %I', current_user);
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
