//! Whether the server is there.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The server answers.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({"status": "ready"}))]
pub(crate) struct HealthView {
    /// What it is.
    #[schema(example = "ready", extensions(("x-words" = json!(["live", "ready"]))))]
    pub(crate) status: String,
}
