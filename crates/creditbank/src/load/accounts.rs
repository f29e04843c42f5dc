//! The people for whom an institution opens accounts, as a list that it keeps.

use chrono::NaiveDate;
use creditbank_domain::identifier::{
    Identifier, IdentifierError, IdentifierKind, PersonIdentifiers,
};
use creditbank_domain::text::PersonName;
use creditbank_ledger::flows::NewAccount;

use super::table::{CellFault, Record, read_rows};
use crate::problem::Problem;

/// A person of the list, with the line that names it.
pub(crate) struct ListedPerson {
    pub(crate) line: u64,
    pub(crate) person: NewAccount,
}

/// Reads 姓名 and what else is there of 身份证号, 护照号, 学号: one of them at least. Full-width
/// digits and the old 15 digits are taken; a number that a spreadsheet rounded is refused.
pub(crate) fn read_accounts(bytes: &[u8], today: NaiveDate) -> Result<Vec<ListedPerson>, Problem> {
    read_rows(bytes, &["姓名"], |record| person(record, today))
}

fn person(record: &Record, today: NaiveDate) -> Result<ListedPerson, CellFault> {
    let of_kind = |kind| {
        move |text: &str| -> Result<Identifier, IdentifierError> {
            Identifier::parse(kind, text, today)
        }
    };
    let identifiers = [
        record.optional("身份证号", of_kind(IdentifierKind::ResidentId))?,
        record.optional("护照号", of_kind(IdentifierKind::Passport))?,
        record.optional("学号", of_kind(IdentifierKind::StudentNumber))?,
    ];
    let Some(identifiers) = PersonIdentifiers::new(identifiers.into_iter().flatten()) else {
        return Err(record.fault("身份证号", "write 身份证号, 护照号 or 学号"));
    };
    Ok(ListedPerson {
        line: record.line(),
        person: NewAccount {
            identifiers,
            name: record.optional("姓名", PersonName::new)?,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<ListedPerson>, String> {
        let today = NaiveDate::from_ymd_opt(2026, 11, 22).unwrap();
        read_accounts(text.as_bytes(), today).map_err(|refused| refused.to_string())
    }

    #[test]
    fn a_person_has_every_number_that_is_filled() {
        let text = "学号,姓名,身份证号\n01,张三,110105491231002\n02,李四,\n";
        let people = read(text).unwrap();
        let kinds = |at: usize| {
            let identifiers = people[at].person.identifiers.iter();
            identifiers.map(Identifier::kind).collect::<Vec<_>>()
        };
        let (card, student) = (IdentifierKind::ResidentId, IdentifierKind::StudentNumber);
        assert_eq!((kinds(0), kinds(1)), (vec![card, student], vec![student]));
        assert_eq!(people[1].line, 3);
    }

    #[test]
    fn a_list_with_a_wrong_number_is_refused_whole_and_repeats_nobody() {
        let text = "姓名,身份证号\n张三,110105194912310021\n李四,\n";
        let refused = read(text).err().unwrap();
        assert!(
            refused.contains("line 2") && refused.contains("line 3"),
            "{refused}"
        );
        assert!(
            !refused.contains("1101051949") && !refused.contains("张三"),
            "{refused}"
        );
        assert!(
            read("身份证号\n110105491231002\n")
                .err()
                .unwrap()
                .contains("COLUMN_MISSING")
        );
    }
}
