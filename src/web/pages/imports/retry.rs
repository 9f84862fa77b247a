//! `POST /imports`: imports tags again and displays a result for each.

use askama::Template;
use axum::response::Response;
use serde::Serialize;

use super::query::query_of_form;
use crate::app::change::RefusalReason;
use crate::app::image_streams::{ImportAdvice, ImportFailureKind};
use crate::app::imports::{
    ImportTarget, ImportsQuery, MAX_RETRY_TARGETS, RetryOutcome, RetryResult,
};
use crate::i18n::Message;
use crate::web::context::SignedIn;
use crate::web::errors::WebError;
use crate::web::filters;
use crate::web::forms::{FormData, SubmitError};
use crate::web::import_results::failure_name;
use crate::web::links;
use crate::web::page_header::PageHeader;
use crate::web::render::{Area, Chrome, render};

/// How many bytes of targets a form may contain: less than the largest request body.
const MAX_TARGET_BYTES: usize = 40 << 10;

#[derive(Template, Serialize)]
#[template(path = "imports/retry.html")]
struct RetryPage {
    #[serde(skip)]
    chrome: Chrome,
    query: ImportsQuery,
    results: Vec<RetryResult>,
    /// How many more imports were requested than one form may contain.
    left_out: usize,
}

impl RetryPage {
    fn header(&self) -> PageHeader {
        let lang = self.chrome.lang;
        PageHeader::new(&self.chrome.title)
            .below(links::IMPORTS, lang.msg("imports"))
            .with_current(lang.msg("imports-results"))
    }

    /// The results of imports that were begun: failures first.
    fn begun(&self) -> Vec<&RetryResult> {
        let mut begun: Vec<&RetryResult> = self
            .results
            .iter()
            .filter(|result| !result.is_not_attempted())
            .collect();
        begun.sort_by_key(|result| result.is_imported());
        begun
    }

    /// What is to be continued.
    fn not_attempted(&self) -> Vec<&ImportTarget> {
        self.results
            .iter()
            .filter(|result| result.is_not_attempted())
            .map(|result| &result.target)
            .collect()
    }

    fn imported_count(&self) -> usize {
        self.results
            .iter()
            .filter(|result| result.is_imported())
            .count()
    }

    fn failed_count(&self) -> usize {
        self.begun().len() - self.imported_count()
    }

    fn summary(&self) -> Message {
        self.chrome
            .lang
            .msg("imports-results-summary")
            .arg("imported", self.imported_count())
            .arg("failed", self.failed_count())
    }

    /// The targets whose import can be repeated.
    fn failed(&self) -> Vec<&ImportTarget> {
        self.begun()
            .into_iter()
            .filter(|result| !result.is_imported())
            .map(|result| &result.target)
            .collect()
    }

    fn list_link(&self) -> String {
        links::imports(&self.query)
    }

    fn query_fields(&self) -> Vec<(&'static str, String)> {
        links::imports_fields(&self.query)
    }

    fn refusal(&self, result: &RetryResult) -> Option<SubmitError> {
        match &result.outcome {
            RetryOutcome::Refused { refusal } => Some(
                SubmitError::from_change_error_without_fields(refusal.clone(), self.chrome.lang),
            ),
            RetryOutcome::Tried { .. } | RetryOutcome::NotAttempted => None,
        }
    }

    fn failure_name(&self, advice: &Option<ImportAdvice>, reason: &str) -> String {
        failure_name(self.chrome.lang, advice.as_ref().map(|advice| advice.kind))
            .map_or_else(|| reason.to_owned(), |text| text.to_string())
    }

    /// Whose side a failure is on. `None` if it is not known.
    fn side(&self, result: &RetryResult) -> Option<Message> {
        let lang = self.chrome.lang;
        let kind = match &result.outcome {
            RetryOutcome::Tried { advice, .. } => advice.as_ref()?.kind,
            RetryOutcome::Refused { refusal } => {
                return match refusal.why {
                    RefusalReason::NotAllowed => Some(lang.msg("import-side-permissions")),
                    RefusalReason::NotReached
                    | RefusalReason::Unavailable
                    | RefusalReason::Busy
                    | RefusalReason::Uncertain => Some(lang.msg("import-side-api-server")),
                    RefusalReason::Contended | RefusalReason::NotThere => {
                        Some(lang.msg("import-side-stream"))
                    }
                    _ => Some(lang.msg("import-side-cluster")),
                };
            }
            RetryOutcome::NotAttempted => return None,
        };
        Some(match kind {
            ImportFailureKind::LoginRequired => lang.msg("import-side-pull-secret"),
            ImportFailureKind::NotFound | ImportFailureKind::WithoutTls => {
                lang.msg("import-side-source")
            }
            ImportFailureKind::UntrustedCertificate | ImportFailureKind::RegistryNotAllowed => {
                lang.msg("import-side-cluster")
            }
            ImportFailureKind::Unreachable => lang.msg("import-side-network"),
            ImportFailureKind::RateLimit => lang.msg("import-side-registry"),
        })
    }
}

/// Imports the tags that the form names: those of one button or of a list of results (`retry`), all
/// of a registry (`retry-host`), or all that the page showed (`do=shown`).
pub(in crate::web) async fn retry_imports(
    caller: SignedIn,
    form: FormData,
) -> Result<Response, WebError> {
    let query = query_of_form(&form);
    let named = |field: &'static str| -> Vec<ImportTarget> {
        form.all(field)
            .filter_map(|text| text.parse().ok())
            .collect()
    };
    let host = form.text("retry-host");
    let mut targets = if form.has("retry") {
        named("retry")
    } else if !host.is_empty() {
        let of_host = ImportsQuery {
            host: Some(host.to_owned()),
            ..query.clone()
        };
        caller.app().matching_imports(&of_host).await?
    } else {
        named("shown")
    };
    let left_out = targets.len() - form_capacity(&targets);
    targets.truncate(targets.len() - left_out);
    let results = caller.app().retry_imports(&targets).await?;
    let title = caller.context.lang.msg("imports-results").to_string();
    Ok(render(
        &caller.context,
        &RetryPage {
            chrome: caller.chrome(Area::Imports, title),
            query,
            results,
            left_out,
        },
    ))
}

/// How many of the targets one form can contain.
fn form_capacity(targets: &[ImportTarget]) -> usize {
    let mut bytes = 0;
    targets
        .iter()
        .take(MAX_RETRY_TARGETS)
        .take_while(|target| {
            // The name of the field, and the two characters that are escaped.
            bytes += target.to_string().len() + "&retry=".len() + 4;
            bytes <= MAX_TARGET_BYTES
        })
        .count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn form_contains_no_more_targets_than_a_request_may() {
        let target = |name: usize| format!("shop/cart:{name}").parse::<ImportTarget>().unwrap();
        let few: Vec<_> = (0..10).map(target).collect();
        assert_eq!(form_capacity(&few), 10);
        let many: Vec<_> = (0..3_000).map(target).collect();
        assert_eq!(form_capacity(&many), MAX_RETRY_TARGETS);
        let long = format!("shop/cart:{}", "x".repeat(120));
        let long: Vec<ImportTarget> = std::iter::repeat_n(long.parse().unwrap(), 400).collect();
        assert!(form_capacity(&long) < 400);
    }
}
