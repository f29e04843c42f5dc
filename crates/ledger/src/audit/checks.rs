//! What the books are held to, one entry each.

use super::{Check, Slices};

pub(super) const CHECKS: &[Check] = &[
    Check {
        name: "guards_stand",
        explanation: "守护账目的触发器、约束和权限完好 / the triggers, constraints and rights that guard \
                      the books are in place",
        slices: Slices::None,
        offenders: include_str!("../sql/audit/guards_stand.sql"),
    },
    Check {
        name: "lots_equal_their_transfers",
        explanation: "份额的各项余额等于其过账之和 / a lot's sums equal the sum of its transfers",
        slices: Slices::Both,
        offenders: include_str!("../sql/audit/lots_equal_their_transfers.sql"),
    },
    Check {
        name: "accounts_never_below_zero",
        explanation: "任何账户在任何时刻不为负 / no account of a lot was ever below zero",
        slices: Slices::Both,
        offenders: include_str!("../sql/audit/accounts_never_below_zero.sql"),
    },
    Check {
        name: "accounts_never_below_zero_on_any_day",
        explanation: "按生效日计,任何账户在任何一天不为负 / by the days from which transfers count, no \
                      account of a lot was below zero on any day",
        slices: Slices::Both,
        offenders: include_str!("../sql/audit/accounts_never_below_zero_on_any_day.sql"),
    },
    Check {
        name: "lots_begin_with_their_issue",
        explanation: "份额的第一笔过账是入账,且只入账一次 / a lot's first transfer issues it, on the day \
                      it was earned, and no other one does",
        slices: Slices::Both,
        offenders: include_str!("../sql/audit/lots_begin_with_their_issue.sql"),
    },
    Check {
        name: "transfers_follow_each_other",
        explanation: "同一份额的过账依次生效 / a lot's transfers count from days in the order in which \
                      they were recorded, and say which transaction wrote them",
        slices: Slices::Both,
        offenders: include_str!("../sql/audit/transfers_follow_each_other.sql"),
    },
    Check {
        name: "transfers_move_as_they_may",
        explanation: "每笔过账在允许的账户之间移动正数 / every transfer moves a positive amount between \
                      accounts that belong together",
        slices: Slices::Both,
        offenders: include_str!("../sql/audit/transfers_move_as_they_may.sql"),
    },
    Check {
        name: "transfers_have_a_lot",
        explanation: "每笔过账都有份额 / every transfer has its lot",
        // Whose outcome it was is not known without the lot.
        slices: Slices::Learner,
        offenders: "select t.transfer_id::text as id, t.learner_id from transfers t \
                    left join lots l using (learner_id, lot_id) where l.lot_id is null",
    },
    Check {
        name: "transfers_have_their_cause",
        explanation: "过账所依据的申请、预留、更正均存在 / the request, hold or correction behind a \
                      transfer exists",
        slices: Slices::Both,
        offenders: include_str!("../sql/audit/transfers_have_their_cause.sql"),
    },
    Check {
        name: "lots_have_an_outcome",
        explanation: "每个份额都来自一项成果 / every lot comes from an outcome of its version and day",
        slices: Slices::Both,
        // Where the outcome is gone, the owner of what was achieved is asked.
        offenders: "select l.lot_id::text as id, l.learner_id, \
                        coalesce(o.institution_id, e.institution_id) as institution_id \
                    from lots l \
                    left join outcomes o using (learner_id, outcome_id) \
                    left join catalogue_versions v on v.version_id = l.version_id \
                    left join catalogue_entries e on e.entry_id = v.entry_id \
                    where o.outcome_id is null or o.version_id <> l.version_id \
                        or o.awarded_on <> l.earned_on",
    },
    Check {
        name: "outcomes_have_their_references",
        explanation: "每项成果的学习者、机构、目录版本均存在 / an outcome's learner, institution and \
                      catalogue version exist",
        slices: Slices::Both,
        offenders: "select o.outcome_id::text as id, o.learner_id, o.institution_id \
                    from outcomes o \
                    left join learners l using (learner_id) \
                    left join institutions i on i.institution_id = o.institution_id \
                    left join catalogue_versions v \
                        on v.version_id = o.version_id and v.entry_id = o.entry_id \
                    where l.learner_id is null or i.institution_id is null \
                        or v.version_id is null",
    },
    Check {
        name: "one_outcome_per_source",
        explanation: "每个机构的来源编号只对应一项成果 / one outcome per institution and source reference",
        slices: Slices::Both,
        offenders: include_str!("../sql/audit/one_outcome_per_source.sql"),
    },
    Check {
        name: "what_earns_nothing_has_no_lot",
        explanation: "不产生学分的成果没有份额 / an outcome that earned nothing has no lot",
        slices: Slices::Both,
        offenders: "select o.outcome_id::text as id, o.learner_id, o.institution_id \
                    from outcomes o \
                    where o.earned_nothing is not null and exists (select from lots l \
                        where l.learner_id = o.learner_id and l.outcome_id = o.outcome_id)",
    },
    Check {
        name: "what_earns_has_a_lot_or_a_reason",
        explanation: "成果要么有份额,要么有不计学分的原因 / an outcome whose version gives something \
                      has a lot or a reason for having none",
        slices: Slices::Both,
        offenders: "select o.outcome_id::text as id, o.learner_id, o.institution_id \
                    from outcomes o \
                    where o.earned_nothing is null \
                        and exists (select from catalogue_amounts a \
                            where a.version_id = o.version_id) \
                        and not exists (select from lots l \
                            where l.learner_id = o.learner_id and l.outcome_id = o.outcome_id)",
    },
    Check {
        name: "lots_give_what_the_catalogue_gives",
        explanation: "份额的单位和数量符合目录版本 / a lot's unit and amount are what its version gives; \
                      a conversion may give less",
        slices: Slices::Both,
        offenders: "select l.lot_id::text as id, l.learner_id, o.institution_id from lots l \
                    join outcomes o using (learner_id, outcome_id) \
                    left join catalogue_amounts a \
                        on a.version_id = l.version_id and a.unit = l.unit \
                    where a.version_id is null or l.issued > a.hundredths \
                        or (a.basis = 'fixed' and o.origin <> 'conversion' \
                            and l.issued <> a.hundredths)",
    },
    Check {
        name: "entries_are_credited_once",
        explanation: "不可重复的课程只计一次学分 / a learner has at most one lot of a unit for an entry \
                      that counts once, and a lot says which entry it credits",
        slices: Slices::Both,
        offenders: "select l.lot_id::text as id, l.learner_id, o.institution_id \
                    from (select *, count(*) filter (where withdrawn = 0) \
                            over (partition by learner_id, credits_entry_id, unit) as lots \
                        from lots) l \
                    join outcomes o using (learner_id, outcome_id) \
                    join catalogue_versions v on v.version_id = l.version_id \
                    where l.credits_entry_id is distinct from \
                            case when v.repeatable then null else o.entry_id end \
                        or (l.credits_entry_id is not null and l.withdrawn = 0 and l.lots > 1)",
    },
    Check {
        name: "same_courses_are_credited_once",
        explanation: "同课组内只计一门课程的学分,未计分的成果注明同课成果 / of a group of same courses a \
                      learner is credited for one, and an outcome refused beside its twin names it",
        slices: Slices::Both,
        offenders: "select l.lot_id::text as id, l.learner_id, o.institution_id \
                    from (select *, count(*) filter (where withdrawn = 0) \
                            over (partition by learner_id, same_course_group_id, unit) as lots \
                        from lots where same_course_group_id is not null) l \
                    join outcomes o using (learner_id, outcome_id) \
                    left join duplicate_courses d on d.entry_id = o.entry_id \
                        and d.group_id = l.same_course_group_id \
                    where d.entry_id is null or (l.withdrawn = 0 and l.lots > 1) \
                    union all \
                    select o.outcome_id::text, o.learner_id, o.institution_id from outcomes o \
                    left join same_course_refusals r using (learner_id, outcome_id) \
                    where (o.earned_nothing is not distinct from 'DUPLICATE_NAME') \
                        <> (r.outcome_id is not null)",
    },
    Check {
        name: "claims_stay_under_their_cap",
        explanation: "学时申报在年度内不超过学时表的上限 / claims of hours in a year never exceed the caps \
                      of the tables that decided them",
        slices: Slices::Both,
        offenders: include_str!("../sql/audit/claims_stay_under_their_cap.sql"),
    },
    Check {
        name: "conversions_stay_under_their_cap",
        explanation: "专业内转换学分之和不超过规则集的比例 / what is granted in a programme never exceeds \
                      the widest share of the rule sets it was granted under",
        slices: Slices::Both,
        offenders: "select r.learner_id || '/' || r.programme_id as id, r.learner_id, \
                        p.institution_id \
                    from conversion_requests r \
                    join standing_decisions l using (learner_id, request_id) \
                    join programmes p using (programme_id) \
                    join rule_sets s using (rule_set_id) \
                    group by r.learner_id, r.programme_id, p.institution_id, p.total_hundredths \
                    having sum(l.granted) > p.total_hundredths * \
                        max(s.programme_share_hundredths) / 10000",
    },
    Check {
        name: "conversions_match_the_ledger",
        explanation: "转换的申请、授予与预留、结转一致 / what requests ask for and were granted is \
                      what was held, settled and posted",
        slices: Slices::Both,
        offenders: include_str!("../sql/audit/conversions_match_the_ledger.sql"),
    },
    Check {
        name: "requests_add_up",
        explanation: "每份申请:申请 = 授予 + 核减 + 拒绝 + 待定,且申请的每个份额都有答复 / of every \
                      request what was asked for is what was granted, cut and refused and what is \
                      open, and each lot is answered for",
        slices: Slices::Both,
        offenders: include_str!("../sql/audit/requests_add_up.sql"),
    },
    Check {
        name: "requests_stand_as_their_steps_say",
        explanation: "申请所处环节与其步骤一致 / a request stands where the steps that are kept of it lead",
        slices: Slices::Both,
        offenders: include_str!("../sql/audit/requests_stand_as_their_steps_say.sql"),
    },
    Check {
        name: "imports_count_their_lines",
        explanation: "导入的计数与逐行结果一致 / an import's counts agree with what is kept of its lines",
        slices: Slices::Institution,
        offenders: "select i.import_id::text as id, i.institution_id from imports i \
                    left join lateral ( \
                        select count(*) filter (where status = 'rejected') as rejected, \
                            count(*) filter (where status = 'already_posted') as already_posted, \
                            count(*) filter (where status = 'posted') as posted \
                        from import_lines l where l.import_id = i.import_id \
                    ) n on true \
                    where i.rejected <> n.rejected or i.already_posted <> n.already_posted \
                        or i.posted < n.posted",
    },
    Check {
        name: "learners_have_one_number",
        explanation: "每个学习者有且只有一个号码 / every learner has exactly one number",
        slices: Slices::Both,
        offenders: "select learner_id::text as id, learner_id, l.opened_by as institution_id \
                    from learners l \
                    full join learner_numbers n using (learner_id) \
                    where l.learner_no is distinct from n.learner_no",
    },
    Check {
        name: "identifiers_have_a_learner",
        explanation: "每个证件都属于一个账户 / every identifier belongs to an account",
        slices: Slices::Both,
        offenders: "select i.learner_id::text as id, i.learner_id, i.institution_id \
                    from identity.identifiers i \
                    left join learners l using (learner_id) where l.learner_id is null",
    },
    Check {
        name: "names_have_a_learner",
        explanation: "每个姓名都属于一个账户 / every name belongs to an account",
        slices: Slices::Learner,
        offenders: "select n.learner_id::text as id, n.learner_id from ( \
                        select learner_id from identity.names \
                        union all select learner_id from identity.person_digests \
                    ) n \
                    left join learners l using (learner_id) where l.learner_id is null",
    },
    Check {
        name: "aliases_are_the_merges_that_stand",
        explanation: "现行合并即未撤销的合并 / the aliases are the merges that were not taken back, \
                      and each account is merged into one at a time",
        slices: Slices::Learner,
        offenders: "select coalesce(m.merge_id, a.merge_id)::text as id, \
                        coalesce(m.absorbed_id, a.absorbed_id) as learner_id \
                    from ( \
                        select m.* from learner_merges m \
                        left join learner_unmerges u using (merge_id) where u.merge_id is null \
                    ) m \
                    full join learner_aliases a using (merge_id) \
                    where m.merge_id is null or a.merge_id is null \
                        or m.survivor_id <> a.survivor_id or m.absorbed_id <> a.absorbed_id",
    },
    Check {
        name: "aliases_make_no_chains",
        explanation: "被合并的账户不再合并其他账户 / who is absorbed absorbs nobody",
        slices: Slices::Learner,
        offenders: "select a.absorbed_id::text as id, a.absorbed_id as learner_id \
                    from learner_aliases a \
                    join learner_aliases b on b.survivor_id = a.absorbed_id",
    },
    Check {
        name: "merges_have_their_learners",
        explanation: "合并与疑似重复所指账户均存在 / the accounts of merges and candidates exist",
        slices: Slices::None,
        offenders: "select w.id::text as id from ( \
                        select survivor_id as id from learner_merges \
                        union all select absorbed_id from learner_merges \
                        union all select learner_id from duplicate_candidates \
                        union all select other_id from duplicate_candidates \
                    ) w \
                    left join learners l on l.learner_id = w.id where l.learner_id is null",
    },
    Check {
        name: "lines_use_lots_of_their_learner",
        explanation: "转换行使用本人或曾合并账户的份额 / a line uses a lot of its own learner, or of an \
                      account that was merged with it",
        slices: Slices::Both,
        offenders: include_str!("../sql/audit/lines_use_lots_of_their_learner.sql"),
    },
    Check {
        name: "corrections_take_back_whole",
        explanation: "被更正的成果其份额全部撤销,且有后继成果 / an outcome that was taken back has no \
                      lot left, and what took its place is there",
        slices: Slices::Both,
        offenders: include_str!("../sql/audit/corrections_take_back_whole.sql"),
    },
    Check {
        name: "holds_match_the_ledger",
        explanation: "直接预留与其过账一致 / what a hold says of itself is what its transfers say",
        slices: Slices::Learner,
        offenders: include_str!("../sql/audit/holds_match_the_ledger.sql"),
    },
    Check {
        name: "imports_were_approved",
        explanation: "机构要求他人审核的导入,均由提交人以外的人同意后入账 / where an institution wants a \
                      second person, no file posted that somebody else than who handed it in had \
                      not approved",
        slices: Slices::Institution,
        offenders: include_str!("../sql/audit/imports_were_approved.sql"),
    },
    Check {
        name: "events_without_a_gap",
        explanation: "变更流的编号从 1 起连续 / events are numbered from 1 without a gap",
        slices: Slices::None,
        offenders: include_str!("../sql/audit/events_without_a_gap.sql"),
    },
    Check {
        name: "what_was_posted_is_told",
        explanation: "每笔过账、每项无份额的成果、每条通知恰有一个事件 / every transfer, outcome without \
                      a lot and notice has exactly one event",
        slices: Slices::None,
        offenders: include_str!("../sql/audit/what_was_posted_is_told.sql"),
    },
    Check {
        name: "events_reach_whom_they_concern",
        explanation: "事件只送达相关机构 / an event is shown to the institutions it concerns, and to \
                      no other",
        slices: Slices::None,
        offenders: include_str!("../sql/audit/events_reach_whom_they_concern.sql"),
    },
    Check {
        name: "notices_reach_whom_they_concern",
        explanation: "通知只送达事件相关的机构 / a notice is told to the institutions its event concerns, \
                      and to no other",
        slices: Slices::None,
        offenders: include_str!("../sql/audit/notices_reach_whom_they_concern.sql"),
    },
    Check {
        name: "totals_equal_their_events",
        explanation: "汇总等于已计入事件的过账之和 / totals equal the sums over the events they count",
        slices: Slices::None,
        offenders: include_str!("../sql/audit/totals_equal_their_events.sql"),
    },
    Check {
        name: "evidence_has_its_request_and_its_key",
        explanation: "佐证材料都有申请;未销毁的有密钥,已销毁的没有;密钥都有材料 / evidence has its request, \
                      and its key until it is purged; no key is without its evidence",
        slices: Slices::Learner,
        offenders: "select coalesce(e.evidence_id, s.evidence_id)::text as id, \
                        coalesce(e.learner_id, s.learner_id) as learner_id \
                    from evidence e \
                    full join identity.evidence_secrets s using (evidence_id) \
                    left join conversion_requests r \
                        on r.learner_id = e.learner_id and r.request_id = e.request_id \
                    where e.evidence_id is null or r.request_id is null \
                        or (s.evidence_id is null) <> (e.purged_at is not null) \
                        or s.learner_id <> e.learner_id",
    },
    Check {
        name: "requests_rest_on_what_their_learner_agreed_to",
        explanation: "申请所依据的同意存在,由本人为该接收机构和转换目的作出 / the consent that a request \
                      rests on is its learner's, about its receiver and for conversion",
        slices: Slices::Learner,
        offenders: "select b.request_id::text as id, b.learner_id from request_bases b \
                    left join conversion_requests r using (learner_id, request_id) \
                    left join consents c on c.consent_id = b.consent_id \
                    where r.request_id is null or b.consent_id is not null and ( \
                        c.consent_id is null or c.purpose <> 'conversion' \
                        or c.institution_id <> r.receiving_institution_id \
                        or c.learner_id <> b.learner_id and not exists ( \
                            select from learner_merges m \
                            where b.learner_id in (m.survivor_id, m.absorbed_id) \
                        ) \
                    )",
    },
];
