//! What the process tells about itself: a log on standard error, so that answers on standard output
//! stay clean, and traces for a collector where one is set.

use std::io;
use std::time::Duration;

use opentelemetry::trace::TracerProvider as _;
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{SpanExporter, WithExportConfig as _, WithHttpConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{Sampler, SdkTracerProvider};
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _, fmt};

use crate::output::warn_user;
use crate::problem::Problem;
use crate::settings::Settings;

/// How long a collector may take.
const COLLECTOR_WAIT_MAX: Duration = Duration::from_secs(10);
/// How long the end waits for the last spans to be handed over.
const FLUSH_MAX: Duration = Duration::from_secs(5);
/// What a collector answers is looked at up to here.
const COLLECTOR_ANSWER_BYTES_MAX: u64 = 64 * 1024;

/// Hands over the last spans when it goes.
#[derive(Debug)]
pub(crate) struct Telemetry {
    provider: Option<SdkTracerProvider>,
}

impl Drop for Telemetry {
    fn drop(&mut self) {
        if let Some(provider) = self.provider.take() {
            // A collector that is gone keeps nobody from ending.
            let _told = provider.shutdown_with_timeout(FLUSH_MAX);
        }
    }
}

/// Starts as the settings say. A log filter or a collector that cannot be used is told and left
/// out: a command that could have worked does.
pub(crate) fn start(settings: &Settings) -> Telemetry {
    let filter = settings.log_filter().unwrap_or_else(|problem| {
        warn_user!("{problem}");
        EnvFilter::new("warn")
    });
    let log = fmt::layer().with_writer(io::stderr);
    let log = if settings.log_json {
        log.json().with_filter(filter).boxed()
    } else {
        log.with_filter(filter).boxed()
    };
    let provider = settings.otlp_endpoint.as_deref().and_then(|endpoint| {
        provider(endpoint, settings.otlp_percent)
            .inspect_err(|problem| warn_user!("{problem}"))
            .ok()
    });
    let traces = provider.as_ref().map(|provider| {
        tracing_opentelemetry::layer()
            .with_tracer(provider.tracer("creditbank"))
            .with_location(false)
            .with_threads(false)
            .with_filter(of_the_bank())
    });
    tracing_subscriber::registry().with(log).with(traces).init();
    // The text of a panic may quote what was being read: only its place is told.
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string);
        tracing::error!(place = place.as_deref().unwrap_or("?"), "a bug: panicked");
    }));
    Telemetry { provider }
}

/// Spans of requests, whatever the log is set to; nothing of the libraries.
fn of_the_bank() -> Targets {
    Targets::new()
        .with_target("creditbank_api", LevelFilter::INFO)
        .with_target("creditbank", LevelFilter::INFO)
}

fn provider(endpoint: &str, percent: u8) -> Result<SdkTracerProvider, Problem> {
    let exporter = SpanExporter::builder()
        .with_http()
        .with_http_client(Collector::new())
        .with_endpoint(endpoint)
        .with_timeout(COLLECTOR_WAIT_MAX)
        .build()
        .map_err(|error| {
            Problem::new(
                "OTLP_ENDPOINT",
                format!("CREDITBANK_OTLP_ENDPOINT 无法使用({error})"),
                format!("CREDITBANK_OTLP_ENDPOINT cannot be used ({error})"),
            )
            .todo(
                "例如 http://127.0.0.1:4318/v1/traces",
                "for example http://127.0.0.1:4318/v1/traces",
            )
        })?;
    Ok(SdkTracerProvider::builder()
        .with_batch_exporter(exporter)
        .with_sampler(Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(
            share(percent),
        ))))
        .with_resource(Resource::builder().with_service_name("creditbank").build())
        .build())
}

#[expect(
    clippy::float_arithmetic,
    reason = "the sampler takes a share; no credit is near"
)]
fn share(percent: u8) -> f64 {
    f64::from(percent) / 100.0
}

/// The collector, over the HTTP client that the server has anyway.
#[derive(Debug)]
struct Collector(ureq::Agent);

impl Collector {
    fn new() -> Self {
        let config = ureq::Agent::config_builder()
            .timeout_global(Some(COLLECTOR_WAIT_MAX))
            .http_status_as_error(false)
            .build();
        Self(config.into())
    }
}

#[async_trait::async_trait]
impl HttpClient for Collector {
    /// Blocks, on the exporter's own thread.
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let response = self.0.run(request.map(|body| body.to_vec()))?;
        let (parts, mut body) = response.into_parts();
        let bytes = body
            .with_config()
            .limit(COLLECTOR_ANSWER_BYTES_MAX)
            .read_to_vec()?;
        Ok(Response::from_parts(parts, bytes.into()))
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::TcpListener;

    use opentelemetry::trace::TraceContextExt as _;
    use tracing::info_span;
    use tracing_opentelemetry::OpenTelemetrySpanExt as _;

    use super::*;

    /// A collector that takes one request and gives its bytes.
    fn collector() -> (String, std::thread::JoinHandle<Vec<u8>>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = format!("http://{}/v1/traces", listener.local_addr().unwrap());
        let taking = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            stream
                .set_read_timeout(Some(Duration::from_secs(5)))
                .unwrap();
            let (mut taken, mut part) = (Vec::new(), [0; 4_096]);
            while !is_whole(&taken) {
                let read = stream.read(&mut part).unwrap();
                taken.extend_from_slice(&part[..read]);
            }
            stream
                .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
                .unwrap();
            taken
        });
        (endpoint, taking)
    }

    fn is_whole(taken: &[u8]) -> bool {
        let text = String::from_utf8_lossy(taken).to_lowercase();
        let Some(end) = taken.windows(4).position(|it| it == b"\r\n\r\n") else {
            return false;
        };
        let length = text.split("content-length: ").nth(1).unwrap();
        let length: usize = length.split("\r\n").next().unwrap().parse().unwrap();
        taken.len() >= end + 4 + length
    }

    #[test]
    fn spans_of_the_bank_reach_a_collector_and_those_of_libraries_do_not() {
        let (endpoint, taking) = collector();
        let provider = provider(&endpoint, 100).unwrap();
        let traces = tracing_opentelemetry::layer()
            .with_tracer(provider.tracer("creditbank"))
            .with_filter(of_the_bank());
        let subscriber = tracing_subscriber::registry().with(traces);
        let trace_id = tracing::subscriber::with_default(subscriber, || {
            let span = info_span!(target: "creditbank_api", "request");
            info_span!(target: "some_library", "secret-of-a-library").in_scope(|| ());
            span.context().span().span_context().trace_id()
        });
        drop(Telemetry {
            provider: Some(provider),
        });
        let taken = taking.join().unwrap();
        let holds = |part: &[u8]| taken.windows(part.len()).any(|it| it == part);
        assert!(holds(&trace_id.to_bytes()));
        assert!(holds(b"request"));
        assert!(!holds(b"secret-of-a-library"));
    }

    #[test]
    fn of_a_hundred_percent_none_is_left_out_and_of_none_all_are() {
        assert!((share(100) - 1.0).abs() < f64::EPSILON);
        assert!(share(0).abs() < f64::EPSILON);
    }

    #[test]
    fn a_collector_that_is_no_address_is_told() {
        assert_eq!(
            provider("not an address", 100).unwrap_err().code(),
            "OTLP_ENDPOINT"
        );
    }
}
