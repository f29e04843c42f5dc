//! Courses that many institutions own, and reviews of entries.

use chrono::{DateTime, Utc};
use creditbank_domain::catalogue::Module;
use creditbank_domain::completion::Thresholds;
use creditbank_domain::institution::InstitutionKind;
use creditbank_domain::review::ReviewClock;
use creditbank_domain::text::{CourseCode, DocumentNumber};
use creditbank_ledger::LedgerError;
use creditbank_ledger::flows::{
    NewCatalogueVersion, ReviewOrder, VersionDetails, record_review, register_institutions,
};

use crate::bank::TestBank;
use crate::build::day;
use crate::importing::course;
use crate::rules::keeper;
use crate::world::{code, institution};

/// The institutions that own [`guide`], the one that registers it first.
#[must_use]
pub fn builders() -> Vec<String> {
    (91_001..=91_028).map(|number| number.to_string()).collect()
}

/// The 29th institution.
pub const NO_BUILDER: &str = "91029";

/// The course of 28 owners: 2.00 credits for 26 lectures in 8 modules and an exam of 60.
#[must_use]
pub fn guide() -> NewCatalogueVersion {
    let builders = builders();
    let module = |(number, lectures): (usize, u32)| Module {
        title: format!("模块 {number}"),
        lectures,
    };
    let lectures = [4, 4, 3, 3, 3, 3, 3, 3];
    NewCatalogueVersion {
        co_owners: builders[1..].iter().map(|number| code(number)).collect(),
        title: "高等学历继续教育学习指南".to_owned(),
        details: VersionDetails {
            modules: (1..).zip(lectures).map(module).collect(),
            completion: Some(Thresholds {
                lectures: Some(26),
                exam: Some("60".parse().unwrap()),
                attendance: None,
            }),
            ..VersionDetails::default()
        },
        ..course(&builders[0], "GUIDE", "2.00")
    }
}

/// A course that is reviewed every so many months.
#[must_use]
pub fn reviewed(owner: &str, number: &str, months: u32, grace_days: u32) -> NewCatalogueVersion {
    NewCatalogueVersion {
        details: VersionDetails {
            review: Some(ReviewClock { months, grace_days }),
            ..VersionDetails::default()
        },
        ..course(owner, number, "3.00")
    }
}

impl TestBank {
    /// Registers universities of these codes.
    ///
    /// # Panics
    /// Where the ledger refuses them.
    pub fn join(&self, codes: &[String]) {
        let new = codes.iter();
        let new: Vec<_> = new
            .map(|number| institution(number, InstitutionKind::University))
            .collect();
        register_institutions(self.ledger(), &keeper(), &new, self.now()).unwrap();
    }

    /// Registers the 28 builders, [`NO_BUILDER`] and [`guide`].
    pub fn publish_guide(&self) {
        self.join(&builders());
        self.join(&[NO_BUILDER.to_owned()]);
        self.publish(&[guide()]);
    }

    /// Records that an entry was reviewed on a day.
    ///
    /// # Errors
    /// What the ledger says.
    pub fn try_review(&self, owner: &str, number: &str, on: &str) -> Result<bool, LedgerError> {
        self.try_review_at(owner, number, on, self.now())
    }

    /// As [`Self::try_review`], at a moment of the test's choice: the clock of a `TestApp` stands.
    ///
    /// # Errors
    /// What the ledger says.
    pub fn try_review_at(
        &self,
        owner: &str,
        number: &str,
        on: &str,
        now: DateTime<Utc>,
    ) -> Result<bool, LedgerError> {
        let order = ReviewOrder {
            owner: code(owner),
            code: CourseCode::new(number).unwrap(),
            reviewed_on: day(on),
            reviewed_by: "质量保障委员会".to_owned(),
            document: DocumentNumber::new("继教〔2023〕9号").unwrap(),
        };
        record_review(self.ledger(), &keeper(), &order, now)
    }
}
