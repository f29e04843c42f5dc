//! The one place where ids are made.

use uuid::Uuid;

/// A new UUIDv7: sorts by the moment it was made, so that the newest rows lie together.
#[expect(clippy::disallowed_methods, reason = "the one place that makes ids")]
pub(crate) fn new_id() -> Uuid {
    Uuid::now_v7()
}
