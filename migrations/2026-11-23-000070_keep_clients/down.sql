revoke update (last_used_at) on client_keys from creditbank_app;
revoke update (expires_at, last_used_at) on client_secrets from creditbank_app;
revoke update (keeper_id) on api_clients from creditbank_app;
alter table client_keys drop column last_used_at;
alter table client_secrets drop column last_used_at;
drop index api_clients_institution_id_idx;
alter table api_clients drop column keeper_id, drop column scopes;
