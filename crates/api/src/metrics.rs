//! What a Prometheus server reads: how requests went, how full the server is and what waits.
//!
//! Labels are methods, patterns of routes, statuses and states: never a path, a number or a name,
//! and never anything that a client may choose freely.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use actix_web::http::{Method, StatusCode};
use chrono::{DateTime, Utc};
use creditbank_ledger::{Ledger, reads};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use crate::state::ApiState;

/// Seconds: a balance takes one of the first, a file one of the last.
const DURATIONS: [f64; 14] = [
    0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 60.0,
];

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    method: &'static str,
    route: String,
    status: u16,
}

type Requests = Family<RequestLabels, Histogram, fn() -> Histogram>;

/// What the middleware measures. Cheap to clone; clones count together.
#[derive(Clone)]
pub struct Metrics {
    requests: Requests,
    import_panics: Counter,
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Metrics")
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Self {
            requests: Family::new_with_constructor(|| Histogram::new(DURATIONS)),
            import_panics: Counter::default(),
        }
    }
}

impl Metrics {
    /// Counts a file on which its reader came to grief: a bug, or an attack.
    pub fn import_panicked(&self) {
        self.import_panics.inc();
    }

    /// How many there were.
    #[must_use]
    pub fn import_panics(&self) -> u64 {
        self.import_panics.get()
    }

    /// Counts an answer. An empty route stands for all that there are not.
    pub(crate) fn answered(
        &self,
        method: &Method,
        route: String,
        status: StatusCode,
        took: Duration,
    ) {
        let labels = RequestLabels {
            method: method_label(method),
            route,
            status: status.as_u16(),
        };
        self.requests
            .get_or_create(&labels)
            .observe(took.as_secs_f64());
    }
}

/// A client may invent methods; each would be a series of its own.
fn method_label(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

/// Gauges that are read when somebody asks.
#[derive(Default)]
struct Levels {
    database_up: Gauge,
    connections_open: Gauge,
    connections_idle: Gauge,
    gate_free: Gauge,
    gate_waiting: Gauge,
    posts_waiting: Gauge,
    readings_waiting: Gauge,
    readings_lost: Gauge,
    feed_transactions: Gauge,
    feed_events: Gauge,
    totals_events: Gauge,
    deliveries_due: Gauge,
    deliveries_oldest: Gauge,
    imports_running: Gauge,
}

/// All that is measured, as one text. Cheap to clone.
#[derive(Clone)]
pub struct MetricsPage {
    registry: Arc<Registry>,
    levels: Arc<Levels>,
    state: ApiState,
    /// On a connection of its own: that the others are all taken is what is to be seen here.
    ledger: Ledger,
}

impl fmt::Debug for MetricsPage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MetricsPage")
    }
}

impl MetricsPage {
    /// A page about a server. `ledger` should have a connection that nothing else uses.
    #[must_use]
    pub fn new(state: ApiState, ledger: Ledger) -> Self {
        let levels = Levels::default();
        let mut registry = Registry::with_prefix("creditbank");
        registry.register_with_unit(
            "http_request_duration",
            "How long answers took, by method, pattern of the route and status",
            Unit::Seconds,
            state.metrics.requests.clone(),
        );
        registry.register(
            "import_panics",
            "Turns at files that ended in a panic, which is a bug",
            state.metrics.import_panics.clone(),
        );
        for (name, help, gauge) in levels.described() {
            registry.register(name, help, gauge.clone());
        }
        Self {
            registry: Arc::new(registry),
            levels: Arc::new(levels),
            state,
            ledger,
        }
    }

    /// The text. Asks the database; blocks its thread.
    ///
    /// # Errors
    /// Where the text cannot be written, which no value leads to.
    pub fn text(&self, now: DateTime<Utc>) -> Result<String, fmt::Error> {
        self.read_levels(now);
        let mut text = String::with_capacity(16 * 1024);
        encode(&mut text, &self.registry)?;
        Ok(text)
    }

    fn read_levels(&self, now: DateTime<Utc>) {
        let levels = &self.levels;
        let (free, waiting) = self.state.ledger.occupancy();
        levels.gate_free.set(level(free));
        levels.gate_waiting.set(level(waiting));
        levels
            .posts_waiting
            .set(level(self.state.posting.waiting()));
        levels
            .readings_waiting
            .set(level(self.state.readings.waiting()));
        let lost = i64::try_from(self.state.readings.lost());
        levels.readings_lost.set(lost.unwrap_or(i64::MAX));
        if let Some(connections) = self.state.ledger.connections() {
            levels.connections_open.set(connections.open.into());
            levels.connections_idle.set(connections.idle.into());
        }
        let backlog = reads::backlog(&self.ledger, now);
        levels.database_up.set(backlog.is_ok().into());
        if let Ok(backlog) = backlog {
            levels.feed_transactions.set(backlog.feed_transactions);
            levels.feed_events.set(backlog.feed_events);
            levels.totals_events.set(backlog.totals_events);
            levels.deliveries_due.set(backlog.deliveries_due);
            levels
                .deliveries_oldest
                .set(backlog.deliveries_oldest_seconds);
            levels.imports_running.set(backlog.imports_running);
        }
    }
}

impl Levels {
    fn described(&self) -> [(&'static str, &'static str, &Gauge); 14] {
        [
            (
                "database_up",
                "1 where the database answers",
                &self.database_up,
            ),
            (
                "pool_connections_open",
                "Connections to the database that requests share",
                &self.connections_open,
            ),
            (
                "pool_connections_idle",
                "Those of them that nobody uses",
                &self.connections_idle,
            ),
            (
                "gate_turns_free",
                "How many more requests could work with the database at once",
                &self.gate_free,
            ),
            (
                "gate_requests_waiting",
                "Requests that wait for their turn",
                &self.gate_waiting,
            ),
            (
                "posts_waiting",
                "Single posts that wait for the next transaction",
                &self.posts_waiting,
            ),
            (
                "readings_waiting",
                "Readings of accounts that are not written down yet",
                &self.readings_waiting,
            ),
            (
                "readings_lost",
                "Readings of accounts that the ledger did not take, a bug, since the server began",
                &self.readings_lost,
            ),
            (
                "feed_transactions_behind",
                "Transactions the change feed has not looked at; up to 64 at rest",
                &self.feed_transactions,
            ),
            (
                "feed_events_behind",
                "Events that have a number and are not told yet",
                &self.feed_events,
            ),
            (
                "totals_events_behind",
                "Events that the totals do not count yet",
                &self.totals_events,
            ),
            (
                "webhook_deliveries_due",
                "Deliveries that should be under way",
                &self.deliveries_due,
            ),
            (
                "webhook_oldest_due_seconds",
                "For how long the oldest of them should have been",
                &self.deliveries_oldest,
            ),
            (
                "imports_running",
                "Files that are not at their end",
                &self.imports_running,
            ),
        ]
    }
}

fn level(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_method_that_a_client_invents_makes_no_series_of_its_own() {
        let metrics = Metrics::default();
        for method in ["BREW", "STEEP"] {
            let method = Method::from_bytes(method.as_bytes()).unwrap();
            metrics.answered(
                &method,
                String::new(),
                StatusCode::METHOD_NOT_ALLOWED,
                Duration::from_millis(3),
            );
        }
        let mut registry = Registry::default();
        registry.register("took", "", metrics.requests.clone());
        let mut text = String::new();
        encode(&mut text, &registry).unwrap();
        assert!(
            text.contains(r#"took_count{method="other",route="",status="405"} 2"#),
            "{text}"
        );
        assert!(!text.contains("BREW"), "{text}");
        assert!(text.contains(r#"le="0.0025",method="other",route="",status="405"} 0"#));
        assert!(text.contains(r#"le="0.005",method="other",route="",status="405"} 2"#));
    }
}
