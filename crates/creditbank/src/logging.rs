//! Logs go to standard error, so that answers on standard output stay clean.

use std::io;

use tracing_subscriber::EnvFilter;

use crate::output::warn_user;
use crate::settings::Settings;

/// Starts logging as the settings say.
pub(crate) fn start(settings: &Settings) {
    let filter = EnvFilter::try_new(&settings.log).unwrap_or_else(|_| {
        warn_user!("CREDITBANK_LOG 无效,改用 warn / CREDITBANK_LOG is invalid, using warn");
        EnvFilter::new("warn")
    });
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr);
    if settings.log_json {
        builder.json().init();
    } else {
        builder.init();
    }
}
