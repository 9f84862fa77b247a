//! Sets a tag, and rolls it back.

use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use utoipa::ToSchema;

use super::body::ApiJson;
use super::expected::{ExpectedTag, stale};
use super::impact::refuse_if_used;
use super::results::{TagChanged, TagImport};
use super::{created, invalid_value};
use crate::app::change::ChangeError;
use crate::app::failure::{Failure, PageSubject};
use crate::app::image_streams::ImportOutcome;
use crate::app::images::ImageReference;
use crate::app::tags::{NewTag, SeenTag, SetTagOutcome, TagPath, TrackTagOutcome};
use crate::app::usage::TagChange;
use crate::web::context::SignedIn;
use crate::web::errors::{Problem, WebError};
use crate::web::extractors::ImagePath;
use crate::web::forms::FieldErrors;
use crate::web::links;
use crate::web::pages::tags::create::{API_FIELDS, NewTagFields, RequestedSource};
use registry_model::{Digest, ImportMode};

/// Which platforms the import of an image index keeps.
#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
pub(in crate::web) enum ImportModeChoice {
    /// One platform.
    Legacy,
    /// The index with all its platforms.
    #[default]
    PreserveOriginal,
}

/// Where pods pull an imported image from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(in crate::web) enum ReferencePolicyChoice {
    /// From the other registry.
    #[default]
    Source,
    /// Through the integrated registry.
    Local,
}

/// What a tag is set to: `image` or `external_image`.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::web) struct SetTagRequest {
    /// An image of this registry: `project/stream:tag`, `project/stream@digest`, or the same without
    /// the project for one of the same project.
    #[schema(example = "shop/storefront:1.4.0")]
    image: Option<String>,
    /// The tag follows the tag in `image`, which must be one of the same image stream.
    #[serde(default)]
    track: bool,
    /// An image of another registry, which is imported.
    #[schema(example = "quay.io/prometheus/busybox:latest")]
    external_image: Option<String>,
    #[serde(default)]
    import_mode: ImportModeChoice,
    #[serde(default)]
    reference_policy: ReferencePolicyChoice,
    /// The import is repeated on a schedule.
    #[serde(default)]
    scheduled: bool,
    /// The import may skip the verification of TLS.
    #[serde(default)]
    insecure: bool,
    /// The image that the tag points to. Otherwise it is not changed.
    expected_digest: Option<String>,
    /// The tag is changed although workloads are affected.
    #[serde(default)]
    force: bool,
}

/// An image of the history of a tag.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::web) struct RollBack {
    /// The digest of the image.
    to: String,
    /// The image that the tag points to. Otherwise it is not changed.
    expected_digest: Option<String>,
    /// The tag is changed although workloads are affected.
    #[serde(default)]
    force: bool,
}

impl ImportModeChoice {
    pub(super) fn mode(self) -> ImportMode {
        match self {
            Self::Legacy => ImportMode::Legacy,
            Self::PreserveOriginal => ImportMode::PreserveOriginal,
        }
    }
}

impl SetTagRequest {
    /// The fields of the form that sets a tag.
    fn to_fields(&self, to: &TagPath) -> NewTagFields {
        let source = match (&self.image, &self.external_image) {
            (Some(_), None) => "here",
            (None, Some(_)) => "elsewhere",
            _ => "",
        };
        NewTagFields {
            tag: to.tag.to_string(),
            source: source.to_owned(),
            here: self.image.clone().unwrap_or_default(),
            follow: self.track,
            from: self.external_image.clone().unwrap_or_default(),
            insecure: self.insecure,
            scheduled: self.scheduled,
            policy: if self.reference_policy == ReferencePolicyChoice::Local {
                "local".to_owned()
            } else {
                String::new()
            },
            import_mode: self.import_mode.mode().as_str().to_owned(),
        }
    }
}

/// The member of the body for a field of the form.
fn member_of_field(field: &str) -> &str {
    match field {
        "here" | "source" => "image",
        "from" => "external_image",
        other => other,
    }
}

pub(super) async fn set_tag(
    caller: &SignedIn,
    to: TagPath,
    headers: &HeaderMap,
    request: SetTagRequest,
) -> Result<Response, WebError> {
    let (app, context) = (caller.app(), &caller.context);
    let expected = ExpectedTag::parse(headers, request.expected_digest.as_deref(), context)?;
    let form = match app.new_tag_form(&to.project, &to.stream).await {
        // Setting a tag makes the image stream.
        Err(Failure::NotFound(_)) => {
            let modes = app.supports_import_modes().await;
            NewTag::unread(to.project.clone(), to.stream.clone(), modes)
        }
        form => form?,
    };
    let mut errors = FieldErrors::default();
    let parsed = request
        .to_fields(&to)
        .parse(&form, &mut errors, context.lang);
    let Some((_, source)) = parsed else {
        let mut members = FieldErrors::default();
        for (field, text) in errors.iter() {
            members.add(member_of_field(field).to_owned(), text);
        }
        return Err(Problem::from_field_errors(&members, context).into());
    };
    let now = app.tag_state(&to).await?;
    let seen = expected.check(now.as_ref(), context)?;
    if now.is_some() && !request.force {
        let change = TagChange::Move(vec![to.tag.clone()]);
        refuse_if_used(caller, &to.project, &to.stream, change).await?;
    }
    let old = now.as_ref().and_then(|now| now.digest.as_ref());
    let answer = point(caller, &to, source, &seen, old).await?;
    if now.is_none() {
        let path = links::tag(&to.project, &to.stream, &to.tag);
        return Ok(created(&path, &answer));
    }
    Ok(axum::Json(answer).into_response())
}

async fn point(
    caller: &SignedIn,
    to: &TagPath,
    source: RequestedSource,
    seen: &SeenTag,
    old: Option<&Digest>,
) -> Result<TagChanged, WebError> {
    let (app, context) = (caller.app(), &caller.context);
    let refused = |error: ChangeError| change_problem(caller, error, &API_MEMBERS);
    match source {
        RequestedSource::ThisRegistry {
            project,
            stream,
            reference,
            follow,
        } => {
            let found = app.tag_source_image(&project, &stream, reference).await;
            let image = found.map_err(|failure| match failure {
                Failure::NotFound(_) | Failure::Forbidden(_) => {
                    let text = context.lang.msg("new-tag-no-such-image").to_string();
                    invalid_value("/image".to_owned(), text, context).into()
                }
                failure => WebError::from(failure),
            })?;
            let outcome = app.set_tag(&image, to, follow, seen).await;
            let changed = match outcome.map_err(refused)? {
                SetTagOutcome::Done => true,
                SetTagOutcome::Unchanged => false,
                SetTagOutcome::Conflict(now) => {
                    return Err(stale(StatusCode::CONFLICT, now.digest.as_ref(), context).into());
                }
            };
            Ok(TagChanged::new(to, old, Some(&image.digest), changed))
        }
        RequestedSource::External(from) => {
            let outcome = app.track_external_image(to, &from, seen).await;
            let results = match outcome.map_err(refused)? {
                TrackTagOutcome::Done(results) => results,
                TrackTagOutcome::Conflict(now) => {
                    return Err(stale(StatusCode::CONFLICT, now.digest.as_ref(), context).into());
                }
            };
            let digest = results.first().and_then(|result| match &result.outcome {
                ImportOutcome::Found { digest, .. } => digest.as_ref(),
                ImportOutcome::Failed { .. } | ImportOutcome::NotLookedAt => old,
            });
            Ok(TagChanged {
                imports: results.iter().map(TagImport::new).collect(),
                ..TagChanged::new(to, old, digest, true)
            })
        }
    }
}

/// The API server's field names, each with that of the body.
const API_MEMBERS: [(&str, &str); API_FIELDS.len()] = {
    let mut members = API_FIELDS;
    let mut at = 0;
    while at < members.len() {
        members[at].1 = match members[at].1.as_bytes() {
            b"from" => "external_image",
            b"here" => "image",
            _ => members[at].1,
        };
        at += 1;
    }
    members
};

/// The problem of a change that was not made, or may not have been.
pub(super) fn change_problem(
    caller: &SignedIn,
    error: ChangeError,
    members: &[(&str, &'static str)],
) -> WebError {
    match error.into_refusal() {
        Ok(refusal) => Problem::from_refusal(refusal, members, &caller.context).into(),
        Err(failure) => failure.into(),
    }
}

/// Points a tag to an image of its history.
pub(in crate::web) async fn roll_back(
    caller: SignedIn,
    path: ImagePath,
    headers: HeaderMap,
    ApiJson(request): ApiJson<RollBack>,
) -> Result<Response, WebError> {
    let (app, context) = (caller.app(), &caller.context);
    let to = tag_path(path)?;
    let expected = ExpectedTag::parse(&headers, request.expected_digest.as_deref(), context)?;
    let Ok(digest) = request.to.parse::<Digest>() else {
        let error = context.lang.msg("api-invalid-digest").to_string();
        return Err(invalid_value("/to".to_owned(), error, context).into());
    };
    let now = app.tag_state(&to).await?;
    let now = now.ok_or(Failure::NotFound(PageSubject::Image))?;
    let seen = expected.check(Some(&now), context)?;
    if !request.force && now.digest.as_ref() != Some(&digest) {
        let change = TagChange::Move(vec![to.tag.clone()]);
        refuse_if_used(&caller, &to.project, &to.stream, change).await?;
    }
    let outcome = app.roll_back_tag(&to, &digest, &seen).await;
    let changed = match outcome.map_err(|error| change_problem(&caller, error, &[]))? {
        SetTagOutcome::Done => true,
        SetTagOutcome::Unchanged => false,
        SetTagOutcome::Conflict(now) => {
            return Err(stale(StatusCode::CONFLICT, now.digest.as_ref(), context).into());
        }
    };
    let answer = TagChanged::new(&to, now.digest.as_ref(), Some(&digest), changed);
    Ok(axum::Json(answer).into_response())
}

/// The tag in the path of a change that is about one.
pub(super) fn tag_path(path: ImagePath) -> Result<TagPath, Failure> {
    match path.reference {
        Some(ImageReference::Tag(tag)) => Ok(TagPath {
            project: path.project,
            stream: path.stream,
            tag,
        }),
        _ => Err(Failure::NotFound(PageSubject::Page)),
    }
}
