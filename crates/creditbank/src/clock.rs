//! The one place of this binary that reads the clock.

use chrono::{DateTime, Utc};

/// The present moment.
#[expect(
    clippy::disallowed_methods,
    reason = "the clock at the edge of the command line"
)]
pub(crate) fn now() -> DateTime<Utc> {
    Utc::now()
}
