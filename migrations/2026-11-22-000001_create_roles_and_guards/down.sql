drop function refuse_late_part();
drop function refuse_change();
drop schema identity;
revoke usage on schema public from creditbank_app;
