//! A learner's account as a person reads it in a terminal.

use creditbank_domain::amount::Hundredths;
use creditbank_domain::authz::{Grant, ReadLearner};
use creditbank_domain::calendar::bank_day;
use creditbank_ledger::Ledger;
use creditbank_ledger::reads::{
    self, AsOf, BalanceView, IdentityView, MovementView, StatementView, Sums,
};

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

/// Prints a balance of the past, by unit and then by who posted what.
pub(crate) fn say_balance_as_of(balance: &BalanceView, as_of: AsOf) {
    say!("学习账号 Learner {}", balance.learner_no.printed());
    match as_of {
        AsOf::Learned(day) => say!("{day} 当日应有 what counted on that day"),
        AsOf::Recorded(moment) => {
            let day = bank_day(moment);
            say!("{day} 日终账面 what the books said at the end of that day");
        }
    }
    say!("");
    say_balance(balance);
    say!("");
    say_headings("机构 Institution", 40);
    for row in &balance.rows {
        let (code, unit) = (&row.institution_code, row.unit);
        let what = format!("{code} {} {} {unit}", row.category, row.year);
        let sums = Sums {
            available: row.available,
            held: row.held,
            used: row.used,
            expired: row.expired,
            withdrawn: row.withdrawn,
        };
        say!("{}{}", left(&what, 40), figures(sums));
    }
}

/// Prints a statement: opening, movements, closing.
pub(crate) fn say_statement(statement: &StatementView) {
    let StatementView {
        learner_no,
        from,
        to,
        units,
        movements,
    } = statement;
    say!("学习账号 Learner {}", learner_no.printed());
    say!("对账单 Statement {from} – {to}");
    say!("");
    say_headings("期初 Opening", 16);
    for unit in units {
        say!("{}{}", left(unit.unit.zh(), 16), figures(unit.opening));
    }
    say!("");
    say!("流水 Movements");
    movements.iter().for_each(say_movement);
    say!("");
    say_headings("期末 Closing", 16);
    for unit in units {
        say!("{}{}", left(unit.unit.zh(), 16), figures(unit.closing));
    }
}

fn say_headings(title: &str, columns: usize) {
    let headings = [
        "可用 free",
        "预留 held",
        "已用 used",
        "过期 lapsed",
        "撤销 undone",
    ];
    say!(
        "{}{}",
        left(title, columns),
        row(headings.map(str::to_owned))
    );
}

fn figures(sums: Sums) -> String {
    let five = [
        sums.available,
        sums.held,
        sums.used,
        sums.expired,
        sums.withdrawn,
    ];
    row(five.map(figure))
}

fn say_balance(balance: &BalanceView) {
    say_headings("余额 Balance", 16);
    for unit in &balance.by_unit {
        let name = format!("{} {}", unit.unit.zh(), unit.unit);
        let sums = Sums {
            available: unit.available,
            held: unit.held,
            used: unit.used,
            expired: unit.expired,
            withdrawn: unit.withdrawn,
        };
        say!("{}{}", left(&name, 16), figures(sums));
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
    let (zh, en, sign) = kind(&movement.kind, &movement.from_account);
    let amount = format!("{sign}{} {}", movement.amount, movement.unit.zh());
    say!(
        "  {}  {}{}  {}({})",
        bank_day(movement.recorded_at),
        left(&format!("{zh} {en}"), 14),
        right(&amount, 12),
        movement.entry_title,
        movement.institution_name,
    );
    if movement.kind == "hold" && movement.request_id.is_some() {
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
fn kind<'a>(kind: &'a str, from_account: &str) -> (&'a str, &'a str, &'static str) {
    match kind {
        "issue" => ("入账", "posted", "+"),
        "hold" => ("预留", "held", "-"),
        "release" => ("释放", "released", "+"),
        "settle" => ("结转", "used", " "),
        "expire" => ("过期", "lapsed", "-"),
        "reverse" => ("冲回", "returned", "+"),
        // What was used or had lapsed could not be used before either.
        "withdraw" if from_account == "available" => ("撤销", "undone", "-"),
        "withdraw" => ("撤销", "undone", " "),
        other => (other, "", " "),
    }
}
