//! What reviewers did not accept, as it is kept with a decision's inputs.

use creditbank_domain::conversion::Bar;
use creditbank_domain::ids::LotId;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::PLACE;
use crate::error::LedgerError;
use crate::tables::{accepted, parsed};

#[derive(Serialize, Deserialize)]
pub(super) struct LotBar {
    lot: Uuid,
    reason: String,
    text: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    accepted: Option<String>,
}

impl From<&Bar> for LotBar {
    fn from(bar: &Bar) -> Self {
        Self {
            lot: bar.lot_id.as_uuid(),
            reason: bar.reason.as_str().to_owned(),
            text: bar.text.clone(),
            accepted: (!bar.accepted.is_zero()).then(|| bar.accepted.to_string()),
        }
    }
}

impl TryFrom<LotBar> for Bar {
    type Error = LedgerError;

    fn try_from(bar: LotBar) -> Result<Self, LedgerError> {
        Ok(Self {
            lot_id: LotId::from_uuid(bar.lot),
            reason: parsed(&bar.reason, PLACE)?,
            accepted: accepted(bar.accepted.as_deref(), PLACE)?,
            text: bar.text,
        })
    }
}
