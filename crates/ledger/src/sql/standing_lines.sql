-- The lines of requests as they stand, for what is asked about them behind it: of each request the
-- decision where there is one, else the proposal, and of each line the last revision.
-- $1 learners and $2 requests, side by side; where $3, as it was first decided instead.
with standing as (
    select distinct on (l.request_id, l.line_no) l.*
    from unnest($1::uuid[], $2::uuid[]) as w (learner_id, request_id)
    join conversion_lines l using (learner_id, request_id)
    -- A decision may have other lines than the proposal, so it is one or the other as a whole.
    where l.stage = case
            when exists (
                select
                from conversion_lines d
                where d.learner_id = l.learner_id and d.request_id = l.request_id
                    and d.stage = 'decision'
            ) then 'decision'
            else 'proposal'
        end
        and (not $3 or l.revision_no = 0)
    order by l.request_id, l.line_no, l.revision_no desc
)
