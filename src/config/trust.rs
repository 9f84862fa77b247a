//! Whose certificates an upstream may show.

/// The certificate authorities that are believed for one upstream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trust {
    /// What the machine trusts.
    System,
    /// These and no others: PEM text, one certificate or more.
    Only(String),
    /// These (PEM text) and what the machine trusts.
    SystemAnd(String),
    /// Anybody. Only for `KUBERNETES_INSECURE`, and said loudly in the log.
    Unverified,
}
