//! Holds for uses other than a conversion, as clients send and see them.

use chrono::{DateTime, Utc};
use creditbank_domain::amount::{Amount, AmountError, Hundredths};
use creditbank_domain::fault::Fault;
use creditbank_domain::hold::HoldPurpose;
use creditbank_domain::ids::LotId;
use creditbank_domain::learner_no::LearnerNo;
use creditbank_ledger::flows::{self, HoldOrder};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use super::outcome::StatedBody;
use crate::problem::{Place, Placed, PlacedFault};

/// Reserves a part of a lot.
#[derive(Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!(crate::dto::examples::hold()))]
pub(crate) struct HoldBody {
    /// The lot.
    pub(crate) lot_id: Uuid,
    /// How much of it.
    pub(crate) amount: StatedBody,
    /// What for.
    #[schema(example = "title_review", extensions(("x-words" = json!(HoldPurpose::WORDS))))]
    pub(crate) purpose: String,
    /// Until when it stands, at most a year from now.
    pub(crate) expires_at: DateTime<Utc>,
}

/// Uses a part of what is held.
#[derive(Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = HoldSettlementBody, example = json!({"amount": "1.50"}))]
pub(crate) struct SettlementBody {
    /// How much, in the lot's unit, as a decimal text with at most two decimals.
    #[schema(
        pattern = r"^\d{1,7}(\.\d{1,2}0*)?$",
        max_length = 20,
        example = "1.50"
    )]
    pub(crate) amount: String,
}

/// Gives back what is left of a hold. It says nothing more.
#[derive(Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({}))]
pub(crate) struct ReleaseBody {}

impl HoldBody {
    /// What it means, or everything that is wrong with it.
    pub(crate) fn read(&self, learner: LearnerNo) -> Result<HoldOrder, Vec<PlacedFault>> {
        let root = Place::root();
        let mut placed = Placed::at(&root);
        let amount = placed.take_all(self.amount.read(&root.child("amount")));
        let amount =
            amount.and_then(|it| placed.take("amount", Amount::new(it.unit, it.hundredths)));
        let purpose = placed.take("purpose", self.purpose.parse::<HoldPurpose>());
        match (amount, purpose) {
            (Some(amount), Some(purpose)) => Ok(HoldOrder {
                learner,
                lot: LotId::from_uuid(self.lot_id),
                amount,
                purpose,
                expires_at: self.expires_at,
            }),
            _ => Err(placed.into_faults()),
        }
    }
}

impl SettlementBody {
    /// What it means, or what is wrong with it.
    pub(crate) fn read(&self) -> Result<Hundredths, Vec<PlacedFault>> {
        let amount: Result<Hundredths, AmountError> = self.amount.parse();
        amount.map_err(|wrong| {
            let place = Place::root().child("amount");
            vec![PlacedFault::at(&place, Fault::from(wrong))]
        })
    }
}

/// A hold as it stands.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(example = json!(crate::dto::examples::hold_view()))]
pub(crate) struct HoldView {
    /// Its id.
    pub(crate) hold_id: Uuid,
    /// The lot.
    pub(crate) lot_id: Uuid,
    /// How much was reserved.
    #[schema(example = "5.00")]
    pub(crate) amount: String,
    /// How much of it was used.
    #[schema(example = "1.50")]
    pub(crate) settled: String,
    /// How much of it went back.
    #[schema(example = "0.00")]
    pub(crate) released: String,
    /// Until when the rest stands.
    pub(crate) expires_at: DateTime<Utc>,
}

impl From<&flows::HoldView> for HoldView {
    fn from(hold: &flows::HoldView) -> Self {
        Self {
            hold_id: hold.hold_id.as_uuid(),
            lot_id: hold.lot_id.as_uuid(),
            amount: hold.amount.to_string(),
            settled: hold.settled.to_string(),
            released: hold.released.to_string(),
            expires_at: hold.expires_at,
        }
    }
}

/// What the reversal of a hold came to.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({"correction_id": "0197a2c0-6a00-7c3e-9d4b-2f1e8a6b5c07", "given_back": "1.50"}))]
pub(crate) struct HoldReversedView {
    /// The entry that says so.
    pub(crate) correction_id: Uuid,
    /// How much can be used again.
    #[schema(example = "1.50")]
    pub(crate) given_back: String,
}

impl From<&flows::HoldReversed> for HoldReversedView {
    fn from(reversed: &flows::HoldReversed) -> Self {
        Self {
            correction_id: reversed.correction_id.as_uuid(),
            given_back: reversed.given_back.to_string(),
        }
    }
}
