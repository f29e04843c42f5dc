-- How the lines of requests stand, all of a request together, as sql/standing_lines.sql has them one by
-- one: whether none was decided again, whether nothing is granted, and whether everything is.
-- $1 learners and $2 requests, side by side. A request without lines is in no row.
select
    s.request_id, bool_and(s.revision_no = 0) as as_decided, bool_and(s.granted = 0) as nothing,
    bool_and(s.granted = s.requested) as everything
from (
    select distinct on (l.request_id, l.line_no)
        l.request_id, l.revision_no, l.granted, l.requested
    from unnest($1::uuid[], $2::uuid[]) as w (learner_id, request_id)
    join conversion_lines l using (learner_id, request_id)
    where l.stage = case
            when exists (
                select
                from conversion_lines d
                where d.learner_id = l.learner_id and d.request_id = l.request_id
                    and d.stage = 'decision'
            ) then 'decision'
            else 'proposal'
        end
    order by l.request_id, l.line_no, l.revision_no desc
) s
group by s.request_id
