//! How much one peer may take.

use std::time::Duration;

/// The limits of a listener (S41, S42, R17, R20).
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// From the connection to the end of its TLS handshake; the first byte included.
    pub handshake: Duration,
    /// From the connection, or the end of the last request, to the end of a request's header
    /// (HTTP/1.1).
    pub headers: Duration,
    /// From the end of a request's header to the end of its body.
    pub body: Duration,
    /// Without any request under way, after which a connection is closed.
    pub idle: Duration,
    /// How often an HTTP/2 peer is asked for a sign of life.
    pub ping: Duration,
    /// How long it may take to give one.
    pub pong: Duration,
    /// How long a connection may say good-bye once its last request is done.
    pub farewell: Duration,
    /// How long new connections are still taken after the shutdown began, until every router has
    /// heard of it.
    pub linger: Duration,
    /// From the beginning of the shutdown to its end.
    pub drain: Duration,
    /// How long a peer may take nothing of what it is sent (S51).
    pub stall: Duration,
    /// The same while others need the place of its connection, or the bytes that it holds.
    pub patience: Duration,
    /// Bytes of a request's header with a session cookie, valid or not.
    pub header_bytes: u16,
    /// Bytes of a request's header without one.
    pub anonymous_header_bytes: u16,
    /// Fields of a request's header.
    pub header_fields: usize,
    /// Bytes of a request's body.
    pub body_bytes: usize,
    /// Requests at a time on one HTTP/2 connection.
    pub streams: u32,
    /// Bytes of a request's body that an HTTP/2 peer may send before they are read.
    pub stream_window: u32,
    /// The same for all requests of an HTTP/2 connection.
    pub connection_window: u32,
    /// Bytes of an HTTP/2 frame.
    pub frame: u32,
    /// Bytes of an answer that wait for the permission of an HTTP/2 peer to be sent.
    pub send_buffer: usize,
    /// Bytes that the kernel keeps of what one connection sends or receives.
    pub socket_buffer: usize,
    /// Bytes of headers, bodies and answers of all connections (S50). Requests without a session
    /// get half of them.
    pub in_flight: usize,
    /// Connections at a time. Generous: behind a passthrough route all peers share the router's
    /// address.
    pub connections: usize,
}

/// Memory that one connection may take at worst, for its TLS session, its buffers and the header
/// that is being read.
const CONNECTION_MEMORY: u64 = 128 << 10;

/// The part of the memory that headers, bodies and answers may take: one in so many.
const IN_FLIGHT_PART: u64 = 8;

/// What connections and bytes in flight are bounded by in any case.
const CONNECTIONS: std::ops::RangeInclusive<u64> = 64..=8192;
const IN_FLIGHT: std::ops::RangeInclusive<u64> = 4 << 20..=128 << 20;

impl Limits {
    /// Limits that fit into so many bytes of memory and so many open files; nothing where that is
    /// not limited.
    #[must_use]
    pub fn fitting(memory: Option<u64>, files: Option<u64>) -> Self {
        let within = |wanted: u64, range: std::ops::RangeInclusive<u64>| {
            usize::try_from(wanted.clamp(*range.start(), *range.end())).unwrap_or(usize::MAX)
        };
        let memory = memory.unwrap_or(u64::MAX);
        // A quarter of the files stays for upstreams, certificates and whatever else there is.
        let files = files.map_or(u64::MAX, |files| files / 4 * 3);
        Self {
            connections: within((memory / CONNECTION_MEMORY).min(files), CONNECTIONS),
            in_flight: within(memory / IN_FLIGHT_PART, IN_FLIGHT),
            ..Self::default()
        }
    }

    /// For a listener inside the cluster: probes and Prometheus.
    #[must_use]
    pub fn internal() -> Self {
        Self {
            connections: 64,
            in_flight: 4 << 20,
            ..Self::default()
        }
    }

    /// Headers that are a little too large are still parsed, so that the answer can say what is
    /// wrong; the HTTP library refuses larger ones by itself.
    pub(super) fn header_bytes_parsed(&self) -> usize {
        usize::from(self.header_bytes) + usize::from(self.header_bytes) / 2
    }

    /// The same for their number.
    pub(super) fn header_fields_parsed(&self) -> usize {
        self.header_fields * 2
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            handshake: Duration::from_secs(10),
            headers: Duration::from_secs(15),
            body: Duration::from_secs(30),
            idle: Duration::from_secs(60),
            ping: Duration::from_secs(20),
            pong: Duration::from_secs(10),
            farewell: Duration::from_secs(5),
            linger: Duration::from_secs(3),
            drain: Duration::from_secs(25),
            stall: Duration::from_secs(30),
            patience: Duration::from_secs(1),
            header_bytes: 16 << 10,
            anonymous_header_bytes: 8 << 10,
            header_fields: 100,
            body_bytes: 1 << 20,
            streams: 32,
            stream_window: 65_535,
            connection_window: 128 << 10,
            frame: 16 << 10,
            send_buffer: 64 << 10,
            socket_buffer: 64 << 10,
            in_flight: 128 << 20,
            connections: 8192,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_and_bytes_follow_the_memory_within_bounds() {
        let limits = |memory, files| {
            let limits = Limits::fitting(memory, files);
            (limits.connections, limits.in_flight)
        };
        assert_eq!(limits(Some(256 << 20), None), (2048, 32 << 20));
        assert_eq!(limits(Some(64 << 20), None), (512, 8 << 20));
        assert_eq!(limits(Some(1 << 20), None), (64, 4 << 20));
        assert_eq!(limits(Some(64 << 30), None), (8192, 128 << 20));
        assert_eq!(limits(None, None), (8192, 128 << 20));
        assert_eq!(limits(Some(256 << 20), Some(1024)), (768, 32 << 20));
    }
}
