-- What pgbench needs to name things as a client names them: by a number of their own.
drop table if exists bench_learners;
create unlogged table bench_learners as
    select row_number() over (order by learner_id) - 1 as n, learner_id, learner_no from learners;
create unique index on bench_learners (n);
drop table if exists bench_lots;
create unlogged table bench_lots as
    select row_number() over (order by md5(lot_id::text)) - 1 as n, learner_id, lot_id
    from lots where available = issued and held = 0;
create unique index on bench_lots (n);
create or replace function bench_id() returns uuid language sql volatile as $$
    select (
        lpad(to_hex((extract(epoch from clock_timestamp()) * 1000)::bigint), 12, '0')
        || '7' || substr(md5(random()::text), 1, 3) || '8' || substr(md5(random()::text), 1, 15)
    )::uuid
$$;
vacuum analyze bench_learners;
vacuum analyze bench_lots;
