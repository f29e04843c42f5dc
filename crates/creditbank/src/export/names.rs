//! Names that hledger and beancount both take.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use creditbank_domain::amount::Unit;
use creditbank_domain::learner_no::LearnerNo;
use creditbank_ledger::reads::ExportedTransfer;

/// `Assets:Learner:7KQ4M2XW9PDJ:90001:Available`; what is issued comes from `Equity:Issued:…`.
pub(super) fn account(transfer: &ExportedTransfer, of_lot: &str) -> String {
    let learner = transfer.learner_no.as_str();
    let institution = part(&transfer.institution_code);
    match of_lot {
        "issuer" => format!("Equity:Issued:{learner}:{institution}"),
        other => format!(
            "Assets:Learner:{learner}:{institution}:{}",
            capitalised(other)
        ),
    }
}

/// `CREDIT`, `HOUR`, `POINT`, `CEU`
pub(super) fn commodity(unit: Unit) -> String {
    unit.as_str().to_ascii_uppercase()
}

/// A code as a part of an account's name: ASCII letters and digits stay, everything else becomes its
/// code point in hexadecimal between hyphens, and what would not begin with a capital or a digit
/// gets `0-` in front. Two codes never become one name.
fn part(code: &str) -> String {
    let mut name = String::with_capacity(code.len());
    for character in code.chars() {
        if character.is_ascii_alphanumeric() {
            name.push(character);
        } else {
            // Writing into a string cannot fail.
            let _ = write!(name, "-{:X}-", u32::from(character));
        }
    }
    if name.starts_with(|first: char| first.is_ascii_uppercase() || first.is_ascii_digit()) {
        name
    } else {
        format!("0-{name}")
    }
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| {
        format!("{}{}", first.to_ascii_uppercase(), letters.as_str())
    })
}

/// Accounts have to be declared once: those of the learner that is being written. A learner's
/// transfers follow each other, so no more has to be remembered, however large the bank is.
#[derive(Default)]
pub(super) struct Declared {
    learner: Option<LearnerNo>,
    accounts: BTreeSet<String>,
}

impl Declared {
    /// True when the account is met for the first time.
    pub(super) fn is_new(&mut self, learner: LearnerNo, account: &str) -> bool {
        if self.learner != Some(learner) {
            self.learner = Some(learner);
            self.accounts.clear();
        }
        let new = !self.accounts.contains(account);
        if new {
            self.accounts.insert(account.to_owned());
        }
        new
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_become_parts_of_names_and_no_two_the_same() {
        assert_eq!(part("90001"), "90001");
        assert_eq!(part("S0001"), "S0001");
        assert_eq!(part("abc"), "0-abc");
        assert_eq!(part("S-1 甲"), "S-2D-1-20--7532-");
        assert_eq!(part("甲"), "0--7532-");
        let codes = [
            "0甲", "甲", "0-甲", "0", "0-", "-", "a", "0a", "0-a", "A", "A:B", "A-B", "A B", "A  B",
        ];
        let names: BTreeSet<String> = codes.iter().map(|code| part(code)).collect();
        assert_eq!(names.len(), codes.len(), "{names:?}");
    }
}
