//! Listeners: TLS and plain HTTP on one port, certificates, limits, graceful drain.
