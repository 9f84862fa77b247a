//! Messages about an upstream without a secure connection: which upstream it is, what is wrong, and
//! which setting is responsible (S47).

use crate::app::failure::Upstream;
use crate::i18n::{Lang, Message};
use crate::outbound::{CertificateFault, TlsAlert, TlsAlertReason};

/// The variable that names the authorities for `upstream`.
pub(super) fn authorities_setting(upstream: Upstream) -> &'static str {
    match upstream {
        Upstream::ApiServer => "KUBERNETES_CA_DATA",
        Upstream::Oauth => "OAUTH_CA_FILE",
        Upstream::Oidc => "OIDC_CA_FILE",
        Upstream::Registry => "REGISTRY_CA_FILE",
        Upstream::Storage => "REGISTRY_BLOB_CA_FILE",
    }
}

/// The name of an upstream in a sentence.
pub(super) fn upstream_name(upstream: Upstream, lang: Lang) -> Message {
    match upstream {
        Upstream::ApiServer => lang.msg("upstream-api-server"),
        Upstream::Oauth => lang.msg("upstream-oauth"),
        Upstream::Oidc => lang.msg("upstream-oidc"),
        Upstream::Registry => lang.msg("upstream-registry"),
        Upstream::Storage => lang.msg("upstream-storage"),
    }
}

pub(super) fn fault_title(fault: CertificateFault, lang: Lang) -> Message {
    if fault.is_about_certificate() {
        lang.msg("error-untrusted-title")
    } else {
        lang.msg("error-no-secure-connection-title")
    }
}

pub(super) fn fault_text(upstream: Upstream, fault: CertificateFault, lang: Lang) -> Message {
    let text = match fault {
        CertificateFault::UntrustedAuthority => lang.msg("error-untrusted-authority"),
        CertificateFault::OutsideValidity => lang.msg("error-untrusted-time"),
        CertificateFault::WrongHost => lang.msg("error-untrusted-host"),
        CertificateFault::Alert(alert) => return alert_text(upstream, alert, lang),
        CertificateFault::IssuerMissing => lang.msg("error-untrusted-issuer-missing"),
        CertificateFault::NoNames => lang.msg("error-untrusted-no-names"),
        CertificateFault::OldVersion => lang.msg("error-untrusted-old-version"),
        CertificateFault::WeakKey => lang.msg("error-untrusted-weak-key"),
        CertificateFault::WeakSignature => lang.msg("error-untrusted-weak-signature"),
        CertificateFault::AuthorityAsServer => lang.msg("error-untrusted-authority-as-server"),
        CertificateFault::NotForServers => lang.msg("error-untrusted-not-for-servers"),
        CertificateFault::Other => lang.msg("error-untrusted-other"),
    };
    text.arg("upstream", upstream_name(upstream, lang))
}

/// What to do about it: a setting of the console is responsible, or the server needs another
/// certificate, or the connection is the problem.
pub(super) fn fault_hint(upstream: Upstream, fault: CertificateFault, lang: Lang) -> Message {
    let text = match fault {
        CertificateFault::UntrustedAuthority
        | CertificateFault::OutsideValidity
        | CertificateFault::WrongHost => lang.msg("error-untrusted-hint"),
        CertificateFault::IssuerMissing | CertificateFault::AuthorityAsServer => {
            lang.msg("error-untrusted-issuer-hint")
        }
        CertificateFault::NoNames
        | CertificateFault::OldVersion
        | CertificateFault::WeakKey
        | CertificateFault::WeakSignature
        | CertificateFault::NotForServers => lang.msg("error-untrusted-new-hint"),
        CertificateFault::Alert(_) | CertificateFault::Other => {
            return lang.msg("error-no-secure-connection-hint");
        }
    };
    text.arg("setting", authorities_setting(upstream))
}

/// The TLS alert with which an upstream ended the handshake, and what it means.
pub(super) fn alert_text(upstream: Upstream, alert: TlsAlert, lang: Lang) -> Message {
    with_alert(lang.msg("tls-alert"), alert, lang).arg("upstream", upstream_name(upstream, lang))
}

/// The same for object storage, as the end of a sentence about it.
pub(super) fn storage_alert_text(alert: TlsAlert, lang: Lang) -> Message {
    with_alert(lang.msg("storage-tls-alert"), alert, lang)
}

fn with_alert(text: Message, alert: TlsAlert, lang: Lang) -> Message {
    let reason = match alert.reason() {
        TlsAlertReason::ProtocolVersion => lang.msg("tls-alert-protocol-version"),
        TlsAlertReason::NothingInCommon => lang.msg("tls-alert-nothing-in-common"),
        TlsAlertReason::ClientCertificate => lang.msg("tls-alert-client-certificate"),
        TlsAlertReason::UnknownName => lang.msg("tls-alert-unknown-name"),
        TlsAlertReason::Refused => lang.msg("tls-alert-refused"),
        TlsAlertReason::ServerFailed => lang.msg("tls-alert-server-failed"),
        TlsAlertReason::Other => lang.msg("tls-alert-other"),
    };
    text.arg("alert", alert.to_string()).arg("reason", reason)
}
