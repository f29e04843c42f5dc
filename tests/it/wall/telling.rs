//! What was told: made up, widened, carried over, or asked before it was told.

use creditbank_domain::amount::Unit;
use creditbank_domain::calendar::bank_day;
use creditbank_domain::learner_no::LearnerNo;
use creditbank_ledger::reads;
use kit::{SCHOOL, TestBank, UNIVERSITY, outcome};

use super::rows::{INSTITUTION, Planted};

/// What there is to see for whoever made it up.
const LOOK: &str = "select (select count(*) from webhook_endpoints) \
                    + (select count(*) from lots) + (select count(*) from access_log)";

#[test]
fn what_a_transaction_sees_cannot_be_made_up_widened_or_carried_over() {
    let bank = Planted::new();
    let zeros = "0".repeat(64);
    // Signed by the bank, for another connection.
    let elsewhere = "select 'bank=1;books=1;gate=1|' || encode(sha256(outer_pad || \
                     sha256(inner_pad || convert_to('bank=1;books=1;gate=1|' || \
                     (pg_backend_pid() + 1), 'UTF8'))), 'hex') from wall_keys";
    let elsewhere = bank.0.database().sql(elsewhere).unwrap();
    for made_up in [
        "bank=1;books=1;gate=1",
        "bank=1;books=1;gate=1|",
        &format!("bank=1;books=1;gate=1|{zeros}"),
        elsewhere.trim(),
    ] {
        for how in [
            format!("set creditbank.sees = '{made_up}'; {LOOK}"),
            format!("begin; set local creditbank.sees = '{made_up}'; {LOOK}"),
            format!(
                "do $x$ begin perform set_config('creditbank.sees', '{made_up}', false); end $x$; {LOOK}"
            ),
        ] {
            assert_eq!(bank.run("", &how).unwrap().trim(), "0", "{how}");
        }
    }
    // In the midst of what A was told: an endpoint and a lot, and no more by any of these.
    assert_eq!(bank.run(INSTITUTION, LOOK).unwrap().trim(), "2");
    let said = "current_setting('creditbank.sees')";
    let b = bank.0.database().sql("select mark('b', 'institution')");
    let b = b.unwrap().trim().to_owned();
    for widened in [
        format!("'bank=1;books=1;' || {said}"),
        format!("{said} || ';bank=1;books=1'"),
        format!("replace({said}, '|', ';bank=1;books=1|')"),
        format!("replace({said}, '|', '|bank=1;books=1|')"),
        format!("regexp_replace({said}, '[0-9a-f-]{{36}}', '{b}')"),
    ] {
        let how = format!(
            "do $x$ begin perform set_config('creditbank.sees', {widened}, false); end $x$; {LOOK}"
        );
        assert_eq!(bank.run(INSTITUTION, &how).unwrap().trim(), "0", "{how}");
    }
}

/// Two learners with different balances.
fn two(bank: &TestBank) -> [(LearnerNo, &'static str); 2] {
    let one = outcome("CERT-A").student("XT1").build();
    let other = outcome("MATH101").student("XT2").build();
    let one = bank.post(SCHOOL, one).learner_no;
    let other = bank.post(UNIVERSITY, other).learner_no;
    let all = [one, other].map(|number| (number, bank.credits(number).0));
    assert!(all[0].1 != all[1].1 && all.iter().all(|(_, sum)| sum != "0.00"));
    all.map(|(number, sum)| (number, &*sum.leak()))
}

#[test]
fn lots_of_an_account_are_shown_to_whom_they_are_told_and_leak_through_no_condition() {
    let bank = TestBank::start();
    let [(one, _), (other, _)] = two(&bank);
    let seen = |sight: &str, sql: &str| {
        let shown = bank.database().sql_seeing(sight, sql).unwrap();
        shown.trim().to_owned()
    };
    let numbers = "select string_agg(distinct learner_no, ' ') from account_lots";
    let own = format!("learner={one}");
    assert_eq!(seen("", numbers), "");
    assert_eq!(seen(&own, numbers), one.to_string());
    assert_eq!(seen("institution=x", numbers), "");
    assert!(seen("books=1", numbers).contains(&other.to_string()));
    // What costs next to nothing is looked at first, where it may be.
    let leaking = "create temp table leaked (what text); \
         create function pg_temp.leak(what text) returns boolean language plpgsql cost 0.0000001 \
         as $$ begin insert into leaked values (what); return true; end $$; \
         select count(*) from account_lots l where pg_temp.leak(learner_no); \
         select count(*) from account_lots l where pg_temp.leak(l.version_id::text) \
             and learner_no <> 'x'; \
         select string_agg(distinct what, ' ') from leaked where what ~ '^[A-Z0-9]{12}$'";
    let leaked = seen(&own, leaking);
    assert_eq!(leaked.lines().last().unwrap(), one.as_str(), "{leaked}");
    for changing in [
        "update account_lots set available = 1",
        "delete from account_lots",
        "select * from account_lots for update",
        "select inner_pad from told",
    ] {
        let refused = bank.database().sql_seeing("bank=1;books=1", changing);
        assert!(refused.is_err(), "{changing}: {refused:?}");
    }
}

#[test]
fn a_balance_is_told_before_it_is_asked_whatever_the_planner_is_told() {
    let bank = TestBank::start();
    let learners = two(&bank);
    let today = bank_day(bank.now());
    // Whatever asks in another way, because this way found nothing, fails.
    let sql = |script: &str| bank.database().sql(script).unwrap();
    sql("revoke execute on function seen_accounts() from creditbank_app");
    assert!(reads::movements(bank.ledger(), &bank.own_account(learners[0].0), None, 9).is_err());
    for settings in [
        "enable_nestloop = off",
        "enable_nestloop = off; enable_hashjoin = off",
        "enable_indexscan = off; enable_bitmapscan = off; enable_indexonlyscan = off",
        "enable_material = off; enable_memoize = off",
        "join_collapse_limit = 1; from_collapse_limit = 1; plan_cache_mode = force_custom_plan",
        "plan_cache_mode = force_generic_plan; enable_hashjoin = off; enable_sort = off",
        "parallel_setup_cost = 0; parallel_tuple_cost = 0; min_parallel_table_scan_size = 0",
    ] {
        let set = settings.split("; ").map(|setting| {
            format!(
                "do $x$ begin execute format('alter database %I set {setting}', \
                 current_database()); end $x$"
            )
        });
        sql(
            "do $x$ begin execute format('alter database %I reset all', current_database()); end $x$",
        );
        sql(&set.collect::<Vec<_>>().join("; "));
        let ledger = bank.second_ledger();
        for round in 0..8 {
            for (number, sum) in learners {
                let balance = reads::balance(&ledger, &bank.own_account(number), today).unwrap();
                let credits = balance.by_unit.iter().find(|it| it.unit == Unit::Credit);
                let available = credits.unwrap().available.to_string();
                assert_eq!(available, sum, "{settings}, round {round}");
            }
        }
    }
    sql("grant execute on function seen_accounts() to creditbank_app");
}
