drop table conversion_lines, conversion_requests, articulation_rules, rule_sets, programmes, documents;
drop function refuse_change_of_decided_request();
drop function refuse_change_of_approved_rule_set();
