drop table notice_reads;
drop table notice_marks;
drop table notice_audiences;
