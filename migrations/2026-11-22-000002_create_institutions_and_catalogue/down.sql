drop table catalogue_amounts, catalogue_owners, catalogue_versions, catalogue_entries, institutions;
