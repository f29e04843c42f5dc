//! `creditbank webhooks list` and `creditbank webhooks deliveries`

use std::process::ExitCode;

use clap::Subcommand;
use creditbank_domain::authz::ReadWebhooks;
use creditbank_domain::ids::WebhookEndpointId;
use creditbank_domain::webhook::DeliveryState;
use creditbank_ledger::reads::{self, WebhookDeliveryView, WebhookEndpointView};
use uuid::Uuid;

use crate::output::say;
use crate::problem::Problem;
use crate::settings::Settings;
use crate::{clock, operator};

/// How many are printed.
const PRINTED_MAX: u32 = 1_000;

/// What can be seen of them.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Print where institutions are told of their events / 列出推送地址
    List,
    /// Print the newest deliveries of an endpoint / 列出某地址最近的推送
    Deliveries {
        /// The endpoint's id
        endpoint: Uuid,
        /// Only these: pending, failed, delivered or given_up
        #[arg(long, value_parser = str::parse::<DeliveryState>)]
        state: Option<DeliveryState>,
    },
}

/// Prints them.
pub(crate) fn run(settings: &Settings, command: &Command) -> anyhow::Result<ExitCode> {
    let ledger = settings.ledger()?;
    let grant = operator::for_bank::<ReadWebhooks>()?;
    match command {
        Command::List => {
            let now = clock::now();
            let found = reads::webhook_endpoints(&ledger, &grant, None, PRINTED_MAX, now)
                .map_err(Problem::from)?;
            found.iter().for_each(say_endpoint);
        }
        Command::Deliveries { endpoint, state } => {
            let endpoint = WebhookEndpointId::from_uuid(*endpoint);
            let found =
                reads::webhook_deliveries(&ledger, &grant, endpoint, *state, None, PRINTED_MAX)
                    .map_err(Problem::from)?;
            found.iter().for_each(say_delivery);
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn say_endpoint(endpoint: &WebhookEndpointView) {
    let because = endpoint
        .paused_because
        .map_or("", |because| because.as_str());
    let (id, code, state) = (
        endpoint.endpoint_id,
        &endpoint.institution_code,
        endpoint.state,
    );
    say!("{id} {code} {state} {because} {}", endpoint.url);
    if let Some(since) = endpoint.failing_since {
        say!("  自 {since} 起推送失败 / failing since {since}");
    }
}

fn say_delivery(delivery: &WebhookDeliveryView) {
    let seq = delivery
        .seq
        .map_or_else(|| "ping".to_owned(), |seq| seq.to_string());
    let status = delivery
        .last_status
        .map_or_else(String::new, |status| status.to_string());
    let error = delivery.last_error.as_deref().unwrap_or_default();
    let (id, state, attempts) = (delivery.delivery_id, delivery.state, delivery.attempts);
    say!("{id} {seq} {state} {attempts} {status} {error}");
}
