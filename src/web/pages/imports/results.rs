//! The table with the result of each import that was repeated: `components/retry_results.html`.

use crate::app::change::RefusalReason;
use crate::app::image_streams::{ImportAdvice, ImportFailureKind};
use crate::app::imports::{ImportsQuery, RetryOutcome, RetryResult};
use crate::i18n::{Lang, Message};
use crate::web::forms::SubmitError;
use crate::web::import_results::failure_text;
use crate::web::links;

/// The results of a page.
pub(super) struct ResultTable<'v> {
    lang: Lang,
    pub(super) results: Vec<&'v RetryResult>,
    /// The list of imports to return to, as hidden fields.
    pub(super) query_fields: Vec<(&'static str, String)>,
}

impl<'v> ResultTable<'v> {
    pub(super) fn new(
        lang: Lang,
        results: impl IntoIterator<Item = &'v RetryResult>,
        query: &ImportsQuery,
    ) -> Self {
        Self {
            lang,
            results: results.into_iter().collect(),
            query_fields: links::imports_fields(query),
        }
    }

    pub(super) fn refusal(&self, result: &RetryResult) -> Option<SubmitError> {
        match &result.outcome {
            RetryOutcome::Refused { refusal } => Some(
                SubmitError::from_change_error_without_fields(refusal.clone(), self.lang),
            ),
            RetryOutcome::Tried { .. } | RetryOutcome::NotAttempted => None,
        }
    }

    pub(super) fn failure_name(&self, advice: &Option<ImportAdvice>, reason: &str) -> String {
        failure_text(self.lang, advice.as_ref().map(|advice| advice.kind), reason)
    }

    /// Whose side a failure is on. `None` if it is not known.
    pub(super) fn side(&self, result: &RetryResult) -> Option<Message> {
        match &result.outcome {
            RetryOutcome::Tried { advice, .. } => {
                Some(failure_side(self.lang, advice.as_ref()?.kind))
            }
            RetryOutcome::Refused { refusal } => Some(refusal_side(self.lang, refusal.why)),
            RetryOutcome::NotAttempted => None,
        }
    }
}

fn failure_side(lang: Lang, kind: ImportFailureKind) -> Message {
    match kind {
        ImportFailureKind::LoginRequired => lang.msg("import-side-pull-secret"),
        ImportFailureKind::NotFound | ImportFailureKind::WithoutTls => {
            lang.msg("import-side-source")
        }
        ImportFailureKind::UntrustedCertificate
        | ImportFailureKind::RegistryNotAllowed
        | ImportFailureKind::OverLimit => lang.msg("import-side-cluster"),
        ImportFailureKind::Unreachable => lang.msg("import-side-network"),
        ImportFailureKind::RateLimit => lang.msg("import-side-registry"),
    }
}

fn refusal_side(lang: Lang, why: RefusalReason) -> Message {
    match why {
        RefusalReason::NotAllowed => lang.msg("import-side-permissions"),
        RefusalReason::NotReached
        | RefusalReason::Unavailable
        | RefusalReason::Busy
        | RefusalReason::Uncertain => lang.msg("import-side-api-server"),
        RefusalReason::Contended | RefusalReason::NotThere => lang.msg("import-side-stream"),
        _ => lang.msg("import-side-cluster"),
    }
}
