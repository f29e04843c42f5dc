//! `creditbank openapi`

use std::process::ExitCode;

use crate::output::say;

/// Prints the document that `openapi/` holds a copy of.
pub(crate) fn run() -> anyhow::Result<ExitCode> {
    say!("{}", creditbank_api::openapi_json().trim_end());
    Ok(ExitCode::SUCCESS)
}
