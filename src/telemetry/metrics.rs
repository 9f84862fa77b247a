//! The metrics of the process, in the text format of Prometheus.

use std::sync::OnceLock;
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use http::header;
use metrics::{Unit, describe_counter, describe_gauge, describe_histogram};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

/// The recorder of this process. Cheap to clone.
#[derive(Clone)]
pub struct Metrics(PrometheusHandle);

static METRICS: OnceLock<Metrics> = OnceLock::new();

/// Upper bounds of the buckets of every duration histogram.
const DURATION_BUCKETS_SECONDS: [f64; 11] = [
    0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
];

impl Metrics {
    /// Installs the recorder of the process. Further calls return the same recorder.
    pub fn install() -> Self {
        METRICS
            .get_or_init(|| {
                let builder = PrometheusBuilder::new().set_buckets_for_metric(
                    Matcher::Suffix("_seconds".to_owned()),
                    &DURATION_BUCKETS_SECONDS,
                );
                let recorder = builder.expect("the buckets are not empty").build_recorder();
                let handle = recorder.handle();
                if metrics::set_global_recorder(recorder).is_err() {
                    tracing::warn!("another recorder of metrics is in use; /metrics will be empty");
                }
                describe();
                Self(handle)
            })
            .clone()
    }

    /// Serves `/metrics`, for a listener that no route of the cluster exposes (S46).
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

    /// Merges the samples of histograms every 10 s, so that they stay small where nothing scrapes
    /// the metrics. Does not return.
    pub async fn run_upkeep(&self) {
        loop {
            tokio::time::sleep(Duration::from_secs(10)).await;
            self.0.run_upkeep();
        }
    }
}

fn describe() {
    describe_histogram!(
        "registry_console_upstream_request_duration_seconds",
        Unit::Seconds,
        "Duration of a request to the API server, the OAuth server, the registry or its object storage, by outcome"
    );
    describe_gauge!(
        "registry_console_upstream_available",
        "0 while the circuit breaker of an upstream is open, else 1"
    );
    describe_histogram!(
        "registry_console_http_request_duration_seconds",
        Unit::Seconds,
        "Time from a request to the start of its response"
    );
    describe_counter!(
        "registry_console_rate_limited_total",
        "Requests and sign-ins refused because too many were in progress, by reason"
    );
    describe_counter!(
        "registry_console_panics_total",
        "Requests that ended in a panic"
    );
    describe_gauge!(
        "registry_console_live_connections",
        "Open connections for live updates"
    );
    describe_gauge!(
        "registry_console_index_ready",
        "1 while the index of image streams is up to date, else 0"
    );
    describe_gauge!(
        "registry_console_index_state",
        "1 for the current state of the index, else 0"
    );
    describe_gauge!(
        "registry_console_index_state_change_timestamp_seconds",
        Unit::Seconds,
        "Time of the last change of the index's state, in seconds since 1970"
    );
    describe_gauge!(
        "registry_console_index_image_streams",
        "Image streams in the index"
    );
    describe_gauge!("registry_console_index_tags", "Tags in the index");
    describe_gauge!(
        "registry_console_index_memory_bytes",
        Unit::Bytes,
        "Estimated memory of the index"
    );
    describe_counter!(
        "registry_console_index_watch_events_total",
        "Watch events of image streams"
    );
    describe_counter!(
        "registry_console_index_failures_total",
        "Failed lists and watches of the index, by reason"
    );
    describe_histogram!(
        "registry_console_index_list_duration_seconds",
        Unit::Seconds,
        "Duration of a complete list of image streams"
    );
    describe_gauge!(
        "registry_console_index_size_waiting",
        "Image streams that wait to be read for the sizes of their images"
    );
    describe_gauge!(
        "registry_console_index_size_images",
        "Images of which the size is in memory"
    );
    describe_gauge!(
        "registry_console_index_size_memory_bytes",
        Unit::Bytes,
        "Estimated memory of the sizes of images"
    );
    describe_counter!(
        "registry_console_index_size_requests_total",
        "Image streams that were read for the sizes of their images"
    );
    describe_counter!(
        "registry_console_index_size_failures_total",
        "Failed readings of image streams for the sizes of their images, by reason"
    );
    describe_gauge!(
        "registry_console_index_workloads_ready",
        "1 while the workloads of this kind are in the index, else 0"
    );
    describe_gauge!(
        "registry_console_index_workloads",
        "Workloads of this kind in the index"
    );
    describe_gauge!(
        "registry_console_index_workload_memory_bytes",
        Unit::Bytes,
        "Estimated memory of the workloads in the index"
    );
    describe_counter!(
        "registry_console_index_workload_watch_events_total",
        "Watch events of workloads"
    );
    describe_counter!(
        "registry_console_index_workload_failures_total",
        "Failed lists and watches of workloads for the index, by kind and reason"
    );
    describe_histogram!(
        "registry_console_index_workload_list_duration_seconds",
        Unit::Seconds,
        "Duration of a complete list of the workloads of this kind"
    );
    describe_gauge!("registry_console_connections", "Open connections");
    describe_counter!(
        "registry_console_closed_connections_total",
        "Connections closed by the server, by reason: evicted, stalled, no_capacity"
    );
    describe_gauge!(
        "registry_console_in_flight_bytes",
        Unit::Bytes,
        "Bytes of requests and responses in memory"
    );
    describe_counter!(
        "registry_console_refused_requests_total",
        "Requests refused before they were read, by reason"
    );
    describe_counter!(
        "registry_console_failed_handshakes_total",
        "Connections that ended before their TLS handshake was complete"
    );
    describe_counter!(
        "registry_console_accept_errors_total",
        "Failed accept calls"
    );
    describe_counter!(
        "registry_console_log_lines_dropped_total",
        "Log lines dropped because standard error was not read"
    );
    describe_gauge!(
        "registry_console_certificate_expiry_timestamp_seconds",
        Unit::Seconds,
        "Expiry of the console's own certificate, in seconds since 1970"
    );
    describe_counter!(
        "registry_console_certificate_reload_errors_total",
        "Failed reloads of the console's own certificate"
    );
}
