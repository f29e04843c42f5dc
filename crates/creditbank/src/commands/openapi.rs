//! `creditbank openapi` and `creditbank errors`: what is committed of what the program says

use std::process::ExitCode;

use crate::output::say;

/// Prints the document that `openapi/` holds a copy of.
pub(crate) fn run() -> anyhow::Result<ExitCode> {
    say!("{}", creditbank_api::openapi_json().trim_end());
    Ok(ExitCode::SUCCESS)
}

/// Prints `docs/ERRORS.md`.
pub(crate) fn run_errors() -> anyhow::Result<ExitCode> {
    say!("{}", creditbank_api::errors_page().trim_end());
    Ok(ExitCode::SUCCESS)
}
