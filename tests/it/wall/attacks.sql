update transfers set amount = amount + 1
delete from transfers
truncate transfers
update outcomes set grade = '100'
delete from outcomes
update outcome_sources set source_ref = 'x'
delete from outcome_sources
update lots set issued = issued + 1
update lots set learner_id = gen_random_uuid()
delete from lots
truncate lots cascade
update corrections set reason = 'x'
delete from corrections
delete from holds
delete from learners
update learners set learner_no = 'x'
delete from identity.names
update identity.names set sealed = sealed
delete from identity.identifiers
update identity.identifiers set learner_id = gen_random_uuid()
update identity.person_logins set sealed = sealed
update conversion_lines set granted = 9
delete from conversion_requests
update rule_set_documents set rule_set_id = gen_random_uuid()
update audit_events set action = 'x'
delete from audit_events
delete from access_log
update readings set what = 'x'
delete from readings
delete from events
update events set seq = 1
delete from notices
delete from request_steps
update client_secrets set hash = hash
delete from client_secrets
update signing_keys set sealed = sealed
update api_clients set roles = '{registrar}'
update memberships set roles = '{secretariat}'
delete from memberships
update person_accounts set person_id = gen_random_uuid()
update claim_codes set learner_id = gen_random_uuid()
alter table transfers disable trigger all
drop trigger transfers_append_only on transfers
alter table lots drop constraint lots_sum_check
drop table transfers
alter table transfers owner to creditbank_app
create or replace function refuse_change() returns trigger language plpgsql as $$ begin return new; end $$
create function public.mine() returns int language sql as 'select 1'
create table public.mine (a int)
create schema mine
set session_replication_role = replica
set role postgres
select rolpassword from pg_authid
copy transfers to '/tmp/books.csv'
copy transfers to program 'cat > /tmp/books.csv'
copy transfers from '/etc/passwd'
select pg_read_file('/etc/passwd')
select lo_import('/etc/passwd')
create extension dblink
create role mine superuser
alter role creditbank_app superuser
alter system set fsync = off
select pg_terminate_backend(pid) from pg_stat_activity where usename <> 'creditbank_app'
do $$ begin execute 'delete from transfers'; end $$
delete from __diesel_schema_migrations
create trigger mine before insert on transfers for each row execute function refuse_late_part()
create rule mine as on insert to transfers do instead nothing
create policy mine on transfers using (true)
alter table transfers enable row level security
update import_approvals set verdict = 'approve'
delete from import_approvals
update import_changes set change_sha256 = change_sha256
delete from import_changes
update import_jobs set approval_needed = false
update import_jobs set hand = job_id
update mapping_versions set mapping = '{}'
delete from mapping_versions
update import_mappings set version = 1
update import_signatures set reason = null
delete from import_answers
update import_questions set layout = 'x'
