drop table step_evidence, identity.evidence_secrets, evidence;
