drop table webhook_deliveries, webhook_secrets, webhook_endpoints;
