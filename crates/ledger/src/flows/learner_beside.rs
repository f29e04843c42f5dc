//! The learner whom no column of a file names: said beside it, and sealed in its job.

use chrono::NaiveDate;
use creditbank_domain::identifier::{Identifier, PersonIdentifiers};
use creditbank_domain::ids::{ImportJobId, InstitutionId};
use creditbank_domain::outcome::LearnerRef;
use creditbank_domain::text::PersonName;
use serde_json::json;

use crate::error::LedgerError;
use crate::identity::IdentityKeys;
use crate::store::Tx;
use crate::tables::import_job_learners::{self, SealedLearner};

/// A learner in the one form in which equal ones are equal texts. Personal data: for digests and
/// sealing alone.
#[must_use]
pub fn learner_words(learner: &LearnerRef) -> String {
    let words = match learner {
        LearnerRef::Number(number) => json!(["learner_no", number.as_str()]),
        LearnerRef::Identified { identifiers, name } => {
            let identifiers = identifiers
                .iter()
                .map(|one| json!([one.kind().as_str(), one.canonical()]));
            let name = name.as_ref().map(PersonName::reveal);
            json!([identifiers.collect::<Vec<_>>(), name])
        }
    };
    words.to_string()
}

/// What [`learner_words`] wrote.
fn read(words: &[u8], today: NaiveDate) -> Option<LearnerRef> {
    type Identified = (Vec<(String, String)>, Option<String>);
    if let Ok((_, number)) = serde_json::from_slice::<(String, String)>(words) {
        return number.parse().ok().map(LearnerRef::Number);
    }
    let (numbers, name): Identified = serde_json::from_slice(words).ok()?;
    let mut identifiers = Vec::with_capacity(numbers.len());
    for (kind, number) in numbers {
        identifiers.push(Identifier::parse(kind.parse().ok()?, &number, today).ok()?);
    }
    Some(LearnerRef::Identified {
        identifiers: PersonIdentifiers::new(identifiers)?,
        name: name.as_deref().map(PersonName::new).transpose().ok()?,
    })
}

/// By what the same learner beside the same file is recognised.
pub(super) fn digest(
    keys: &IdentityKeys,
    institution: InstitutionId,
    learner: Option<&LearnerRef>,
) -> Option<[u8; 32]> {
    learner.map(|learner| keys.learner_beside_digest(institution, &learner_words(learner)))
}

/// Keeps with a job whom the institution said.
pub(super) fn keep(
    tx: &mut Tx<'_>,
    (job, institution): (ImportJobId, InstitutionId),
    learner: Option<&LearnerRef>,
) -> Result<(), LedgerError> {
    let keys = tx.keys();
    let Some((learner, digest)) = learner.zip(digest(keys, institution, learner)) else {
        return Ok(());
    };
    let words = learner_words(learner);
    let sealed = keys.seal_to(&owner(job), words.as_bytes())?;
    import_job_learners::insert(tx, job, &SealedLearner { digest, sealed })
}

/// Whom the institution said, for whoever works at the job.
pub(super) fn of_job(
    tx: &mut Tx<'_>,
    job: ImportJobId,
    today: NaiveDate,
) -> Result<Option<LearnerRef>, LedgerError> {
    let Some(sealed) = import_job_learners::find_sealed(tx.conn(), job)? else {
        return Ok(None);
    };
    let words = tx.keys().open_of(&owner(job), &sealed)?;
    let learner = read(&words, today);
    learner
        .ok_or(LedgerError::Corrupt("import_job_learners.sealed"))
        .map(Some)
}

/// Questions are sealed to their job as well, and do not open as a learner.
fn owner(job: ImportJobId) -> Vec<u8> {
    [b"learner ".as_slice(), job.as_uuid().as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use creditbank_domain::identifier::IdentifierKind;
    use creditbank_domain::learner_no::LearnerNo;

    use super::*;

    fn day() -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 11, 22).unwrap()
    }

    fn identified(numbers: &[(IdentifierKind, &str)], name: Option<&str>) -> LearnerRef {
        let numbers = numbers
            .iter()
            .map(|(kind, number)| Identifier::parse(*kind, number, day()).unwrap());
        LearnerRef::Identified {
            identifiers: PersonIdentifiers::new(numbers).unwrap(),
            name: name.map(|name| PersonName::new(name).unwrap()),
        }
    }

    #[test]
    fn whoever_was_said_is_read_again_and_nobody_else() {
        let several = [
            (IdentifierKind::ResidentId, "11010519491231002X"),
            (IdentifierKind::StudentNumber, "aB-007"),
            (IdentifierKind::Passport, "e12345678"),
        ];
        let mut written = Vec::new();
        for learner in [
            LearnerRef::Number(LearnerNo::from_random(7)),
            identified(&several, Some("阿依古丽·买买提")),
            identified(&several[1..], Some("\"张\\三")),
            identified(&several[1..2], None),
            identified(&several[..1], None),
        ] {
            let words = learner_words(&learner);
            assert_eq!(read(words.as_bytes(), day()), Some(learner));
            assert!(!written.contains(&words));
            written.push(words);
        }
        for nonsense in [
            "",
            "[]",
            "[[], null]",
            r#"[[["student_number", ""]], null]"#,
        ] {
            assert_eq!(read(nonsense.as_bytes(), day()), None, "{nonsense}");
        }
    }
}
