drop table import_signatures;
