//! Words for an upstream whose certificate is not believed: which side it is, what is wrong, and which setting decides it (S47).

use crate::console::Upstream;
use crate::i18n::{Lang, Message};
use crate::outbound::CertificateFault;

/// The variable that names the authorities for `upstream`.
pub(super) fn setting(upstream: Upstream) -> &'static str {
    match upstream {
        Upstream::Master => "KUBERNETES_CA_DATA",
        Upstream::Oauth => "OAUTH_CA_FILE",
        Upstream::Registry => "REGISTRY_CA_FILE",
        Upstream::Storage => "REGISTRY_BLOB_CA_FILE",
    }
}

/// What it is called in a sentence.
pub(super) fn name(upstream: Upstream, lang: Lang) -> Message {
    match upstream {
        Upstream::Master => lang.msg("upstream-master"),
        Upstream::Oauth => lang.msg("upstream-oauth"),
        Upstream::Registry => lang.msg("upstream-registry"),
        Upstream::Storage => lang.msg("upstream-storage"),
    }
}

/// What is wrong.
pub(super) fn text(upstream: Upstream, fault: CertificateFault, lang: Lang) -> Message {
    let text = match fault {
        CertificateFault::Authority => lang.msg("error-untrusted-authority"),
        CertificateFault::Time => lang.msg("error-untrusted-time"),
        CertificateFault::Host => lang.msg("error-untrusted-host"),
        CertificateFault::Other => lang.msg("error-untrusted-other"),
    };
    text.arg("upstream", name(upstream, lang))
}

/// What to do about it.
pub(super) fn hint(upstream: Upstream, lang: Lang) -> Message {
    lang.msg("error-untrusted-hint").arg("setting", setting(upstream))
}
