//! The results of an import or a preview, in a table: `components/import_results.html`.

use crate::app::image_streams::{ImportAdvice, ImportFailureKind, ImportOutcome, ImportResult};
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

    /// What failed, in a few words.
    pub(crate) fn failure_name(&self, chrome: &Chrome, reason: &str) -> String {
        failure_name(chrome.lang, self.advice.as_ref().map(|advice| advice.kind))
            .map_or_else(|| reason.to_owned(), |text| text.to_string())
    }
}

/// What failed, in a few words. `None` for failures of an unknown kind.
pub(crate) fn failure_name(lang: Lang, kind: Option<ImportFailureKind>) -> Option<Message> {
    Some(match kind? {
        ImportFailureKind::LoginRequired => lang.msg("import-failure-login"),
        ImportFailureKind::NotFound => lang.msg("import-failure-not-found"),
        ImportFailureKind::UntrustedCertificate => lang.msg("import-failure-certificate"),
        ImportFailureKind::WithoutTls => lang.msg("import-failure-without-tls"),
        ImportFailureKind::Unreachable => lang.msg("import-failure-unreachable"),
        ImportFailureKind::RegistryNotAllowed => lang.msg("import-failure-not-allowed"),
        ImportFailureKind::RateLimit => lang.msg("import-failure-rate-limit"),
    })
}
