//! Numbers, in Prometheus' text format.

use std::sync::OnceLock;
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use http::header;
use metrics::{Unit, describe_counter, describe_gauge, describe_histogram};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

/// The numbers of this process. Cheap to clone.
#[derive(Clone)]
pub struct Metrics(PrometheusHandle);

static METRICS: OnceLock<Metrics> = OnceLock::new();

/// Bounds of every histogram of seconds.
const DURATION_BUCKETS_SECONDS: [f64; 11] = [
    0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
];

impl Metrics {
    /// Begins to count, for the whole process; further calls give the same numbers.
    pub fn install() -> Self {
        METRICS
            .get_or_init(|| {
                let builder = PrometheusBuilder::new().set_buckets_for_metric(
                    Matcher::Suffix("_seconds".to_owned()),
                    &DURATION_BUCKETS_SECONDS,
                );
                let recorder = builder.expect("there are bounds").build_recorder();
                let handle = recorder.handle();
                if metrics::set_global_recorder(recorder).is_err() {
                    tracing::warn!("another recorder of metrics is in use; /metrics will be empty");
                }
                describe();
                Self(handle)
            })
            .clone()
    }

    /// `/metrics`. For a listener that no route leads to (S46).
    pub fn router(&self) -> Router {
        let handle = self.0.clone();
        let headers = [(
            header::CONTENT_TYPE,
            "text/plain; version=0.0.4; charset=utf-8",
        )];
        Router::new().route(
            "/metrics",
            get(move || async move { (headers, handle.render()) }),
        )
    }

    /// Keeps histograms small where nobody asks for them, for ever.
    pub async fn run_upkeep(&self) {
        loop {
            tokio::time::sleep(Duration::from_secs(10)).await;
            self.0.run_upkeep();
        }
    }
}

fn describe() {
    describe_histogram!(
        "registry_console_upstream_seconds",
        Unit::Seconds,
        "Time of one request to the API server, the OAuth server, the registry or its object storage, by outcome"
    );
    describe_gauge!(
        "registry_console_upstream_available",
        "0 while a server gives no answer and requests to it are refused, else 1"
    );
    describe_histogram!(
        "registry_console_request_seconds",
        Unit::Seconds,
        "Time of one request to the pages, until its answer begins"
    );
    describe_counter!(
        "registry_console_overload_total",
        "Requests and sign-ins refused because too many were under way, by what there were too many of"
    );
    describe_counter!(
        "registry_console_panics_total",
        "Requests that ended in a panic"
    );
    describe_gauge!(
        "registry_console_live_streams",
        "Open pages that are told of changes"
    );
    describe_gauge!(
        "registry_console_index_ready",
        "1 while the index of image streams is up to date, else 0"
    );
    describe_gauge!(
        "registry_console_index_state",
        "1 for the state that the index is in, else 0"
    );
    describe_gauge!(
        "registry_console_index_state_since_seconds",
        "Time since which the index is in its state, in seconds since 1970"
    );
    describe_gauge!(
        "registry_console_index_streams",
        "Image streams in the index"
    );
    describe_gauge!("registry_console_index_tags", "Tags in the index");
    describe_gauge!(
        "registry_console_index_bytes",
        Unit::Bytes,
        "Memory that the index takes, about"
    );
    describe_counter!(
        "registry_console_index_events_total",
        "Changes of image streams that the API server reported"
    );
    describe_counter!(
        "registry_console_index_troubles_total",
        "Times that the index lost touch with the API server, by reason"
    );
    describe_histogram!(
        "registry_console_index_list_seconds",
        Unit::Seconds,
        "Time of one whole list of image streams"
    );
    describe_gauge!("registry_console_connections", "Open connections");
    describe_counter!(
        "registry_console_closed_connections_total",
        "Connections that the console closed: replaced by others, stalled, or without a place, by reason"
    );
    describe_gauge!(
        "registry_console_bytes_in_flight",
        Unit::Bytes,
        "Bytes of requests and answers that are held"
    );
    describe_counter!(
        "registry_console_refused_requests_total",
        "Requests refused before they were read, by reason"
    );
    describe_counter!(
        "registry_console_unopened_connections_total",
        "Connections that ended before their handshake did"
    );
    describe_counter!(
        "registry_console_accept_errors_total",
        "Connections that could not be taken"
    );
    describe_counter!(
        "registry_console_log_lines_dropped_total",
        "Log lines dropped because standard error was not read"
    );
    describe_gauge!(
        "registry_console_certificate_expiry_timestamp_seconds",
        "Time at which the console's own certificate expires, in seconds since 1970"
    );
    describe_counter!(
        "registry_console_certificate_errors_total",
        "New certificates that were of no use"
    );
}
