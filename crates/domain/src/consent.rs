//! By what right a learner's outcomes are shown to an institution that did not record them:
//! consent, or what else article 13 of the Personal Information Protection Law (PIPL) names.

use chrono::NaiveDate;

use crate::fault::Fault;
use crate::text::bounded;
use crate::words::words;

const DOCUMENT_CHARACTERS_MAX: usize = 80;

words!(
    /// By what right outcomes are shown to whoever decides a request.
    LegalBasis, "a legal basis", {
        /// The learner agreed: article 13 (1).
        Consent => "consent",
        /// It is needed for a contract of the learner's, of study or of admission: 13 (2).
        Contract => "contract",
        /// Whoever asks has a duty by law: 13 (3).
        StatutoryDuty => "statutory_duty",
        /// Another law permits it: 13 (7).
        OtherLaw => "other_law",
    }
);

words!(
    /// By what right an account was looked at.
    ReadBasis, "a basis of a look", {
        /// The learner agreed.
        Consent => "consent",
        /// As [`LegalBasis::Contract`].
        Contract => "contract",
        /// As [`LegalBasis::StatutoryDuty`].
        StatutoryDuty => "statutory_duty",
        /// As [`LegalBasis::OtherLaw`].
        OtherLaw => "other_law",
        /// What the reader recorded itself, or asked for.
        OwnRecords => "own_records",
        /// Whoever runs or inspects the bank.
        Bank => "bank",
    }
);

words!(
    /// How a consent was given.
    GivenHow, "how a consent is given", {
        /// By the learner, who was signed in.
        SignedIn => "signed_in",
        /// On paper, as an institution recorded it.
        Paper => "paper",
    }
);

impl LegalBasis {
    /// The article that it is, for people.
    #[must_use]
    pub const fn article(self) -> &'static str {
        match self {
            Self::Consent => "《个人信息保护法》第十三条第一款第(一)项 / PIPL article 13 (1)",
            Self::Contract => "《个人信息保护法》第十三条第一款第(二)项 / PIPL article 13 (2)",
            Self::StatutoryDuty => "《个人信息保护法》第十三条第一款第(三)项 / PIPL article 13 (3)",
            Self::OtherLaw => "《个人信息保护法》第十三条第一款第(七)项 / PIPL article 13 (7)",
        }
    }
}

impl From<LegalBasis> for ReadBasis {
    fn from(basis: LegalBasis) -> Self {
        match basis {
            LegalBasis::Consent => Self::Consent,
            LegalBasis::Contract => Self::Contract,
            LegalBasis::StatutoryDuty => Self::StatutoryDuty,
            LegalBasis::OtherLaw => Self::OtherLaw,
        }
    }
}

/// What whoever asks refers to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatedBasis {
    basis: LegalBasis,
    document: Option<String>,
}

impl StatedBasis {
    /// A basis with its document: a law or duty has one, a contract may, a consent is its own.
    ///
    /// # Errors
    /// A fault where that is not so.
    pub fn new(basis: LegalBasis, document: Option<&str>) -> Result<Self, Fault> {
        let document = document
            .map(|text| bounded("document_number", text, DOCUMENT_CHARACTERS_MAX))
            .transpose()?;
        match (basis, &document) {
            (LegalBasis::Consent, Some(_)) => Err(Fault::new(
                "BASIS_DOCUMENT",
                "以同意为依据时不写文号:同意本身另行登记",
                "a request that rests on consent names no document: the consent is recorded itself",
            )),
            (LegalBasis::StatutoryDuty | LegalBasis::OtherLaw, None) => Err(Fault::new(
                "BASIS_DOCUMENT",
                "以法定职责或其他法律为依据时须写明文号",
                "a duty by law and another law need the number of their document",
            )),
            _ => Ok(Self { basis, document }),
        }
    }

    /// Which.
    #[must_use]
    pub const fn basis(&self) -> LegalBasis {
        self.basis
    }

    /// The number of its document.
    #[must_use]
    pub fn document(&self) -> Option<&str> {
        self.document.as_deref()
    }
}

/// How far a consent reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Term {
    /// From which day it counts.
    pub from: NaiveDate,
    /// The last day; none until it is withdrawn.
    pub until: Option<NaiveDate>,
    /// Whether it was withdrawn.
    pub withdrawn: bool,
}

/// Why a consent does not carry something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoConsent {
    /// There is none.
    Missing,
    /// Its first day is not here yet.
    NotYet(NaiveDate),
    /// Its last day is over.
    Expired(NaiveDate),
    /// It was withdrawn.
    Withdrawn,
}

impl Term {
    /// Whether it counts on a day.
    ///
    /// # Errors
    /// [`NoConsent`], the withdrawal first.
    pub fn stands(&self, today: NaiveDate) -> Result<(), NoConsent> {
        if self.withdrawn {
            return Err(NoConsent::Withdrawn);
        }
        if today < self.from {
            return Err(NoConsent::NotYet(self.from));
        }
        match self.until {
            Some(until) if until < today => Err(NoConsent::Expired(until)),
            _ => Ok(()),
        }
    }
}

impl From<NoConsent> for Fault {
    fn from(missing: NoConsent) -> Self {
        match missing {
            NoConsent::Missing => Self::new(
                "CONSENT_MISSING",
                "该学习者没有同意接收机构为转换查阅其成果;请先取得同意,或写明其他依据",
                "the learner has not agreed that the receiving institution sees the outcomes for a \
                 conversion; obtain the consent, or state another basis",
            ),
            NoConsent::NotYet(from) => Self::new(
                "CONSENT_MISSING",
                format!("学习者的同意自 {from} 起有效"),
                format!("the learner's consent counts from {from}"),
            ),
            NoConsent::Expired(until) => Self::new(
                "CONSENT_EXPIRED",
                format!("学习者的同意已于 {until} 到期,请取得新的同意"),
                format!("the learner's consent ended on {until}; obtain a new one"),
            ),
            NoConsent::Withdrawn => Self::new(
                "CONSENT_WITHDRAWN",
                "学习者已撤回同意,不再提供其成果",
                "the learner has withdrawn the consent; the outcomes are not shown any more",
            ),
        }
    }
}

/// The refusal of a look for another purpose than the one that the request is for.
#[must_use]
pub fn purpose_not_covered() -> Fault {
    Fault::new(
        "PURPOSE_NOT_COVERED",
        "转换申请只为学分转换(conversion)提供成果,不得用于其他目的",
        "a conversion request shows outcomes for conversion only, and for no other purpose",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_consent_counts_from_its_first_day_to_its_last_and_not_once_it_is_withdrawn() {
        let term = Term {
            from: day("2026-03-01"),
            until: Some(day("2026-08-31")),
            withdrawn: false,
        };
        let early = Err(NoConsent::NotYet(day("2026-03-01")));
        assert_eq!(term.stands(day("2026-02-28")), early);
        assert_eq!(term.stands(day("2026-03-01")), Ok(()));
        assert_eq!(term.stands(day("2026-08-31")), Ok(()));
        let over = Err(NoConsent::Expired(day("2026-08-31")));
        assert_eq!(term.stands(day("2026-09-01")), over);
        let open = Term {
            until: None,
            ..term
        };
        assert_eq!(open.stands(day("2099-01-01")), Ok(()));
        let withdrawn = Term {
            withdrawn: true,
            ..open
        };
        assert_eq!(
            withdrawn.stands(day("2026-03-01")),
            Err(NoConsent::Withdrawn)
        );
    }

    #[test]
    fn a_duty_names_its_document_and_a_consent_none() {
        let code = |basis, document| {
            StatedBasis::new(basis, document).map_or_else(|fault| fault.code, |_| "ok")
        };
        assert_eq!(code(LegalBasis::Contract, None), "ok");
        assert_eq!(code(LegalBasis::Contract, Some("协议〔2026〕1号")), "ok");
        assert_eq!(code(LegalBasis::Consent, None), "ok");
        assert_eq!(code(LegalBasis::Consent, Some("1")), "BASIS_DOCUMENT");
        for basis in [LegalBasis::StatutoryDuty, LegalBasis::OtherLaw] {
            assert_eq!(code(basis, None), "BASIS_DOCUMENT");
            assert_eq!(code(basis, Some("皖教〔2026〕1号")), "ok");
            assert_ne!(code(basis, Some(" ")), "ok");
        }
    }

    #[test]
    fn every_basis_of_a_request_is_one_of_a_look() {
        for basis in LegalBasis::ALL.iter().copied() {
            assert_eq!(ReadBasis::from(basis).as_str(), basis.as_str());
            assert!(basis.article().contains("PIPL article 13"));
        }
    }
}
