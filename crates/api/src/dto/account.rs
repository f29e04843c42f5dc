//! Opening accounts: the people that institutions send, and what became of each.

use chrono::NaiveDate;
use creditbank_domain::text::PersonName;
use creditbank_ledger::flows::{AccountAnswer, NewAccount};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use super::person::{IdentifierBody, read_several};
use crate::problem::{FaultView, Place, Placed, PlacedFault};

/// A person who is to have an account. Personal data: this cannot be printed.
#[derive(Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!(crate::dto::examples::account()))]
pub(crate) struct AccountBody {
    /// The person's numbers, the surest first; a student number is one of your own.
    #[validate(length(min = 1, max = 8))]
    #[schema(min_items = 1, max_items = 8)]
    pub(crate) identifiers: Vec<IdentifierBody>,
    /// The person's name; kept sealed, and compared with the one that was stated before.
    #[schema(max_length = 120, example = "王小明")]
    pub(crate) name: Option<String>,
}

/// Many people, each answered on its own.
#[derive(Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!(crate::dto::examples::account_batch()))]
pub(crate) struct AccountBatchBody {
    /// The people.
    #[validate(length(min = 1, max = 1000))]
    #[schema(min_items = 1, max_items = 1000)]
    pub(crate) accounts: Vec<AccountBody>,
}

impl AccountBody {
    /// What it means, or everything that is wrong with it.
    pub(crate) fn read(
        &self,
        at: &Place,
        today: NaiveDate,
    ) -> Result<NewAccount, Vec<PlacedFault>> {
        let mut placed = Placed::at(at);
        let list = at.child("identifiers");
        let identifiers = placed.take_all(read_several(&self.identifiers, &list, today));
        let name = self.name.as_deref().map(PersonName::new).transpose();
        match (identifiers, placed.take("name", name)) {
            (Some(identifiers), Some(name)) => Ok(NewAccount { identifiers, name }),
            _ => Err(placed.into_faults()),
        }
    }
}

/// An account.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(example = json!(crate::dto::examples::account_view()))]
pub(crate) struct AccountView {
    /// The learner's number.
    #[schema(example = "7KQ4M2XW9PDJ")]
    pub(crate) learner_no: String,
    /// What you should know, though the account is open.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub(crate) warnings: Vec<FaultView>,
}

/// What became of each person of a batch.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(example = json!(crate::dto::examples::account_batch_view()))]
pub(crate) struct AccountBatchView {
    /// How many of each; they add up to the batch.
    pub(crate) counts: AccountCounts,
    /// One answer for each person, in their order.
    pub(crate) results: Vec<AccountResult>,
}

/// How many of each.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct AccountCounts {
    /// Opened now.
    pub(crate) opened: u32,
    /// Open before.
    pub(crate) already_open: u32,
    /// Not opened.
    pub(crate) rejected: u32,
}

/// What became of one person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum AccountStatus {
    /// Opened now.
    Opened,
    /// Open before.
    AlreadyOpen,
    /// Not opened; `fault` says why.
    Rejected,
}

/// The answer for one person of a batch.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct AccountResult {
    /// Its place in the batch, from 0.
    pub(crate) index: u32,
    /// What became of it.
    pub(crate) status: AccountStatus,
    /// The account, unless it was rejected.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) account: Option<AccountView>,
    /// Why it was rejected.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) fault: Option<FaultView>,
    /// Every place that could not be read; `fault` is the first of them.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub(crate) errors: Vec<PlacedFault>,
}

/// The account of an answer that gives one.
pub(crate) fn account_view(answer: &AccountAnswer) -> Option<AccountView> {
    let (learner_no, warning) = match answer {
        AccountAnswer::Opened {
            learner_no,
            warning,
        } => (learner_no, warning.as_ref()),
        AccountAnswer::AlreadyOpen(learner_no) => (learner_no, None),
        AccountAnswer::Rejected(_) => return None,
    };
    Some(AccountView {
        learner_no: learner_no.to_string(),
        warnings: warning.into_iter().map(FaultView::from).collect(),
    })
}

impl AccountResult {
    fn of(index: u32, answer: &AccountAnswer) -> Self {
        let (status, fault) = match answer {
            AccountAnswer::Opened { .. } => (AccountStatus::Opened, None),
            AccountAnswer::AlreadyOpen(_) => (AccountStatus::AlreadyOpen, None),
            AccountAnswer::Rejected(fault) => (AccountStatus::Rejected, Some(fault.into())),
        };
        Self {
            index,
            status,
            account: account_view(answer),
            fault,
            errors: Vec::new(),
        }
    }

    fn unreadable(index: u32, errors: &[PlacedFault]) -> Self {
        Self {
            index,
            status: AccountStatus::Rejected,
            account: None,
            fault: errors.first().map(|error| error.fault.clone()),
            errors: errors.to_vec(),
        }
    }
}

impl AccountBatchView {
    /// Merges the ledger's answers, which are those of the readable people in their order, with
    /// the people that could not be read.
    ///
    /// `unreadable` has one element for each person of the batch.
    pub(crate) fn merge(
        unreadable: &[Option<Vec<PlacedFault>>],
        answers: &[AccountAnswer],
    ) -> Self {
        let mut answers = answers.iter();
        let mut view = Self {
            counts: AccountCounts::default(),
            results: Vec::new(),
        };
        for (index, person) in (0u32..).zip(unreadable) {
            let result = match person {
                Some(errors) => AccountResult::unreadable(index, errors),
                None => match answers.next() {
                    Some(answer) => AccountResult::of(index, answer),
                    None => break,
                },
            };
            let counts = &mut view.counts;
            let count = match result.status {
                AccountStatus::Opened => &mut counts.opened,
                AccountStatus::AlreadyOpen => &mut counts.already_open,
                AccountStatus::Rejected => &mut counts.rejected,
            };
            *count = count.saturating_add(1);
            view.results.push(result);
        }
        view
    }
}
