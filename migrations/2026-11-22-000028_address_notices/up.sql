-- What people are told is derived when they look: an institution's from what the sequencer addresses,
-- a learner's from what is the learner's own. Nothing is written for anybody when something is posted.
create table notice_audiences (
    institution_id uuid not null,
    seq bigint not null,
    kind text not null,
    constraint notice_audiences_pkey primary key (institution_id, seq)
);
comment on table notice_audiences is 'Which told notices concern an institution, apart from the transfers among which they would have to be looked for. Written by the sequencer; forgotten after half a year.';
comment on column notice_audiences.institution_id is 'The institution; all zeros for the bank itself.';
comment on column notice_audiences.seq is 'The event.';
comment on column notice_audiences.kind is 'The kind of the notice.';
-- By age, to forget.
create index notice_audiences_seq_idx on notice_audiences (seq);

create table notice_marks (
    person_id uuid not null,
    institution_id uuid not null,
    up_to_seq bigint not null,
    marked_at timestamptz not null,
    constraint notice_marks_pkey primary key (person_id, institution_id),
    constraint notice_marks_person_id_fkey foreign key (person_id) references people
);
comment on table notice_marks is 'Up to where somebody has read what concerns an institution.';
comment on column notice_marks.person_id is 'Who.';
comment on column notice_marks.institution_id is 'Acting for which; all zeros for the bank itself.';
comment on column notice_marks.up_to_seq is 'The last event that counts as read.';
comment on column notice_marks.marked_at is 'When.';

create table notice_reads (
    person_id uuid not null,
    subject_id uuid not null,
    read_at timestamptz not null,
    constraint notice_reads_pkey primary key (person_id, subject_id),
    constraint notice_reads_person_id_fkey foreign key (person_id) references people
);
comment on table notice_reads is 'Single notices that somebody has read; forgotten after half a year.';
comment on column notice_reads.person_id is 'Who.';
comment on column notice_reads.subject_id is 'The notice, outcome or look.';
comment on column notice_reads.read_at is 'When.';
create index notice_reads_read_at_idx on notice_reads (read_at);

-- What was told before there was this table.
insert into notice_audiences (institution_id, seq, kind)
select a.institution_id, e.seq, e.kind
from events e join event_audiences a using (seq)
where e.kind <> 'outcome.recorded' and e.kind not like 'lot.%'
union all
select '00000000-0000-0000-0000-000000000000', e.seq, e.kind
from events e
where e.kind in ('request_overdue', 'request_lapsed');

grant select, insert, delete on notice_audiences, notice_reads to creditbank_app;
grant select, insert on notice_marks to creditbank_app;
grant update (up_to_seq, marked_at) on notice_marks to creditbank_app;
