//! Creates, changes and deletes image streams.

use std::collections::BTreeMap;

use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::ApiJson;
use super::impact::refuse_if_used;
use super::tags::{
    ImportModeChoice, ReferencePolicyChoice, SetTagRequest, change_problem, set_tag, tag_path,
};
use super::{WriteParams, created, invalid_value, tag_removals};
use crate::app::change::Refusal;
use crate::app::image_streams::{StreamForm, StreamSource};
use crate::app::usage::TagChange;
use crate::web::context::{RequestContext, SignedIn};
use crate::web::errors::{FieldProblem, Problem, WebError};
use crate::web::extractors::{ImagePath, ProjectPath};
use crate::web::forms::FieldErrors;
use crate::web::links;
use crate::web::pages::image_streams::form::{API_FIELDS, SourceRow, StreamFormFields, TextRow};
use registry_model::{ImageStreamName, ProjectName, TagName};

/// An image stream to create: empty, or with images of other registries.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::web) struct CreateStream {
    name: String,
    /// All tags of this repository are imported. Not together with `tags`.
    repository: Option<SourceRepository>,
    /// The tags that track images of other registries.
    #[serde(default)]
    tags: Vec<SourceTag>,
}

/// What is changed of an image stream. What is absent stays as it is.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::web) struct ChangeStream {
    repository: Option<SourceRepository>,
    /// All tags that track images of other registries. An empty list: none does.
    tags: Option<Vec<SourceTag>>,
    display_name: Option<String>,
    description: Option<String>,
    /// All annotations besides those of display name and description.
    annotations: Option<BTreeMap<String, String>>,
    /// All labels.
    labels: Option<BTreeMap<String, String>>,
    /// Whether pods of the project may use the name of the image stream as a pull spec.
    local_lookup: Option<bool>,
    /// The resource version that the client has seen. Otherwise the image stream is not changed.
    resource_version: Option<String>,
    /// The image stream is changed although tags lose their source.
    #[serde(default)]
    force: bool,
}

/// A repository of another registry.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::web) struct SourceRepository {
    #[schema(example = "quay.io/prometheus/busybox")]
    name: String,
    #[serde(default)]
    insecure: bool,
    #[serde(default)]
    import_mode: ImportModeChoice,
}

/// A tag that tracks an image of another registry.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::web) struct SourceTag {
    tag: String,
    /// The pull spec of the source.
    from: String,
    #[serde(default)]
    scheduled: bool,
    #[serde(default)]
    insecure: bool,
    #[serde(default)]
    import_mode: ImportModeChoice,
    #[serde(default)]
    reference_policy: ReferencePolicyChoice,
    /// The tag only refers to the image, which is never imported.
    #[serde(default)]
    reference_only: bool,
}

/// An image stream that was created or changed.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(in crate::web) struct StreamChanged {
    project: String,
    stream: String,
    /// Why the repository was not imported in the import mode, although the image stream was changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    not_imported: Option<String>,
}

/// An image stream that was deleted.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(in crate::web) struct StreamDeleted {
    project: String,
    stream: String,
    /// The tags that were deleted with it.
    tags: Vec<String>,
}

impl StreamChanged {
    fn new(
        project: &ProjectName,
        stream: &ImageStreamName,
        refusal: Option<Refusal>,
        context: &RequestContext,
    ) -> Self {
        let problem = refusal.map(|refusal| Problem::from_refusal(refusal, &[], context));
        Self {
            project: project.to_string(),
            stream: stream.to_string(),
            not_imported: problem.map(|problem| problem.detail),
        }
    }
}

impl SourceTag {
    /// The row of the form. `sources` are those that the image stream has, which are kept as they are.
    fn to_row(&self, key: usize, sources: &StreamSource) -> SourceRow {
        let was = match sources {
            StreamSource::Tags(tags) => tags.iter().any(|tag| tag.from == self.from),
            StreamSource::Nothing | StreamSource::Repository { .. } => false,
        };
        SourceRow {
            key,
            tag: self.tag.clone(),
            from: self.from.clone(),
            was: if was {
                self.from.clone()
            } else {
                String::new()
            },
            scheduled: self.scheduled,
            insecure: self.insecure,
            mode: self.import_mode.mode().as_str().to_owned(),
            local: self.reference_policy == ReferencePolicyChoice::Local,
            reference: self.reference_only,
            is_new: false,
        }
    }
}

/// Sets the source of a form.
fn set_source(
    fields: &mut StreamFormFields,
    repository: Option<&SourceRepository>,
    tags: &[SourceTag],
    sources: &StreamSource,
    context: &RequestContext,
) -> Result<(), Problem> {
    for (at, tag) in tags.iter().enumerate() {
        if tag.tag.parse::<TagName>().is_err() {
            let text = crate::web::forms::tag_name_error(&tag.tag, context.lang);
            return Err(invalid_value(
                format!("/tags/{at}/tag"),
                text.to_string(),
                context,
            ));
        }
    }
    fields.rows.clear();
    fields.tags.clear();
    fields.source = match (repository, tags) {
        (Some(_), [_, ..]) => {
            let text = context.lang.msg("api-two-sources").to_string();
            return Err(invalid_value("/repository".to_owned(), text, context));
        }
        (Some(repository), []) => {
            fields.repository = repository.name.clone();
            fields.insecure = repository.insecure;
            fields.import_mode = repository.import_mode.mode().as_str().to_owned();
            "all"
        }
        (None, []) => "none",
        (None, tags) => {
            let rows = tags.iter().enumerate();
            fields.rows = rows.map(|(key, tag)| tag.to_row(key, sources)).collect();
            "tags"
        }
    }
    .to_owned();
    Ok(())
}

/// The member of the body for a field of the form, as a JSON Pointer.
fn pointer_of_field(field: &str) -> String {
    let row = |prefix: &str, member: &str| {
        let key = field.strip_prefix(prefix)?.parse::<usize>().ok()?;
        Some(format!("/tags/{key}/{member}"))
    };
    let of_row = row("tag-", "tag").or_else(|| row("from-", "from"));
    of_row.unwrap_or_else(|| match field {
        "repository" => "/repository/name".to_owned(),
        "display-name" => "/display_name".to_owned(),
        field if field.starts_with("annotation") => "/annotations".to_owned(),
        field if field.starts_with("label") => "/labels".to_owned(),
        field => format!("/{field}"),
    })
}

fn fields_problem(errors: &FieldErrors, context: &RequestContext) -> Problem {
    let errors = errors.iter().map(|(field, detail)| FieldProblem {
        pointer: pointer_of_field(field),
        detail: detail.to_owned(),
    });
    Problem {
        errors: errors.collect(),
        ..Problem::from_field_errors(&FieldErrors::default(), context)
    }
}

/// Creates an image stream in a project.
pub(in crate::web) async fn create_stream(
    caller: SignedIn,
    ProjectPath(project): ProjectPath,
    ApiJson(request): ApiJson<CreateStream>,
) -> Result<Response, WebError> {
    let (app, context) = (caller.app(), &caller.context);
    let mut fields = StreamFormFields {
        project: project.to_string(),
        name: request.name.clone(),
        ..StreamFormFields::default()
    };
    let nothing = StreamSource::Nothing;
    set_source(
        &mut fields,
        request.repository.as_ref(),
        &request.tags,
        &nothing,
        context,
    )?;
    let modes = app.supports_import_modes().await;
    let mut errors = FieldErrors::default();
    let name = fields.parse_name(&mut errors, context.lang);
    let source = fields.parse_source(modes, &mut errors, context.lang);
    let (Some((project, name)), Some(source), true) = (name, source, errors.is_empty()) else {
        return Err(fields_problem(&errors, context).into());
    };
    let refusal = app.create_stream(&project, &name, &source).await;
    let refusal = refusal.map_err(|error| change_problem(&caller, error, &API_FIELDS))?;
    let answer = StreamChanged::new(&project, &name, refusal, context);
    Ok(created(&links::stream(&project, &name), &answer))
}

/// Sets a tag.
pub(in crate::web) async fn put_tag(
    caller: SignedIn,
    path: ImagePath,
    headers: HeaderMap,
    ApiJson(request): ApiJson<SetTagRequest>,
) -> Result<Response, WebError> {
    set_tag(&caller, tag_path(path)?, &headers, request).await
}

/// Changes an image stream.
pub(in crate::web) async fn change_stream(
    caller: SignedIn,
    path: ImagePath,
    ApiJson(request): ApiJson<ChangeStream>,
) -> Result<Response, WebError> {
    let (app, context) = (caller.app(), &caller.context);
    let (project, name) = path.into_stream()?;
    let current = app.stream_form(&project, &name).await?;
    let fields = changed_fields(&request, &project, &name, current.clone(), context)?;
    let modes = app.supports_import_modes().await;
    let mut errors = FieldErrors::default();
    let Some(edited) = fields.parse_changes(modes, &mut errors, context.lang) else {
        return Err(fields_problem(&errors, context).into());
    };
    let losing = current.tags_losing_source(&edited.source);
    let is_seen = request.resource_version.as_ref();
    let is_stale = is_seen.is_some_and(|seen| *seen != current.resource_version);
    if !losing.is_empty() && !request.force && !is_stale {
        return Err(losing_problem(&losing, context).into());
    }
    let version = is_seen.unwrap_or(&current.resource_version);
    let refusal = app.update_stream(&project, &name, version, &edited).await;
    let refusal = refusal.map_err(|error| change_problem(&caller, error, &API_FIELDS))?;
    Ok(axum::Json(StreamChanged::new(&project, &name, refusal, context)).into_response())
}

/// The form of the image stream with what is changed.
fn changed_fields(
    request: &ChangeStream,
    project: &ProjectName,
    name: &ImageStreamName,
    current: StreamForm,
    context: &RequestContext,
) -> Result<StreamFormFields, Problem> {
    let sources = current.source.clone();
    let mut fields = StreamFormFields::from_stream(project, name, current);
    if request.repository.is_some() || request.tags.is_some() {
        let tags = request.tags.as_deref().unwrap_or_default();
        set_source(
            &mut fields,
            request.repository.as_ref(),
            tags,
            &sources,
            context,
        )?;
    }
    if let Some(text) = &request.display_name {
        fields.display_name.clone_from(text);
    }
    if let Some(text) = &request.description {
        fields.description.clone_from(text);
    }
    if let Some(annotations) = &request.annotations {
        fields.annotations = TextRow::from_texts(annotations.clone());
    }
    if let Some(labels) = &request.labels {
        fields.labels = TextRow::from_texts(labels.clone());
    }
    fields.local_lookup = request.local_lookup.unwrap_or(fields.local_lookup);
    Ok(fields)
}

fn losing_problem(tags: &[TagName], context: &RequestContext) -> Problem {
    let lang = context.lang;
    let tags: Vec<&str> = tags.iter().map(TagName::as_str).collect();
    let tags = tags.join(lang.list_separator());
    let detail = lang.msg("api-loses-source").arg("tags", tags);
    let hint = lang.msg("api-force-hint");
    Problem::new(StatusCode::CONFLICT, "loses-source", detail, hint)
}

/// Deletes an image stream, or a tag.
pub(in crate::web) async fn delete_stream_or_tag(
    caller: SignedIn,
    path: ImagePath,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response, WebError> {
    let params = WriteParams::parse(&uri, &caller.context)?;
    if path.reference.is_some() {
        return tag_removals::remove_tag(&caller, tag_path(path)?, &headers, params).await;
    }
    let (project, name) = path.into_stream()?;
    if params.expected_digest.is_some() {
        return Err(super::unknown_parameter("expected_digest", &caller.context).into());
    }
    let app = caller.app();
    let deletion = app.stream_deletion(&project, &name).await?;
    if !params.force {
        refuse_if_used(&caller, &project, &name, TagChange::DeleteStream).await?;
    }
    let deleted = app.delete_stream(&project, &name).await;
    deleted.map_err(|error| change_problem(&caller, error, &[]))?;
    let answer = StreamDeleted {
        project: project.to_string(),
        stream: name.to_string(),
        tags: deletion.tags.iter().map(ToString::to_string).collect(),
    };
    Ok(axum::Json(answer).into_response())
}
