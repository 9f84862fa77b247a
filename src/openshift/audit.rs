//! The audit log: an event for each change that the API server is asked for.

use serde::Deserialize;

use super::requests::IMAGE_STREAM_TAGS;
use super::{ApiStatus, ImportOutcome, ImportResult};
use crate::config::AUDIT_TARGET;
use crate::outbound::{
    ChangedObject, Request, RequestChannel, RequestOrigin, TransportError, UpstreamResponse,
};
use registry_model::{Digest, ImageStreamName, ProjectName, json};

/// The result of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ChangeResult {
    Made,
    /// The API server answered with a client error: nothing was changed.
    Refused,
    /// The request did not reach the API server: nothing was changed.
    NotSent,
    /// There is no answer, or one that does not say whether the change was made.
    Unknown,
}

impl ChangeResult {
    fn as_str(self) -> &'static str {
        match self {
            Self::Made => "made",
            Self::Refused => "refused",
            Self::NotSent => "not-sent",
            Self::Unknown => "unknown",
        }
    }

    fn of(answer: &Result<UpstreamResponse, TransportError>) -> Self {
        match answer {
            Ok(response) if response.status.is_success() => Self::Made,
            Ok(response) if response.status.is_client_error() => Self::Refused,
            Err(
                TransportError::Connect { .. }
                | TransportError::Tls { .. }
                | TransportError::CircuitOpen { .. }
                | TransportError::InvalidRequest { .. },
            ) => Self::NotSent,
            Ok(_) | Err(_) => Self::Unknown,
        }
    }
}

/// A change that was sent. It is logged when the answer is there, and as unknown if it is dropped
/// before: nothing waits for the answer any more.
pub(super) struct PendingChange(Option<(&'static str, ChangedObject)>);

impl PendingChange {
    pub(super) fn begin(request: &Request<'_>) -> Self {
        let object = request.changed_object.clone();
        Self(object.map(|object| (request.operation, object)))
    }

    pub(super) fn finish(mut self, answer: &Result<UpstreamResponse, TransportError>) {
        let Some((operation, object)) = self.0.take() else {
            return;
        };
        let result = ChangeResult::of(answer);
        let response = answer.as_ref().ok();
        let object = match response {
            Some(response) if result == ChangeResult::Made => object.with_answer(response),
            _ => object,
        };
        let status = response.map(|response| response.status.as_u16());
        let refusal = response
            .filter(|_| result != ChangeResult::Made)
            .and_then(ApiStatus::from_response);
        let reason = refusal.as_ref().map(|status| status.reason.as_str());
        log_change(operation, &object, result, status, reason);
    }
}

impl Drop for PendingChange {
    fn drop(&mut self) {
        if let Some((operation, object)) = self.0.take() {
            log_change(operation, &object, ChangeResult::Unknown, None, None);
        }
    }
}

impl ChangedObject {
    /// The object with the image that a tag was set to, which the answer contains.
    fn with_answer(self, response: &UpstreamResponse) -> Self {
        #[derive(Default, Deserialize)]
        #[serde(default)]
        struct SetTag {
            image: SetImage,
        }
        #[derive(Default, Deserialize)]
        #[serde(default)]
        struct SetImage {
            metadata: SetImageMeta,
        }
        #[derive(Default, Deserialize)]
        #[serde(default)]
        struct SetImageMeta {
            name: Option<String>,
        }
        if self.resource != IMAGE_STREAM_TAGS {
            return self;
        }
        let digest = json::from_slice::<SetTag>(&response.body)
            .ok()
            .and_then(|tag| tag.image.metadata.name?.parse::<Digest>().ok());
        match digest {
            Some(digest) => self.with_digest_after(Some(&digest)),
            None => self,
        }
    }
}

fn log_change(
    operation: &'static str,
    object: &ChangedObject,
    result: ChangeResult,
    status: Option<u16>,
    reason: Option<&str>,
) {
    let origin = RequestOrigin::current();
    tracing::info!(
        target: AUDIT_TARGET,
        event = "change",
        operation,
        resource = object.resource,
        project = object.project.as_ref().map(ProjectName::as_str),
        name = object.name,
        detail = object.detail,
        digest_before = object.digest_before.as_ref().map(tracing::field::display),
        digest_after = object.digest_after.as_ref().map(tracing::field::display),
        result = result.as_str(),
        status,
        reason,
        channel = origin.channel.map(RequestChannel::as_str),
        user = origin.user,
        session_id = origin.session_id,
        request_id = origin.request_id,
        "change"
    );
}

/// Logs what an import did to each tag.
pub(super) fn log_imported_tags(
    project: &ProjectName,
    stream: &ImageStreamName,
    results: &[ImportResult],
) {
    for result in results {
        let name = format!("{stream}:{}", result.tag);
        let object = ChangedObject::in_project(IMAGE_STREAM_TAGS, project, name);
        match &result.outcome {
            ImportOutcome::Found { digest, .. } => {
                let object = object.with_digest_after(digest.as_ref());
                log_change("import tag", &object, ChangeResult::Made, None, None);
            }
            ImportOutcome::Failed { reason, .. } => {
                let refused = ChangeResult::Refused;
                log_change("import tag", &object, refused, None, Some(reason));
            }
            ImportOutcome::NotLookedAt => {}
        }
    }
}
