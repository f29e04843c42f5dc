drop table identity.key_checks, identity.names, identity.identifiers, learner_numbers, learners;
