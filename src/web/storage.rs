//! Words for object storage that the registry redirects to and that could not be read.

use super::distrust;
use crate::app::storage_trouble::{StorageTrouble, StorageWhy};
use crate::i18n::{Lang, Message};

/// Where the blob is, what kept the console from it, and which setting helps.
pub(super) fn trouble(trouble: &StorageTrouble, lang: Lang) -> Message {
    let reason = trouble.tls_alert.map_or_else(
        || reason(trouble.why, lang),
        |alert| distrust::storage_alert(alert, lang),
    );
    let reason = reason
        .arg("status", trouble.status.unwrap_or_default().to_string())
        .to_string();
    match &trouble.host {
        Some(host) => lang
            .msg("storage-trouble")
            .arg("host", host)
            .arg("reason", reason),
        None => lang.msg("storage-trouble-nowhere").arg("reason", reason),
    }
}

fn reason(why: StorageWhy, lang: Lang) -> Message {
    match why {
        StorageWhy::Off => lang.msg("storage-off"),
        StorageWhy::NoAddress => lang.msg("storage-no-address"),
        StorageWhy::NotHttps => lang.msg("storage-not-https"),
        StorageWhy::ForbiddenAddress => lang.msg("storage-forbidden-address"),
        StorageWhy::RedirectedAgain => lang.msg("storage-redirected-again"),
        StorageWhy::Refused => lang.msg("storage-refused"),
        StorageWhy::DigestMismatch => lang.msg("storage-digest-mismatch"),
        StorageWhy::UnknownAuthority => lang.msg("storage-unknown-authority"),
        StorageWhy::Untrusted => lang.msg("storage-untrusted"),
        StorageWhy::NoSecureConnection => lang.msg("storage-no-secure-connection"),
        StorageWhy::Unreachable => lang.msg("storage-unreachable"),
        StorageWhy::Late => lang.msg("storage-late"),
        StorageWhy::TooLarge => lang.msg("storage-too-large"),
    }
}
