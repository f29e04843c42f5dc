-- Rules of several sources and courses: a line says what it holds and uses of its lot, which is no
-- longer always what it grants, the grade that is booked, and what would change the answer.
alter table conversion_lines
    add column held bigint,
    add column used bigint,
    add column books text,
    add column remedy_zh text,
    add column remedy_en text,
    add constraint conversion_lines_uses_check check (held >= 0 and used >= 0),
    add constraint conversion_lines_books_check check (books in ('as_earned', 'exempt', 'pass')),
    add constraint conversion_lines_remedy_check check ((remedy_zh is null) = (remedy_en is null));
comment on column conversion_lines.held is 'What the request holds of the lot, in hundredths of its unit, on the first of the lot''s lines; null for older rows, which hold what is requested.';
comment on column conversion_lines.used is 'What is used of the lot, in hundredths of its unit; null for older rows, which use what is granted.';
comment on column conversion_lines.books is 'The grade booked with the grant: as_earned, exempt or pass; null for older rows, as earned.';
comment on column conversion_lines.remedy_zh is 'What would change the answer, in Chinese.';
comment on column conversion_lines.remedy_en is 'What would change the answer, in English.';

create or replace view standing_decisions as
select distinct on (learner_id, request_id, line_no) *
from conversion_lines
where stage = 'decision'
order by learner_id, request_id, line_no, revision_no desc;

-- What a decision rested on, so that it can be made again and give the same, word for word.
create table conversion_inputs (
    learner_id uuid not null,
    request_id uuid not null,
    engine smallint not null,
    inputs jsonb not null,
    total bigint not null,
    bound bigint not null,
    proven boolean not null,
    complete boolean not null,
    recorded_at timestamptz not null,
    constraint conversion_inputs_pkey primary key (learner_id, request_id),
    constraint conversion_inputs_request_fkey
        foreign key (learner_id, request_id) references conversion_requests,
    constraint conversion_inputs_totals_check check (total >= 0 and bound >= total)
);
comment on table conversion_inputs is 'What each decision by the rules rested on; none for what was refused by hand or lapsed. No names. Append-only.';
comment on column conversion_inputs.learner_id is 'Whose request it is.';
comment on column conversion_inputs.request_id is 'The request.';
comment on column conversion_inputs.engine is 'The version of the engine that decided.';
comment on column conversion_inputs.inputs is 'The day, the programme''s credits, the lots with their states, and what stood granted.';
comment on column conversion_inputs.total is 'The credits it granted, in hundredths.';
comment on column conversion_inputs.bound is 'What no way to apply the rules that was looked at exceeds.';
comment on column conversion_inputs.proven is 'Whether the plan is proven to be the best.';
comment on column conversion_inputs.complete is 'Whether every way to apply the rules was looked at.';
comment on column conversion_inputs.recorded_at is 'When.';
-- Replays and rehearsals walk through them in the order of the requests.
create index conversion_inputs_request_id_idx on conversion_inputs (request_id);
create trigger conversion_inputs_append_only
    before update or delete or truncate on conversion_inputs
    for each statement execute function refuse_change();
grant select, insert on conversion_inputs to creditbank_app;
