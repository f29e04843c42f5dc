alter table conversion_lines drop column lot_learner_id;
drop table merge_collisions;
drop table learner_aliases;
drop function refuse_alias_chain();
drop table learner_unmerges;
drop table learner_merges;
drop table duplicate_candidates;
drop table identity.person_digests;
drop index identity.identifiers_for_life_key;
