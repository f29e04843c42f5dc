-- Behind sql/standing_lines.sql: all lines of a request together. Whether none was decided again, whether
-- nothing is granted, and whether everything is. A request without lines is in no row.
select
    request_id, bool_and(revision_no = 0) as as_decided, bool_and(granted = 0) as nothing,
    bool_and(granted = requested) as everything
from standing
group by request_id
