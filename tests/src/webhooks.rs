//! Webhooks of a test's bank.

use chrono::{DateTime, Utc};
use creditbank_domain::authz::{KeepWebhooks, Role};
use creditbank_domain::ids::{WebhookDeliveryId, WebhookEndpointId};
use creditbank_domain::webhook::{Network, PauseReason, WebhookUrl};
use creditbank_ledger::WebhookSecret;
use creditbank_ledger::flows::{
    Attempted, EndpointOrder, TakenDelivery, hand_out_events, open_webhook_once, ping_webhook_once,
    settle_delivery, take_deliveries,
};
use creditbank_ledger::reads::{WebhookDeliveryView, WebhookEndpointView};

use crate::bank::{TestBank, once};
use crate::rules::keeper;

impl TestBank {
    /// Registers an endpoint for an institution; gives it and its first secret.
    ///
    /// # Panics
    /// Where the ledger refuses.
    pub fn open_webhook(
        &self,
        institution: &str,
        kinds: &[&str],
    ) -> (WebhookEndpointId, WebhookSecret) {
        let url = WebhookUrl::parse("https://hooks.example.edu.cn/", Network::Public).unwrap();
        let kinds = kinds.iter().map(ToString::to_string).collect();
        let order = EndpointOrder { url, kinds };
        let grant = self.grant::<KeepWebhooks>(Role::Registrar, institution);
        let (mut told, now) = (None, self.now());
        let view: WebhookEndpointView = once(|request| {
            let opened = open_webhook_once(self.ledger(), &grant, &order, request, now)?;
            told = opened.1;
            Ok(opened.0)
        })
        .unwrap();
        (view.endpoint_id, told.expect("a fresh endpoint's secret"))
    }

    /// Has a ping delivered to an endpoint.
    ///
    /// # Panics
    /// Where the ledger refuses.
    pub fn ping(&self, institution: &str, endpoint: WebhookEndpointId) -> WebhookDeliveryId {
        let grant = self.grant::<KeepWebhooks>(Role::Registrar, institution);
        let now = self.now();
        let ping: WebhookDeliveryView =
            once(|it| ping_webhook_once(self.ledger(), &grant, endpoint, it, now)).unwrap();
        for taken in self.take_deliveries(now) {
            let _ = self.settle(&taken, Attempted::Delivered { status: 200 }, now);
        }
        ping.delivery_id
    }

    /// Hands out all that the feed has; gives how much it was.
    ///
    /// # Panics
    /// Where the ledger refuses.
    pub fn hand_out(&self) -> u64 {
        let mut handed_out = 0;
        loop {
            let (some, more) = hand_out_events(self.ledger(), &keeper(), self.now()).unwrap();
            handed_out += some;
            if !more {
                return handed_out;
            }
        }
    }

    /// Takes what is due at a moment, up to a hundred.
    ///
    /// # Panics
    /// Where the ledger refuses.
    #[must_use]
    pub fn take_deliveries(&self, now: DateTime<Utc>) -> Vec<TakenDelivery> {
        take_deliveries(self.ledger(), &keeper(), 100, now).unwrap()
    }

    /// Says what an attempt came to.
    ///
    /// # Panics
    /// Where the ledger refuses.
    pub fn settle(
        &self,
        taken: &TakenDelivery,
        attempted: Attempted,
        now: DateTime<Utc>,
    ) -> Option<PauseReason> {
        settle_delivery(self.ledger(), &keeper(), taken, attempted, now).unwrap()
    }
}
