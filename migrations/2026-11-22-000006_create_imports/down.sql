drop table column_mappings, import_lines, imports;
