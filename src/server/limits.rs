//! How much one peer may take.

use std::time::Duration;

/// The limits of a listener (S41, S42, R17, R20).
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// From the connection to the end of its TLS handshake; the first byte included.
    pub handshake: Duration,
    /// From the connection, or the end of the last request, to the end of a request's header (HTTP/1.1).
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
    /// How long new connections are still taken after the shutdown began, until every router has heard of it.
    pub linger: Duration,
    /// From the beginning of the shutdown to its end.
    pub drain: Duration,
    /// Bytes of a request's header.
    pub header_bytes: u16,
    /// Fields of a request's header.
    pub header_fields: usize,
    /// Bytes of a request's body.
    pub body_bytes: usize,
    /// Requests at a time on one HTTP/2 connection.
    pub streams: u32,
    /// Connections at a time. Generous: behind a passthrough route all peers share the router's address.
    pub connections: usize,
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
            header_bytes: 16 << 10,
            header_fields: 100,
            body_bytes: 1 << 20,
            streams: 100,
            connections: 8192,
        }
    }
}
