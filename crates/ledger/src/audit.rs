//! The audit: recomputes the books and names what is wrong. It believes no sum that it can make.

use creditbank_domain::authz::{AuditBooks, Grant};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Text};

use crate::error::LedgerError;
use crate::store::Ledger;
use crate::tables::count;

/// Something that must not be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditFault {
    /// The check that found it.
    pub check: &'static str,
    /// How often.
    pub count: u64,
    /// The first few, by their ids.
    pub examples: Vec<String>,
    /// What the check demands.
    pub explanation: &'static str,
}

/// A check: a query for the ids of what breaks it.
struct Check {
    name: &'static str,
    explanation: &'static str,
    offenders: &'static str,
}

const CHECKS: &[Check] = &[
    Check {
        name: "lots_equal_their_transfers",
        explanation: "份额的各项余额等于其过账之和 / a lot's sums equal the sum of its transfers",
        offenders: include_str!("sql/audit/lots_equal_their_transfers.sql"),
    },
    Check {
        name: "accounts_never_below_zero",
        explanation: "任何账户在任何时刻不为负 / no account of a lot was ever below zero",
        offenders: include_str!("sql/audit/accounts_never_below_zero.sql"),
    },
    Check {
        name: "transfers_have_a_lot",
        explanation: "每笔过账都有份额 / every transfer has its lot",
        offenders: "select t.transfer_id::text as id from transfers t \
                    left join lots l using (learner_id, lot_id) where l.lot_id is null",
    },
    Check {
        name: "lots_have_an_outcome",
        explanation: "每个份额都来自一项成果 / every lot comes from an outcome of its version and day",
        offenders: "select l.lot_id::text as id from lots l \
                    left join outcomes o using (learner_id, outcome_id) \
                    where o.outcome_id is null or o.version_id <> l.version_id \
                        or o.awarded_on <> l.earned_on",
    },
    Check {
        name: "outcomes_have_their_references",
        explanation: "每项成果的学习者、机构、目录版本均存在 / an outcome's learner, institution and \
                      catalogue version exist",
        offenders: "select o.outcome_id::text as id from outcomes o \
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
        offenders: "select coalesce(o.outcome_id, s.outcome_id)::text as id from outcomes o \
                    full join outcome_sources s using (institution_id, source_ref) \
                    where o.outcome_id is null or s.outcome_id is null \
                        or o.outcome_id <> s.outcome_id or o.learner_id <> s.learner_id",
    },
    Check {
        name: "what_earns_nothing_has_no_lot",
        explanation: "不产生学分的成果没有份额 / an outcome that earned nothing has no lot",
        offenders: "select o.outcome_id::text as id from outcomes o \
                    where o.earned_nothing is not null and exists (select from lots l \
                        where l.learner_id = o.learner_id and l.outcome_id = o.outcome_id)",
    },
    Check {
        name: "what_earns_has_a_lot_or_a_reason",
        explanation: "成果要么有份额,要么有不计学分的原因 / an outcome whose version gives something \
                      has a lot or a reason for having none",
        offenders: "select o.outcome_id::text as id from outcomes o \
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
        offenders: "select l.lot_id::text as id from lots l \
                    join outcomes o using (learner_id, outcome_id) \
                    left join catalogue_amounts a \
                        on a.version_id = l.version_id and a.unit = l.unit \
                    where a.version_id is null or l.issued > a.hundredths \
                        or (a.basis = 'fixed' and o.origin <> 'conversion' \
                            and l.issued <> a.hundredths)",
    },
    Check {
        name: "conversions_stay_under_their_cap",
        explanation: "专业内转换学分之和不超过规则集的比例 / what is granted in a programme never exceeds \
                      the widest share of the rule sets it was granted under",
        offenders: "select r.learner_id || '/' || r.programme_id as id \
                    from conversion_requests r \
                    join conversion_lines l using (learner_id, request_id) \
                    join programmes p using (programme_id) \
                    join rule_sets s using (rule_set_id) \
                    where l.stage = 'decision' \
                    group by r.learner_id, r.programme_id, p.total_hundredths \
                    having sum(l.granted) > p.total_hundredths * \
                        max(s.programme_share_hundredths) / 10000",
    },
    Check {
        name: "imports_count_their_lines",
        explanation: "导入的计数与逐行结果一致 / an import's counts agree with what is kept of its lines",
        offenders: "select i.import_id::text as id from imports i \
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
        offenders: "select coalesce(l.learner_id, n.learner_id)::text as id from learners l \
                    full join learner_numbers n using (learner_id) \
                    where l.learner_id is null or n.learner_id is null \
                        or l.learner_no <> n.learner_no",
    },
    Check {
        name: "identifiers_have_a_learner",
        explanation: "每个证件都属于一个账户 / every identifier belongs to an account",
        offenders: "select i.learner_id::text as id from identity.identifiers i \
                    left join learners l using (learner_id) where l.learner_id is null",
    },
    Check {
        name: "aliases_are_the_merges_that_stand",
        explanation: "现行合并即未撤销的合并 / the aliases are the merges that were not taken back, \
                      and each account is merged into one at a time",
        offenders: "select coalesce(m.merge_id, a.merge_id)::text as id from ( \
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
        offenders: "select a.absorbed_id::text as id from learner_aliases a \
                    join learner_aliases b on b.survivor_id = a.absorbed_id",
    },
    Check {
        name: "merges_have_their_learners",
        explanation: "合并与疑似重复所指账户均存在 / the accounts of merges and candidates exist",
        offenders: "select w.id::text as id from ( \
                        select survivor_id as id from learner_merges \
                        union all select absorbed_id from learner_merges \
                        union all select learner_id from duplicate_candidates \
                        union all select other_id from duplicate_candidates \
                    ) w \
                    left join learners l on l.learner_id = w.id where l.learner_id is null",
    },
    Check {
        name: "names_have_a_learner",
        explanation: "每个姓名都属于一个账户 / every name belongs to an account",
        offenders: "select n.learner_id::text as id from ( \
                        select learner_id from identity.names \
                        union all select learner_id from identity.person_digests \
                    ) n \
                    left join learners l using (learner_id) where l.learner_id is null",
    },
    Check {
        name: "lines_use_lots_of_their_learner",
        explanation: "转换行使用本人或曾合并账户的份额 / a line uses a lot of its own learner, or of an \
                      account that was merged with it when the request was sent",
        offenders: include_str!("sql/audit/lines_use_lots_of_their_learner.sql"),
    },
    Check {
        name: "conversions_match_the_ledger",
        explanation: "转换的申请、授予与预留、结转一致 / what requests ask for and were granted is \
                      what was held, settled and posted",
        offenders: include_str!("sql/audit/conversions_match_the_ledger.sql"),
    },
];

const EXAMPLES_MAX: i64 = 10;

/// Recomputes everything in one snapshot. An empty list means that the books are right.
///
/// # Errors
/// [`LedgerError::Unavailable`] where the database does not answer.
pub fn audit_books(
    ledger: &Ledger,
    _grant: &Grant<AuditBooks>,
) -> Result<Vec<AuditFault>, LedgerError> {
    ledger.read_snapshot(|conn| {
        let mut faults = Vec::new();
        for check in CHECKS {
            faults.extend(run(conn, check)?);
        }
        Ok(faults)
    })
}

#[derive(QueryableByName)]
struct OffendersRow {
    #[diesel(sql_type = BigInt)]
    offenders: i64,
    #[diesel(sql_type = Array<Text>)]
    examples: Vec<String>,
}

fn run(conn: &mut PgConnection, check: &Check) -> Result<Option<AuditFault>, LedgerError> {
    let query = format!(
        "with offender as ({}) select count(*) as offenders, \
         array(select id from offender order by id limit {EXAMPLES_MAX}) as examples \
         from offender",
        check.offenders
    );
    let row: OffendersRow = diesel::sql_query(query).get_result(conn)?;
    Ok((row.offenders > 0).then_some(AuditFault {
        check: check.name,
        count: count(row.offenders, "a count of offenders")?,
        examples: row.examples,
        explanation: check.explanation,
    }))
}
