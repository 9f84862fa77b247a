//! Messages about object storage to which the registry redirects and that could not be read.

use crate::app::storage_failure::{StorageFailure, StorageFailureReason};
use crate::i18n::{Lang, Message};
use crate::web::tls_messages;

/// Where the blob is stored, why it could not be read, and which setting helps.
pub(super) fn storage_error_message(failure: &StorageFailure, lang: Lang) -> Message {
    let reason = failure.tls_alert.map_or_else(
        || reason_message(failure.why, lang),
        |alert| tls_messages::storage_alert_text(alert, lang),
    );
    let reason = reason
        .arg("status", failure.status.unwrap_or_default().to_string())
        .to_string();
    match &failure.host {
        Some(host) => lang
            .msg("storage-trouble")
            .arg("host", host)
            .arg("reason", reason),
        None => lang.msg("storage-trouble-nowhere").arg("reason", reason),
    }
}

fn reason_message(why: StorageFailureReason, lang: Lang) -> Message {
    match why {
        StorageFailureReason::Off => lang.msg("storage-off"),
        StorageFailureReason::NoAddress => lang.msg("storage-no-address"),
        StorageFailureReason::NotHttps => lang.msg("storage-not-https"),
        StorageFailureReason::ForbiddenAddress => lang.msg("storage-forbidden-address"),
        StorageFailureReason::RedirectedAgain => lang.msg("storage-redirected-again"),
        StorageFailureReason::Refused => lang.msg("storage-refused"),
        StorageFailureReason::DigestMismatch => lang.msg("storage-digest-mismatch"),
        StorageFailureReason::UnknownAuthority => lang.msg("storage-unknown-authority"),
        StorageFailureReason::Untrusted => lang.msg("storage-untrusted"),
        StorageFailureReason::NoSecureConnection => lang.msg("storage-no-secure-connection"),
        StorageFailureReason::Unreachable => lang.msg("storage-unreachable"),
        StorageFailureReason::Late => lang.msg("storage-late"),
        StorageFailureReason::TooLarge => lang.msg("storage-too-large"),
    }
}
