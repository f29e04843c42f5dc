//! People who act: the logins by which they are known, what they are, and the codes by which a
//! learner proves whose account it is.

use std::fmt;

use chrono::{DateTime, Utc};

use crate::authz::{Role, Scope};
use crate::ids::{InstitutionId, PersonId};
use crate::learner_no::LearnerNo;
use crate::text::{TextError, bounded};

/// Who somebody is at an identity provider. The subject may be anything, also an address or a
/// number of staff, so it is never printed.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Login {
    issuer: String,
    subject: String,
}

impl Login {
    /// Checks both parts. They are compared as they are, so nothing of them is changed.
    ///
    /// # Errors
    /// [`TextError`] where one is empty, longer than 255 characters, or holds a control character
    /// or white space at an end.
    pub fn new(issuer: &str, subject: &str) -> Result<Self, TextError> {
        let whole = |field, text: &str| match bounded(field, text, 255)? {
            trimmed if trimmed == text => Ok(trimmed),
            _ => Err(TextError::ControlCharacter { field }),
        };
        Ok(Self {
            issuer: whole("issuer", issuer)?,
            subject: whole("subject", subject)?,
        })
    }

    /// The provider.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The provider's name for the person.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.subject
    }
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Login({}, …)", self.issuer)
    }
}

/// What somebody is, and for whom, for a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Membership {
    /// For whom; the bank itself where there is none.
    pub institution: Option<InstitutionId>,
    /// That institution's code.
    pub institution_code: Option<String>,
    /// As what.
    pub roles: Vec<Role>,
    /// From when.
    pub from: DateTime<Utc>,
    /// Until when, where there is an end.
    pub until: Option<DateTime<Utc>>,
}

impl Membership {
    /// Whether it counts at a moment.
    #[must_use]
    pub fn counts_at(&self, now: DateTime<Utc>) -> bool {
        self.from <= now && self.until.is_none_or(|until| now < until)
    }
}

/// What the bank knows of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Who.
    pub person: PersonId,
    /// What they are; those that ended are left out.
    pub memberships: Vec<Membership>,
    /// Their own account.
    pub learner: Option<LearnerNo>,
    /// For which learners they may act, because those said so.
    pub helps: Vec<Help>,
}

/// That a learner authorised somebody to act for them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Help {
    /// Whose account.
    pub learner: LearnerNo,
    /// For what.
    pub scopes: Vec<Scope>,
    /// Until when.
    pub until: DateTime<Utc>,
}

/// Without `0`, `1`, `I` and `O`, which people mistake for each other.
const ALPHABET: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
const CODE_CHARACTERS: usize = 16;

/// A code by which a learner claims an account: 80 random bits. A secret, so it is never printed
/// by accident.
#[derive(Clone, PartialEq, Eq)]
pub struct ClaimCode(String);

impl ClaimCode {
    /// Makes a code of the low 80 bits, five for each character.
    #[must_use]
    pub fn from_random(random: u128) -> Self {
        let characters = (0..CODE_CHARACTERS).scan(random, |bits, _| {
            let index = usize::try_from(*bits & 31).unwrap_or_default();
            *bits >>= 5;
            ALPHABET.get(index).copied().map(char::from)
        });
        Self(characters.collect())
    }

    /// Reads what somebody typed: hyphens, spaces and small letters do not matter.
    #[must_use]
    pub fn parse(typed: &str) -> Option<Self> {
        let text: String = typed
            .chars()
            .filter(|character| !matches!(character, '-' | ' '))
            .map(|character| character.to_ascii_uppercase())
            .collect();
        let drawn = |byte| ALPHABET.contains(&byte);
        (text.len() == CODE_CHARACTERS && text.bytes().all(drawn)).then_some(Self(text))
    }

    /// The bare code, for its digest.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// The code as it is handed out: `ABCD-EFGH-JKLM-NPQR`.
    #[must_use]
    pub fn printed(&self) -> String {
        let characters: Vec<char> = self.0.chars().collect();
        let groups: Vec<String> = characters.chunks(4).map(|it| it.iter().collect()).collect();
        groups.join("-")
    }
}

impl fmt::Debug for ClaimCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClaimCode(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_as_it_was_printed_however_it_is_typed() {
        let code = ClaimCode::from_random(0x0123_4567_89AB_CDEF_0123);
        let printed = code.printed();
        assert_eq!(printed.len(), 19);
        for typed in [
            &printed,
            &printed.to_lowercase(),
            &printed.replace('-', " "),
        ] {
            assert_eq!(ClaimCode::parse(typed), Some(code.clone()), "{typed}");
        }
        for wrong in [
            "",
            &printed[1..],
            &printed.replace('-', "0"),
            &format!("{printed}2"),
        ] {
            assert_eq!(ClaimCode::parse(wrong), None, "{wrong}");
        }
        assert_ne!(code, ClaimCode::from_random(0x0123_4567_89AB_CDEF_0124));
        assert_ne!(code, ClaimCode::from_random(0x8123_4567_89AB_CDEF_0123));
    }

    #[test]
    fn neither_a_code_nor_a_subject_can_be_printed_by_accident() {
        let code = ClaimCode::from_random(7);
        assert!(!format!("{code:?}").contains(code.reveal()));
        let login = Login::new("https://id.test", "13800138000").unwrap();
        assert!(!format!("{login:?}").contains("138"), "{login:?}");
    }

    #[test]
    fn a_login_is_taken_as_it_is_or_not_at_all() {
        assert!(Login::new("https://id.test", "a b").is_ok());
        for (issuer, subject) in [
            ("", "a"),
            ("i", ""),
            ("i", " a"),
            ("i", "a\n"),
            ("i", "a\0b"),
        ] {
            assert!(Login::new(issuer, subject).is_err(), "{subject:?}");
        }
        assert!(Login::new("i", &"x".repeat(256)).is_err());
    }
}
