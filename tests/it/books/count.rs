//! An independent count of what the books hold, from the bare transfers.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use creditbank_domain::amount::Unit;
use creditbank_ledger::reads::{self, MovementView, Sums};
use kit::{TestBank, day};

/// A transfer as psql prints it.
pub(super) struct Dumped {
    pub(super) unit: String,
    pub(super) institution: String,
    pub(super) from: String,
    pub(super) to: String,
    pub(super) amount: i64,
    pub(super) recorded_at: DateTime<Utc>,
    pub(super) effective_on: NaiveDate,
    pub(super) expires_on: Option<NaiveDate>,
}

pub(super) fn dump(bank: &TestBank) -> Vec<Dumped> {
    let rows = bank
        .database()
        .sql(
            "set timezone to 'UTC'; \
             select concat_ws(',', l.unit, i.code, t.from_account, t.to_account, t.amount, \
             to_char(t.recorded_at, 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'), t.effective_on, \
             coalesce(l.expires_on::text, '')) \
             from transfers t join lots l using (lot_id) join outcomes o using (outcome_id) \
             join institutions i using (institution_id) \
             order by t.recorded_at, t.transfer_id",
        )
        .unwrap();
    rows.lines()
        .filter(|line| line.contains(','))
        .map(|line| {
            let cells: Vec<&str> = line.split(',').collect();
            Dumped {
                unit: cells[0].to_owned(),
                institution: cells[1].to_owned(),
                from: cells[2].to_owned(),
                to: cells[3].to_owned(),
                amount: cells[4].parse().unwrap(),
                recorded_at: cells[5].parse().unwrap(),
                effective_on: day(cells[6]),
                expires_on: (!cells[7].is_empty()).then(|| day(cells[7])),
            }
        })
        .collect()
}

pub(super) type Counted = BTreeMap<(String, String), BTreeMap<String, i64>>;

/// By unit and institution, account by account; what is over its last day on `today` has expired.
pub(super) fn count<'a>(rows: impl Iterator<Item = &'a Dumped>, today: NaiveDate) -> Counted {
    let mut counted = Counted::new();
    for row in rows {
        let key = (row.unit.clone(), row.institution.clone());
        let accounts = counted.entry(key).or_default();
        let lapsed = row.expires_on.is_some_and(|last| last < today);
        for (account, amount) in [(&row.to, row.amount), (&row.from, -row.amount)] {
            let account = if lapsed && account == "available" {
                "expired"
            } else {
                account
            };
            *accounts.entry(account.to_owned()).or_default() += amount;
        }
    }
    for accounts in counted.values_mut() {
        accounts.remove("issuer");
        accounts.retain(|_, sum| *sum != 0);
    }
    counted
}

pub(super) fn told(view: &reads::BalanceView) -> Counted {
    let mut counted = Counted::new();
    for row in &view.rows {
        let key = (row.unit.to_string(), row.institution_code.clone());
        let accounts = counted.entry(key).or_default();
        for (account, sum) in [
            ("available", row.available),
            ("held", row.held),
            ("used", row.used),
            ("expired", row.expired),
            ("withdrawn", row.withdrawn),
        ] {
            if !sum.is_zero() {
                *accounts.entry(account.to_owned()).or_default() += sum.get();
            }
        }
    }
    counted
}

/// Adds a movement to the sums before it.
fn step(sums: &mut BTreeMap<Unit, BTreeMap<String, i64>>, movement: &MovementView) {
    let accounts = sums.entry(movement.unit).or_default();
    *accounts.entry(movement.to_account.clone()).or_default() += movement.amount.get();
    *accounts.entry(movement.from_account.clone()).or_default() -= movement.amount.get();
}

pub(super) fn assert_runs_on(
    movements: &[MovementView],
    mut sums: BTreeMap<Unit, BTreeMap<String, i64>>,
) -> BTreeMap<Unit, BTreeMap<String, i64>> {
    for movement in movements {
        step(&mut sums, movement);
        assert_eq!(
            accounts(movement.after),
            without_issuer(&sums[&movement.unit])
        );
    }
    sums
}

pub(super) fn accounts(sums: Sums) -> BTreeMap<String, i64> {
    let all = [
        ("available", sums.available),
        ("held", sums.held),
        ("used", sums.used),
        ("expired", sums.expired),
        ("withdrawn", sums.withdrawn),
    ];
    let some = all.into_iter().filter(|(_, sum)| !sum.is_zero());
    some.map(|(account, sum)| (account.to_owned(), sum.get()))
        .collect()
}

pub(super) fn without_issuer(accounts: &BTreeMap<String, i64>) -> BTreeMap<String, i64> {
    let mut left = accounts.clone();
    left.remove("issuer");
    left.retain(|_, sum| *sum != 0);
    left
}
