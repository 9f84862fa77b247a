//! The certificate authorities that upstreams may use.

/// The certificate authorities that are trusted for an upstream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trust {
    /// Those of the system.
    System,
    /// Only these: PEM text, one certificate or more.
    Only(String),
    /// These (PEM text) and those of the system.
    SystemAnd(String),
    /// No verification. Only for `KUBERNETES_INSECURE`, with a warning in the log.
    Unverified,
}
