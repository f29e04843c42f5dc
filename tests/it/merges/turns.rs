//! Many at once: merges of the same pair, merges and conversions, merges and postings.

use creditbank_ledger::LedgerError;
use creditbank_ledger::flows::{DecisionOrder, PostAnswer};
use kit::{SCHOOL, THREADS, TestBank, outcome, together};

use super::{credits, learner};

fn is_conflict<T>(result: &Result<T, LedgerError>, code: &str) -> bool {
    matches!(result, Err(LedgerError::Conflict(fault)) if fault.code == code)
}

#[test]
fn of_sixteen_merges_of_one_pair_exactly_one_wins() {
    let bank = TestBank::start();
    let one = learner(&bank, "S1", &["CERT-A"]);
    let two = learner(&bank, "S2", &["CERT-B"]);
    let merges = together(|writer| match writer % 2 {
        0 => bank.try_merge(one, two),
        _ => bank.try_merge(two, one),
    });
    let won: Vec<_> = merges.iter().flatten().collect();
    assert_eq!(won.len(), 1);
    let lost = merges
        .iter()
        .filter(|it| is_conflict(it, "ALREADY_MERGED"))
        .count();
    assert_eq!(lost, THREADS - 1);
    assert_eq!(bank.credits(two), credits("12.00", "0.00", "0.00"));
    let merge = won[0].merge_id;
    let separated = together(|_| bank.try_unmerge(merge));
    assert_eq!(separated.iter().filter(|it| it.is_ok()).count(), 1);
    let lost = separated
        .iter()
        .filter(|it| is_conflict(it, "ALREADY_UNMERGED"))
        .count();
    assert_eq!(lost, THREADS - 1);
}

#[test]
fn merges_of_a_ring_leave_flat_stars() {
    let bank = TestBank::start();
    let ring: Vec<_> = (0..THREADS)
        .map(|at| learner(&bank, &format!("S{at}"), &["CERT-A"]))
        .collect();
    let merges = together(|at| bank.try_merge(ring[at], ring[(at + 1) % THREADS]));
    for merge in &merges {
        let refused = [
            "SURVIVOR_ABSORBED",
            "ABSORBED_HAS_OTHERS",
            "ABSORBED_BEFORE",
        ];
        assert!(
            merge.is_ok() || refused.iter().any(|code| is_conflict(merge, code)),
            "{merge:?}"
        );
    }
    assert!(merges.iter().any(Result::is_ok));
    assert_eq!(bank.audit(), []);
}

#[test]
fn a_merge_takes_turns_with_conversions_of_both_accounts() {
    for round in 0..4 {
        let bank = TestBank::start();
        let one = learner(&bank, "S1", &["CERT-A", "CERT-B"]);
        let two = learner(&bank, "S2", &["CERT-C", "CERT-D"]);
        let open = bank.request(&[two]).cohort_id;
        together(|writer| match (writer + round) % 4 {
            0 => drop(bank.try_merge(one, two)),
            1 => drop(bank.try_decide(open, &DecisionOrder::AsTheRulesSay)),
            _ => {
                if let Ok(cohort) = bank.try_request(&[one, two])
                    && let Err(refused) =
                        bank.try_decide(cohort.cohort_id, &DecisionOrder::AsTheRulesSay)
                {
                    // Where nothing could be asked for there is nothing to decide.
                    assert!(matches!(refused, LedgerError::NotFound), "{refused:?}");
                }
            }
        });
        let _ = bank.try_merge(one, two);
        let granted = "select coalesce(sum(granted), 0) from conversion_lines \
                       where stage = 'decision'";
        let granted: i64 = bank
            .database()
            .sql(granted)
            .unwrap()
            .trim()
            .parse()
            .unwrap();
        let cap = "select count(*) from merge_collisions where kind = 'programme_cap_exceeded'";
        let exceeded = bank.database().sql(cap).unwrap().trim() == "1";
        assert!(granted <= 2170 || exceeded, "{granted}");
    }
}

#[test]
fn what_is_posted_while_accounts_are_merged_is_credited_once_or_listed() {
    for _ in 0..4 {
        let bank = TestBank::start();
        let one = learner(&bank, "S1", &["CERT-A"]);
        let two = learner(&bank, "S2", &["CERT-B"]);
        together(|writer| {
            if writer == 0 {
                bank.merge(one, two);
                return;
            }
            let student = if writer % 2 == 0 { "S1" } else { "S2" };
            let report = outcome("CERT-C")
                .student(student)
                .source(&format!("w-{writer}"));
            let answers = bank.try_post(SCHOOL, &[report.build()]).unwrap();
            assert!(matches!(answers[0], PostAnswer::Posted(_)));
        });
        let keeper = creditbank_domain::authz::authorize(
            &creditbank_domain::authz::Actor::operator(),
            creditbank_domain::authz::Subject::Bank,
        )
        .unwrap();
        creditbank_ledger::flows::find_late_collisions(bank.ledger(), &keeper, bank.now()).unwrap();
        let lots = "select count(*) from lots l join catalogue_entries e \
                    on e.entry_id = l.credits_entry_id where e.code = 'CERT-C'";
        let lots: usize = bank.database().sql(lots).unwrap().trim().parse().unwrap();
        let listed = bank
            .database()
            .sql("select count(*) from merge_collisions")
            .unwrap();
        assert_eq!(lots, 1 + listed.trim().parse::<usize>().unwrap());
    }
}
