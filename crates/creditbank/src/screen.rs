//! A learner's account as a person reads it in a terminal.

use creditbank_domain::amount::Hundredths;
use creditbank_domain::authz::{Grant, ReadLearner};
use creditbank_domain::calendar::bank_day;
use creditbank_ledger::Ledger;
use creditbank_ledger::reads::{self, BalanceView, IdentityView, MovementView};

use crate::clock;
use crate::output::{left, right, say};
use crate::problem::Problem;

const MOVEMENTS_A_PAGE: u32 = 200;

/// Prints the balance, then every movement, oldest first.
pub(crate) fn say_account(ledger: &Ledger, grant: &Grant<ReadLearner>) -> Result<(), Problem> {
    let balance = reads::balance(ledger, grant, bank_day(clock::now()))?;
    say!("学习账号 Learner {}", balance.learner_no.printed());
    say_person(&reads::identity(ledger, grant, clock::now())?);
    say!("");
    say_balance(&balance);
    say!("");
    say!("流水 Movements");
    let mut after = None;
    loop {
        let page = reads::movements(ledger, grant, after, MOVEMENTS_A_PAGE)?;
        let Some(last) = page.last() else { break };
        after = Some(last.transfer_id);
        page.iter().for_each(say_movement);
    }
    Ok(())
}

/// Enough to see that it is the right person, and no more.
fn say_person(person: &IdentityView) {
    if let Some(name) = &person.name {
        say!("姓名 Name         {}", name.masked());
    }
    for (kind, masked) in &person.identifiers {
        say!("{} {masked}", left(kind.zh(), 17));
    }
}

fn say_balance(balance: &BalanceView) {
    let headings = [
        "可用 free",
        "预留 held",
        "已用 used",
        "过期 lapsed",
        "撤销 undone",
    ];
    say!(
        "{}{}",
        left("余额 Balance", 16),
        row(headings.map(str::to_owned))
    );
    for unit in &balance.by_unit {
        let name = format!("{} {}", unit.unit.zh(), unit.unit);
        let figures = [
            unit.available,
            unit.held,
            unit.used,
            unit.expired,
            unit.withdrawn,
        ];
        say!("{}{}", left(&name, 16), row(figures.map(figure)));
    }
}

fn row(cells: [String; 5]) -> String {
    cells.iter().map(|cell| right(cell, 14)).collect()
}

/// Nothing is shown as a dash: a row of zeros hides the figures that matter.
fn figure(amount: Hundredths) -> String {
    if amount.is_zero() {
        "–".to_owned()
    } else {
        amount.to_string()
    }
}

fn say_movement(movement: &MovementView) {
    let (zh, en, sign) = kind(&movement.kind, &movement.to_account);
    let amount = format!("{sign}{} {}", movement.amount, movement.unit.zh());
    say!(
        "  {}  {}{}  {}({})",
        bank_day(movement.recorded_at),
        left(&format!("{zh} {en}"), 14),
        right(&amount, 12),
        movement.entry_title,
        movement.institution_name,
    );
    if movement.kind == "hold" {
        // The proposal: what was decided stands with the movement that did it.
        return;
    }
    for text in [&movement.explanation_zh, &movement.explanation_en]
        .into_iter()
        .flatten()
    {
        say!("              {text}");
    }
}

/// What a movement did, and whether there is more or less to use after it.
fn kind<'a>(kind: &'a str, to_account: &str) -> (&'a str, &'a str, &'static str) {
    match kind {
        "issue" => ("入账", "posted", "+"),
        "hold" => ("预留", "held", "-"),
        "release" => ("释放", "released", "+"),
        "settle" => ("结转", "used", " "),
        "expire" => ("过期", "lapsed", "-"),
        "withdraw" => (
            "撤销",
            "undone",
            if to_account == "available" { "+" } else { "-" },
        ),
        other => (other, "", " "),
    }
}
