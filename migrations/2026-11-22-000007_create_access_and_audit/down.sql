drop table audit_events, idempotency_keys, api_clients;
