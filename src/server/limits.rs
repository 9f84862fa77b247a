//! The limits of a listener and of each of its connections.

use std::time::Duration;

/// The limits of a listener (S41, S42, R17, R20).
#[derive(Clone, Copy, Debug)]
pub struct ServerLimits {
    /// From the connection to the end of its TLS handshake, including the first byte.
    pub handshake_timeout: Duration,
    /// From the connection, or the end of the last request, to the end of a request's header
    /// (HTTP/1.1).
    pub header_timeout: Duration,
    /// From the end of a request's header to the end of its body.
    pub body_timeout: Duration,
    /// How long a connection without an active request stays open.
    pub idle_timeout: Duration,
    /// How often an HTTP/2 peer is pinged.
    pub ping_interval: Duration,
    /// How long an HTTP/2 peer may take to answer a ping.
    pub ping_timeout: Duration,
    /// How long the graceful end of a connection may take once its last request is done.
    pub close_timeout: Duration,
    /// How long new connections are accepted after the shutdown began, until all routers know of
    /// it.
    pub shutdown_delay: Duration,
    /// From the beginning of the shutdown to its end.
    pub drain_timeout: Duration,
    /// How long a peer may read nothing of what is sent (S51).
    pub stall_timeout: Duration,
    /// The same while others need its connection or the bytes that it holds.
    pub contended_stall_timeout: Duration,
    /// The bytes of a request's header with a session cookie, valid or not.
    pub max_header_bytes: u16,
    /// The bytes of a request's header without one.
    pub max_anonymous_header_bytes: u16,
    /// The fields of a request's header.
    pub max_header_fields: usize,
    /// The bytes of a request's body.
    pub max_body_bytes: usize,
    /// The concurrent requests of an HTTP/2 connection.
    pub max_http2_streams: u32,
    /// The bytes of a request's body that an HTTP/2 peer may send before they are read.
    pub http2_stream_window_bytes: u32,
    /// The same for all requests of an HTTP/2 connection.
    pub http2_connection_window_bytes: u32,
    /// The bytes of an HTTP/2 frame.
    pub max_http2_frame_bytes: u32,
    /// The bytes of a response that wait for an HTTP/2 peer's window.
    pub http2_send_buffer_bytes: usize,
    /// The bytes that the kernel buffers in each direction of a connection.
    pub socket_buffer_bytes: usize,
    /// The bytes of headers, bodies and responses of all connections (S50). Requests without a
    /// session get half of them.
    pub max_in_flight_bytes: usize,
    /// The concurrent connections. Generous: behind a passthrough route all peers share the
    /// router's address.
    pub max_connections: usize,
}

/// The memory that a connection takes at most for its TLS session, its buffers and the header that
/// is being read.
const MAX_CONNECTION_BYTES: u64 = 128 << 10;

/// The share of the memory for headers, bodies and responses: one in so many.
const IN_FLIGHT_MEMORY_DIVISOR: u64 = 8;

/// The bounds of the number of connections, whatever the resources are.
const MAX_CONNECTIONS_RANGE: std::ops::RangeInclusive<u64> = 64..=8192;
const MAX_IN_FLIGHT_BYTES_RANGE: std::ops::RangeInclusive<u64> = 4 << 20..=128 << 20;

impl ServerLimits {
    /// Limits for so many bytes of memory and so many open files; `None` if they are not limited.
    #[must_use]
    pub fn from_capacity(memory: Option<u64>, files: Option<u64>) -> Self {
        let within = |wanted: u64, range: std::ops::RangeInclusive<u64>| {
            usize::try_from(wanted.clamp(*range.start(), *range.end())).unwrap_or(usize::MAX)
        };
        let memory = memory.unwrap_or(u64::MAX);
        // A quarter of the files is left for upstreams, certificates and others.
        let files = files.map_or(u64::MAX, |files| files / 4 * 3);
        Self {
            max_connections: within(
                (memory / MAX_CONNECTION_BYTES).min(files),
                MAX_CONNECTIONS_RANGE,
            ),
            max_in_flight_bytes: within(
                memory / IN_FLIGHT_MEMORY_DIVISOR,
                MAX_IN_FLIGHT_BYTES_RANGE,
            ),
            ..Self::default()
        }
    }

    /// The limits of a listener inside the cluster: probes and Prometheus.
    #[must_use]
    pub fn for_metrics_listener() -> Self {
        Self {
            max_connections: 64,
            max_in_flight_bytes: 4 << 20,
            ..Self::default()
        }
    }

    /// Headers that are slightly too large are still parsed, so that the response can say what is
    /// wrong; the HTTP library refuses larger ones itself.
    pub(super) fn parser_header_bytes(&self) -> usize {
        usize::from(self.max_header_bytes) + usize::from(self.max_header_bytes) / 2
    }

    /// The same for the number of fields.
    pub(super) fn parser_header_fields(&self) -> usize {
        self.max_header_fields * 2
    }
}

impl Default for ServerLimits {
    fn default() -> Self {
        Self {
            handshake_timeout: Duration::from_secs(10),
            header_timeout: Duration::from_secs(15),
            body_timeout: Duration::from_secs(30),
            idle_timeout: Duration::from_secs(60),
            ping_interval: Duration::from_secs(20),
            ping_timeout: Duration::from_secs(10),
            close_timeout: Duration::from_secs(5),
            shutdown_delay: Duration::from_secs(3),
            drain_timeout: Duration::from_secs(25),
            stall_timeout: Duration::from_secs(30),
            contended_stall_timeout: Duration::from_secs(1),
            max_header_bytes: 16 << 10,
            max_anonymous_header_bytes: 8 << 10,
            max_header_fields: 100,
            max_body_bytes: 1 << 20,
            max_http2_streams: 32,
            http2_stream_window_bytes: 65_535,
            http2_connection_window_bytes: 128 << 10,
            max_http2_frame_bytes: 16 << 10,
            http2_send_buffer_bytes: 64 << 10,
            socket_buffer_bytes: 64 << 10,
            max_in_flight_bytes: 128 << 20,
            max_connections: 8192,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_scale_with_memory_within_bounds() {
        let limits = |memory, files| {
            let limits = ServerLimits::from_capacity(memory, files);
            (limits.max_connections, limits.max_in_flight_bytes)
        };
        assert_eq!(limits(Some(256 << 20), None), (2048, 32 << 20));
        assert_eq!(limits(Some(64 << 20), None), (512, 8 << 20));
        assert_eq!(limits(Some(1 << 20), None), (64, 4 << 20));
        assert_eq!(limits(Some(64 << 30), None), (8192, 128 << 20));
        assert_eq!(limits(None, None), (8192, 128 << 20));
        assert_eq!(limits(Some(256 << 20), Some(1024)), (768, 32 << 20));
    }
}
