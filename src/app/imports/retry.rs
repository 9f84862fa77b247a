//! Imports tags again: a few within the time of one page, many in a job.

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::str::FromStr;

use futures_util::{StreamExt, stream};
use serde::{Serialize, Serializer};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use crate::app::AppForUser;
use crate::app::change::{ChangeError, Refusal, RefusalReason};
use crate::app::change_lock::{AttemptError, ChangeDeadlines};
use crate::app::failure::Failure;
use crate::app::image_streams::{ImportAdvice, ImportOutcome, ImportPlan, ImportResult};
use registry_model::{ImageStreamName, ProjectName, TagName};

/// How many image streams are imported concurrently.
pub(in crate::app) const MAX_CONCURRENT_IMPORTS: usize = 4;

/// How many tags one request imports: the API server answers only after the last of them.
const MAX_TAGS_PER_REQUEST: usize = 20;

/// What is to be imported: a tag, or everything that an image stream follows. As text
/// `project/stream:tag` or `project/stream`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ImportTarget {
    pub project: ProjectName,
    pub stream: ImageStreamName,
    pub tag: Option<TagName>,
}

impl fmt::Display for ImportTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.project, self.stream)?;
        match &self.tag {
            Some(tag) => write!(f, ":{tag}"),
            None => Ok(()),
        }
    }
}

impl Serialize for ImportTarget {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl PartialSchema for ImportTarget {
    fn schema() -> RefOr<Schema> {
        String::schema()
    }
}

impl ToSchema for ImportTarget {}

/// Text that is not an [`ImportTarget`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParseImportTargetError;

impl FromStr for ImportTarget {
    type Err = ParseImportTargetError;

    fn from_str(text: &str) -> Result<Self, ParseImportTargetError> {
        let (project, image) = text.split_once('/').ok_or(ParseImportTargetError)?;
        let (stream, tag) = match image.split_once(':') {
            Some((stream, tag)) => (stream, Some(tag)),
            None => (image, None),
        };
        Ok(Self {
            project: project.parse().map_err(|_| ParseImportTargetError)?,
            stream: stream.parse().map_err(|_| ParseImportTargetError)?,
            tag: tag
                .map(str::parse)
                .transpose()
                .map_err(|_| ParseImportTargetError)?,
        })
    }
}

/// What the user chose to import again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RetrySelection {
    pub targets: Vec<ImportTarget>,
    /// How many more were chosen that the user may not import.
    pub not_allowed: usize,
}

impl From<Vec<ImportTarget>> for RetrySelection {
    fn from(targets: Vec<ImportTarget>) -> Self {
        Self {
            targets,
            not_allowed: 0,
        }
    }
}

/// What became of an [`ImportTarget`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct RetryResult {
    pub target: ImportTarget,
    /// The pull spec of the source, if it is known. Untrusted.
    pub from: Option<String>,
    #[serde(flatten)]
    pub outcome: RetryOutcome,
}

/// The outcome of an import that was to be repeated.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(tag = "outcome", rename_all = "kebab-case")]
pub enum RetryOutcome {
    /// The API server tried to import it.
    Tried {
        result: ImportResult,
        /// What to do about a failure.
        advice: Option<ImportAdvice>,
    },
    /// The API server refused the request, or could not be reached.
    Refused { refusal: Refusal },
    /// There was no time left to begin. Nothing was changed.
    NotAttempted,
}

impl RetryResult {
    /// Whether the image was imported.
    #[must_use]
    pub fn is_imported(&self) -> bool {
        matches!(&self.outcome, RetryOutcome::Tried { result, .. }
            if !matches!(result.outcome, ImportOutcome::Failed { .. }))
    }

    #[must_use]
    pub fn is_not_attempted(&self) -> bool {
        self.outcome == RetryOutcome::NotAttempted
    }
}

/// Targets that one request imports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::app) struct ImportBatch {
    project: ProjectName,
    stream: ImageStreamName,
    /// `None`: everything that the image stream follows.
    tags: Option<Vec<TagName>>,
}

impl ImportBatch {
    /// The batches of each image stream, with at most `max_tags` tags in each, in the order of the
    /// targets. Duplicates are left out.
    pub(in crate::app) fn by_stream(targets: &[ImportTarget], max_tags: usize) -> Vec<Vec<Self>> {
        let mut seen = BTreeSet::new();
        let mut positions = HashMap::new();
        let mut streams: Vec<Vec<Self>> = Vec::new();
        for target in targets {
            if !seen.insert(target) {
                continue;
            }
            let position = *positions
                .entry((&target.project, &target.stream))
                .or_insert_with(|| {
                    streams.push(Vec::new());
                    streams.len() - 1
                });
            let batches = &mut streams[position];
            let open = batches
                .iter_mut()
                .filter_map(|batch| batch.tags.as_mut())
                .next_back()
                .filter(|tags| tags.len() < max_tags);
            match (open, &target.tag) {
                (Some(tags), Some(tag)) => tags.push(tag.clone()),
                (_, tag) => batches.push(Self {
                    project: target.project.clone(),
                    stream: target.stream.clone(),
                    tags: tag.clone().map(|tag| vec![tag]),
                }),
            }
        }
        streams
    }

    /// How many targets it has.
    pub(in crate::app) fn len(&self) -> usize {
        self.tags.as_ref().map_or(1, Vec::len)
    }

    fn target(&self, tag: Option<TagName>) -> ImportTarget {
        ImportTarget {
            project: self.project.clone(),
            stream: self.stream.clone(),
            tag,
        }
    }

    /// The same outcome for each target.
    pub(in crate::app) fn results(&self, outcome: &RetryOutcome) -> Vec<RetryResult> {
        let tags: Vec<Option<TagName>> = match &self.tags {
            Some(tags) => tags.iter().cloned().map(Some).collect(),
            None => vec![None],
        };
        let result = |tag| RetryResult {
            target: self.target(tag),
            from: None,
            outcome: outcome.clone(),
        };
        tags.into_iter().map(result).collect()
    }

    /// The results of the API server. A tag without one no longer tracks anything.
    fn tried(&self, plan: &ImportPlan, results: Vec<ImportResult>) -> Vec<RetryResult> {
        let missing: Vec<TagName> = self.tags.iter().flatten().cloned().collect();
        let missing = missing
            .into_iter()
            .filter(|tag| results.iter().all(|result| result.tag != tag.as_str()))
            .map(|tag| RetryResult {
                target: self.target(Some(tag)),
                from: None,
                outcome: RetryOutcome::Refused {
                    refusal: Refusal::from_reason(RefusalReason::NotThere),
                },
            });
        let missing: Vec<RetryResult> = missing.collect();
        let tried = results.into_iter().map(|result| {
            let from = plan.source_of(&result).map(str::to_owned);
            let advice = match &result.outcome {
                ImportOutcome::Failed { reason, message } => {
                    ImportAdvice::new(reason, message, self.project.as_str(), from.as_deref())
                }
                ImportOutcome::Found { .. } | ImportOutcome::NotLookedAt => None,
            };
            RetryResult {
                target: self.target(result.tag.parse().ok()),
                from,
                outcome: RetryOutcome::Tried { result, advice },
            }
        });
        tried.chain(missing).collect()
    }
}

impl AppForUser<'_> {
    /// Imports the targets again, several image streams at a time, and those that could not be
    /// begun in the time of a page not at all.
    ///
    /// # Errors
    ///
    /// [`Failure::SignInRequired`]. Everything else is the outcome of a target.
    pub async fn retry_imports(
        &self,
        targets: &[ImportTarget],
    ) -> Result<Vec<RetryResult>, Failure> {
        let time = ChangeDeadlines::from_now();
        let streams = stream::iter(ImportBatch::by_stream(targets, MAX_TAGS_PER_REQUEST))
            .map(async |batches| {
                let mut results = Vec::new();
                for batch in &batches {
                    results.extend(self.retry_batch(batch, time).await?);
                }
                Ok(results)
            })
            .buffered(MAX_CONCURRENT_IMPORTS);
        let results: Vec<Result<Vec<RetryResult>, Failure>> = streams.collect().await;
        let mut all = Vec::with_capacity(targets.len());
        for results in results {
            all.extend(results?);
        }
        Ok(all)
    }

    /// Imports the targets of a batch, within `time`.
    ///
    /// # Errors
    ///
    /// [`Failure::SignInRequired`]. Everything else is the outcome of a target.
    pub(in crate::app) async fn retry_batch(
        &self,
        batch: &ImportBatch,
        time: ChangeDeadlines,
    ) -> Result<Vec<RetryResult>, Failure> {
        let import = async {
            let mut turn = self
                .lock_stream(&batch.project, &batch.stream, time)
                .await?;
            loop {
                let (project, stream) = (&batch.project, &batch.stream);
                let tried = match &batch.tags {
                    Some(tags) => self.api_server.reimport_tags(project, stream, tags).await,
                    None => self.api_server.reimport_all(project, stream).await,
                };
                let tried = tried.map_err(AttemptError::from);
                if let Some(done) = turn.finish_attempt(tried).await? {
                    return Ok(done);
                }
            }
        };
        Ok(match time.run_before_deadline(import).await {
            Ok((plan, results)) => batch.tried(&plan, results),
            Err(ChangeError::Refused(refusal)) if refusal.why == RefusalReason::NotBegun => {
                batch.results(&RetryOutcome::NotAttempted)
            }
            Err(ChangeError::Refused(refusal)) => batch.results(&RetryOutcome::Refused { refusal }),
            Err(ChangeError::Failure(Failure::SignInRequired)) => {
                return Err(Failure::SignInRequired);
            }
            Err(ChangeError::Failure(failure)) => batch.results(&RetryOutcome::Refused {
                refusal: Refusal {
                    detail: failure.upstream_message().unwrap_or_default().to_owned(),
                    ..Refusal::from_reason(RefusalReason::Uncertain)
                },
            }),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn targets(texts: &[&str]) -> Vec<ImportTarget> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn target_text_round_trips() {
        for text in ["shop/cart:1.0", "shop/cart"] {
            assert_eq!(text.parse::<ImportTarget>().unwrap().to_string(), text);
        }
        for bad in [
            "",
            "shop",
            "shop/",
            "shop/cart:",
            "shop/cart:-x",
            "a/b/c",
            "Shop/cart",
        ] {
            assert!(bad.parse::<ImportTarget>().is_err(), "{bad}");
        }
    }

    #[test]
    fn tags_of_a_stream_are_imported_by_one_request() {
        let seen = |targets: &[ImportTarget], max_tags| -> Vec<Vec<(String, usize)>> {
            let describe = |batch: &ImportBatch| (batch.target(None).to_string(), batch.len());
            ImportBatch::by_stream(targets, max_tags)
                .iter()
                .map(|batches| batches.iter().map(describe).collect())
                .collect()
        };
        let some = targets(&[
            "a/x:1", "b/y:1", "a/x:2", "a/x:1", "a/z", "a/z:3", "a/z", "a/x:3",
        ]);
        let (x, y, z) = ("a/x".to_owned(), "b/y".to_owned(), "a/z".to_owned());
        assert_eq!(
            seen(&some, 2),
            [
                vec![(x.clone(), 2), (x.clone(), 1)],
                vec![(y, 1)],
                vec![(z.clone(), 1), (z, 1)],
            ]
        );
        let many: Vec<String> = (0..45).map(|tag| format!("a/x:{tag}")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        assert_eq!(
            seen(&targets(&many), 20),
            [vec![(x.clone(), 20), (x.clone(), 20), (x, 5)]]
        );
    }

    #[test]
    fn tag_without_a_result_is_reported() {
        let batch = ImportBatch {
            project: "a".parse().unwrap(),
            stream: "x".parse().unwrap(),
            tags: Some(vec!["1".parse().unwrap(), "2".parse().unwrap()]),
        };
        let result = ImportResult {
            tag: "1".to_owned(),
            outcome: ImportOutcome::NotLookedAt,
        };
        let results = batch.tried(&ImportPlan::default(), vec![result]);
        assert!(results[0].is_imported());
        assert!(
            matches!(&results[1].outcome, RetryOutcome::Refused { refusal } if refusal.why == RefusalReason::NotThere)
        );
    }
}
