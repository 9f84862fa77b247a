//! The results of an import or a preview, in a table: `components/import_results.html`.

use crate::app::image_streams::{
    FailureReason, ImportAdvice, ImportFailureKind, ImportOutcome, ImportResult,
};
use crate::i18n::{Lang, Message};
use crate::web::render::Chrome;

/// A row of the table.
#[derive(Clone, Debug)]
pub(crate) struct ImportResultRow<'a> {
    pub(crate) result: &'a ImportResult,
    /// The pull spec of the source, if it is known. Untrusted.
    pub(crate) from: Option<&'a str>,
    /// What to do about a failure.
    pub(crate) advice: Option<ImportAdvice>,
    /// Where a form imports this tag again.
    pub(crate) retry_link: Option<String>,
}

impl<'a> ImportResultRow<'a> {
    /// A row for each result. `source_of` returns the pull spec that a result is about,
    /// `retry_link` where it can be repeated.
    pub(crate) fn from_results(
        results: &'a [ImportResult],
        project: &str,
        source_of: impl Fn(&ImportResult) -> Option<&'a str>,
        retry_link: impl Fn(&ImportResult) -> Option<String>,
    ) -> Vec<Self> {
        let row = |result: &'a ImportResult| {
            let from = source_of(result);
            let advice = match &result.outcome {
                ImportOutcome::Failed { reason, message } => {
                    ImportAdvice::new(reason, message, project, from)
                }
                ImportOutcome::Found { .. } | ImportOutcome::NotLookedAt => None,
            };
            Self {
                result,
                from,
                advice,
                retry_link: retry_link(result),
            }
        };
        results.iter().map(row).collect()
    }

    /// Where a failed import can be repeated.
    pub(crate) fn failed_retry_link(&self) -> Option<&str> {
        match self.result.outcome {
            ImportOutcome::Failed { .. } => self.retry_link.as_deref(),
            ImportOutcome::Found { .. } | ImportOutcome::NotLookedAt => None,
        }
    }

    /// What failed, in a few words.
    pub(crate) fn failure_name(&self, chrome: &Chrome, reason: &str) -> String {
        let kind = self.advice.as_ref().map(|advice| advice.kind);
        failure_text(chrome.lang, kind, reason)
    }
}

impl Chrome {
    /// Why an import failed, in a few words. Untrusted.
    pub(crate) fn import_failure_text(
        &self,
        advice: Option<&ImportAdvice>,
        reason: &str,
    ) -> String {
        failure_text(self.lang, advice.map(|advice| advice.kind), reason)
    }

    /// Why an import failed, in a few words.
    pub(crate) fn failure_text(&self, failure: &FailureReason) -> String {
        match failure_text(self.lang, failure.kind, &failure.reason) {
            text if text.is_empty() => self.lang.msg("import-failed").to_string(),
            text => text,
        }
    }
}

/// Why an import failed, in a few words: by its kind, otherwise by the API's reason, which may be
/// empty.
pub(crate) fn failure_text(lang: Lang, kind: Option<ImportFailureKind>, reason: &str) -> String {
    match failure_name(lang, kind) {
        Some(name) => name.to_string(),
        None if reason == "InternalError" => lang.msg("import-failure-internal").to_string(),
        None => reason.to_owned(),
    }
}

/// Whether a row of the table has a button that repeats its import. A single one is repeated by the
/// button of the form.
pub(crate) fn can_be_repeated(rows: &[ImportResultRow<'_>]) -> bool {
    rows.len() > 1 && rows.iter().any(|row| row.failed_retry_link().is_some())
}

/// What failed, in a few words. `None` for failures of an unknown kind.
fn failure_name(lang: Lang, kind: Option<ImportFailureKind>) -> Option<Message> {
    Some(match kind? {
        ImportFailureKind::LoginRequired => lang.msg("import-failure-login"),
        ImportFailureKind::NotFound => lang.msg("import-failure-not-found"),
        ImportFailureKind::UntrustedCertificate => lang.msg("import-failure-certificate"),
        ImportFailureKind::WithoutTls => lang.msg("import-failure-without-tls"),
        ImportFailureKind::Unreachable => lang.msg("import-failure-unreachable"),
        ImportFailureKind::RegistryNotAllowed => lang.msg("import-failure-not-allowed"),
        ImportFailureKind::RateLimit => lang.msg("import-failure-rate-limit"),
        ImportFailureKind::OverLimit => lang.msg("import-failure-over-limit"),
    })
}
