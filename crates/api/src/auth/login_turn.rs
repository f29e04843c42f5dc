//! Few tries at the token endpoint: so many a minute at this server, and so many that prove nothing
//! at all servers together.

use std::net::IpAddr;

use chrono::{DateTime, Utc};
use creditbank_domain::ids::ClientId;
use creditbank_ledger::flows::{
    LoginAttempt, LoginTurn, begin_login_attempt, settle_login_attempt,
};

use super::{LoginRefusal, Proof};
use crate::state::ApiState;

/// Holds that a client is who it says, where there is a turn for it.
///
/// # Errors
/// [`LoginRefusal`]
pub(crate) async fn prove(
    state: &ApiState,
    proof: Proof,
    address: Option<IpAddr>,
    now: DateTime<Utc>,
) -> Result<(), LoginRefusal> {
    let client = proof.client();
    let taken = state.throttle.token(client, address);
    taken.map_err(|spent| LoginRefusal::TooOften {
        retry_after_seconds: spent.seconds,
    })?;
    let attempt = begin(state, client, address, now).await?;
    let checked = state.authentication.check_client(proof, &state.ledger, now);
    let checked = checked.await;
    let failed = matches!(checked, Err(LoginRefusal::Unproved));
    if let Some(attempt) = attempt.filter(|_| !failed) {
        let settle = move |ledger: &_| settle_login_attempt(ledger, attempt);
        state.ledger.run(settle).await?;
    }
    checked
}

async fn begin(
    state: &ApiState,
    client: ClientId,
    address: Option<IpAddr>,
    now: DateTime<Utc>,
) -> Result<Option<LoginAttempt>, LoginRefusal> {
    let Some(limits) = state.throttle.logins() else {
        return Ok(None);
    };
    let address = address.map(|ip| ip.to_string()).unwrap_or_default();
    let begin = move |ledger: &_| begin_login_attempt(ledger, (client, &address), limits, now);
    match state.ledger.run(begin).await? {
        LoginTurn::Allowed(attempt) => Ok(Some(attempt)),
        LoginTurn::TooMany {
            retry_after_seconds,
        } => Err(LoginRefusal::TooOften {
            retry_after_seconds,
        }),
    }
}
