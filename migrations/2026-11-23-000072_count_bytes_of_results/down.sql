drop table import_results;
