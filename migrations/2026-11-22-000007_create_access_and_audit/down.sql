revoke select on __diesel_schema_migrations from creditbank_app;
drop table audit_events, idempotency_keys, api_clients;
