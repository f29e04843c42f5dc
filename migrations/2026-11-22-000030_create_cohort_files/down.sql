drop table cohort_lines, cohort_files;
