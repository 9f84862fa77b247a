//! Image streams.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::list::ListPage;
use super::render::Renderer;
use super::{body, list, watch};
use crate::api::request::ApiRequest;
use crate::api::response::ApiResponse;
use crate::cluster::{
    ClusterError, ClusterErrorReason, ClusterState, ImageStreamObject, NamedResource,
    StoredTagSpec, TagReference, Version,
};
use registry_model::ImageStreamName;

pub(super) fn answer(asked: &ApiRequest) -> Result<ApiResponse, ClusterError> {
    match (asked.verb, asked.subresource.as_str()) {
        ("get", "layers") if asked.cluster.version() == Version::V4 => {
            super::images::answer_stream_layers(asked)
        }
        // On 3.9 this is a right without a path (recorded in `imagestream-layers`).
        (_, "layers") => Err(ClusterErrorReason::NoSuchPath.into()),
        ("watch", "") => watch::answer(asked),
        ("list", "") => list_streams(asked),
        ("get", "" | "status") => {
            requested_stream(asked).map(|stream| ApiResponse::ok(&full_object(asked, &stream)))
        }
        ("create", "") => create(asked),
        ("update", "") => update(asked, &body::json(asked)?),
        ("patch", "") => {
            let current = requested_stream(asked)?;
            let mut wanted = body::patched(asked, full_object(asked, &current))?;
            drop_default_revision(asked, &mut wanted);
            update(asked, &wanted)
        }
        ("delete", "") => delete(asked),
        _ => Err(ClusterErrorReason::MethodNotAllowed.into()),
    }
}

/// A patch applies to any revision, unless it names one.
fn drop_default_revision(asked: &ApiRequest, wanted: &mut Value) {
    let said: Value = serde_json::from_slice(&asked.body).unwrap_or_default();
    if said["metadata"]["resourceVersion"].is_null()
        && let Some(meta) = wanted["metadata"].as_object_mut()
    {
        meta.remove("resourceVersion");
    }
}

/// The image stream that a request names.
pub(super) fn requested_stream(asked: &ApiRequest) -> Result<Arc<ImageStreamObject>, ClusterError> {
    let stream = asked
        .cluster
        .read(|state| state.stream(&asked.project, &asked.name).cloned());
    stream.ok_or_else(|| ClusterErrorReason::NotFound(NamedResource::stream(&asked.name)).into())
}

pub(super) fn full_object(asked: &ApiRequest, stream: &ImageStreamObject) -> Value {
    let render = Renderer::from_request(asked);
    render.typed("ImageStream", "image.openshift.io", render.stream(stream))
}

fn list_streams(asked: &ApiRequest) -> Result<ApiResponse, ClusterError> {
    let shape = list::requested_list_kind(asked)?;
    let start = list::continue_key(asked)?;
    let mut list = asked.cluster.read(|state| {
        let page = if asked.project.is_empty() {
            page(asked, state.streams_after(start.as_ref()), || {
                state.streams_after(start.as_ref()).count()
            })
        } else {
            let after = |stream: &&Arc<ImageStreamObject>| {
                start
                    .as_ref()
                    .is_none_or(|(_, name)| stream.meta.name > *name)
            };
            page(
                asked,
                state.streams_of(&asked.project).filter(after),
                || state.streams_of(&asked.project).filter(after).count(),
            )
        };
        list::list_object(asked, state, "ImageStreamList", page)
    });
    match shape {
        Some("Table") => list::to_table(&mut list, asked.cluster.clock().now()),
        Some(_) => list::to_partial_metadata(&mut list),
        None => {}
    }
    Ok(ApiResponse::ok(&list))
}

fn page<'a>(
    asked: &ApiRequest,
    streams: impl Iterator<Item = &'a Arc<ImageStreamObject>>,
    count: impl FnOnce() -> usize,
) -> ListPage {
    let render = Renderer::from_request(asked);
    let Some(limit) = asked.query.limit.filter(|limit| *limit > 0) else {
        return ListPage::from_items(streams.map(|stream| render.stream(stream)).collect());
    };
    let streams: Vec<&Arc<ImageStreamObject>> = streams.take(limit).collect();
    let left = count() - streams.len();
    let last = streams
        .last()
        .filter(|_| left > 0)
        .map(|last| format!("{}/{}", last.namespace(), last.meta.name));
    ListPage {
        items: streams
            .into_iter()
            .map(|stream| render.stream(stream))
            .collect(),
        continuation: last.map(|last| (last, left)),
    }
}

fn create(asked: &ApiRequest) -> Result<ApiResponse, ClusterError> {
    let wanted = body::json(asked)?;
    let name = body::name(&wanted);
    refuse_bad_name(name)?;
    let created = asked.cluster.write(|state| {
        if state.stream(&asked.project, name).is_some() {
            return Err(ClusterErrorReason::AlreadyExists(NamedResource::stream(name)).into());
        }
        let tags = spec_tags(&wanted);
        refuse_forbidden_imports(state, name, &tags)?;
        refuse_scheduled(name, &tags)?;
        state.refuse_over_quota(&asked.project, name)?;
        state.refuse_over_tag_limit(
            &asked.project,
            name,
            None,
            &tags.keys().map(String::as_str).collect::<Vec<_>>(),
        )?;
        let mut meta = state.new_meta(Some(&asked.project), name);
        meta.generation = Some(1);
        let mut stream = ImageStreamObject::new(meta);
        apply_body(&mut stream, &wanted);
        for tag in stream.spec_tags.values_mut() {
            tag.generation = Some(1);
        }
        let stream = state.put_stream("ADDED", stream);
        state.update_tracking_tags(&asked.project, name);
        // The response shows the state before imports, which run later.
        let stream = state
            .stream(&asked.project, name)
            .cloned()
            .unwrap_or(stream);
        state.run_import_controller(&asked.project, name);
        Ok::<_, ClusterError>(stream)
    })?;
    Ok(ApiResponse::json(
        StatusCode::CREATED,
        &full_object(asked, &created),
    ))
}

fn update(asked: &ApiRequest, wanted: &Value) -> Result<ApiResponse, ClusterError> {
    let updated = asked.cluster.write(|state| {
        let current = state
            .stream(&asked.project, &asked.name)
            .cloned()
            .ok_or_else(|| ClusterErrorReason::NotFound(NamedResource::stream(&asked.name)))?;
        body::refuse_stale(wanted, &current.meta, NamedResource::stream(&asked.name))?;
        let mut tags = spec_tags(wanted);
        tags.retain(|name, tag| current.spec_tags.get(name) != Some(tag));
        refuse_forbidden_imports(state, &asked.name, &tags)?;
        refuse_scheduled(&asked.name, &tags)?;
        state.refuse_over_tag_limit(
            &asked.project,
            &asked.name,
            Some(current.as_ref()),
            &tags.keys().map(String::as_str).collect::<Vec<_>>(),
        )?;
        let updated = state.change_stream(&asked.project, &asked.name, |stream| {
            apply_body(stream, wanted);
            let same =
                stream.spec_tags == current.spec_tags && stream.repository == current.repository;
            if !same {
                let generation = stream.next_generation();
                for (name, tag) in &mut stream.spec_tags {
                    if current.spec_tags.get(name) != Some(tag) {
                        tag.generation = Some(generation);
                    }
                }
            }
        });
        state.update_tracking_tags(&asked.project, &asked.name);
        let updated = state
            .stream(&asked.project, &asked.name)
            .cloned()
            .or(updated);
        state.run_import_controller(&asked.project, &asked.name);
        updated.ok_or_else(|| {
            ClusterError::from(ClusterErrorReason::NotFound(NamedResource::stream(
                &asked.name,
            )))
        })
    })?;
    Ok(ApiResponse::ok(&full_object(asked, &updated)))
}

fn delete(asked: &ApiRequest) -> Result<ApiResponse, ClusterError> {
    let removed = asked
        .cluster
        .write(|state| state.remove_stream(&asked.project, &asked.name));
    let removed =
        removed.ok_or_else(|| ClusterErrorReason::NotFound(NamedResource::stream(&asked.name)))?;
    Ok(ApiResponse::success_deleted(
        &NamedResource::stream(&asked.name),
        &removed.meta.uid,
    ))
}

/// Applies what a body says about an image stream: everything but its status.
fn apply_body(stream: &mut ImageStreamObject, wanted: &Value) {
    stream.meta.annotations = body::string_map(&wanted["metadata"]["annotations"]);
    stream.meta.labels = body::string_map(&wanted["metadata"]["labels"]);
    stream.lookup_local = wanted["spec"]["lookupPolicy"]["local"]
        .as_bool()
        .unwrap_or_default();
    stream.repository = wanted["spec"]["dockerImageRepository"]
        .as_str()
        .filter(|said| !said.is_empty())
        .map(str::to_owned);
    stream.spec_tags = spec_tags(wanted);
}

fn spec_tags(wanted: &Value) -> BTreeMap<String, StoredTagSpec> {
    let tags = wanted["spec"]["tags"].as_array().into_iter().flatten();
    tags.filter_map(|tag| Some((tag["name"].as_str()?.to_owned(), spec_tag(tag))))
        .collect()
}

/// A tag spec in a body.
pub(super) fn spec_tag(tag: &Value) -> StoredTagSpec {
    let policy = &tag["importPolicy"];
    let text = |value: &Value| {
        value
            .as_str()
            .filter(|text| !text.is_empty())
            .map(str::to_owned)
    };
    let from = tag["from"]["name"].as_str().map(|name| TagReference {
        kind: text(&tag["from"]["kind"]).unwrap_or_else(|| "DockerImage".to_owned()),
        name: name.to_owned(),
        namespace: text(&tag["from"]["namespace"]),
    });
    StoredTagSpec {
        from,
        annotations: tag["annotations"]
            .is_object()
            .then(|| body::string_map(&tag["annotations"])),
        reference: tag["reference"].as_bool().unwrap_or_default(),
        generation: tag["generation"].as_i64(),
        insecure: policy["insecure"].as_bool().unwrap_or_default(),
        scheduled: policy["scheduled"].as_bool().unwrap_or_default(),
        import_mode: text(&policy["importMode"]).filter(|mode| mode != "Legacy"),
        reference_policy: text(&tag["referencePolicy"]["type"]).filter(|policy| policy != "Source"),
    }
}

fn refuse_bad_name(name: &str) -> Result<(), ClusterError> {
    let (cause, message) = if name.is_empty() {
        (
            "FieldValueRequired",
            "Required value: name or generateName is required".to_owned(),
        )
    } else if name.parse::<ImageStreamName>().is_err() {
        (
            "FieldValueInvalid",
            format!("Invalid value: {name:?}: must match \"[a-z0-9]+(?:[._-][a-z0-9]+)*\""),
        )
    } else {
        return Ok(());
    };
    Err(invalid(name, "metadata.name".to_owned(), cause, message))
}

/// Refuses tags that track a registry from which imports are not allowed.
pub(super) fn refuse_forbidden_imports(
    state: &ClusterState,
    name: &str,
    tags: &BTreeMap<String, StoredTagSpec>,
) -> Result<(), ClusterError> {
    for (tag, spec) in tags {
        let Some(from) = spec.from.as_ref().filter(|from| from.kind == "DockerImage") else {
            continue;
        };
        if let Some(why) = state.import_forbidden(&from.name) {
            let field = format!("spec.tags[{tag}].from.name");
            return Err(invalid(
                name,
                field,
                "FieldValueForbidden",
                format!("Forbidden: {why}"),
            ));
        }
    }
    Ok(())
}

/// Only tags that track other registries are imported on a schedule (origin,
/// `ValidateImageStreamTagReference`).
pub(super) fn refuse_scheduled(
    name: &str,
    tags: &BTreeMap<String, StoredTagSpec>,
) -> Result<(), ClusterError> {
    let is_own = |tag: &StoredTagSpec| {
        tag.from
            .as_ref()
            .is_some_and(|from| from.kind != "DockerImage")
    };
    let Some((tag, _)) = tags.iter().find(|(_, tag)| tag.scheduled && is_own(tag)) else {
        return Ok(());
    };
    let message = "Invalid value: true: only tags pointing to Docker repositories may be scheduled for background import".to_owned();
    Err(invalid(
        name,
        format!("spec.tags[{tag}].importPolicy.scheduled"),
        "FieldValueInvalid",
        message,
    ))
}

fn invalid(name: &str, field: String, cause: &'static str, message: String) -> ClusterError {
    ClusterErrorReason::Invalid {
        kind: "ImageStream",
        group: "image.openshift.io",
        name: name.to_owned(),
        field,
        cause,
        message,
    }
    .into()
}

/// A watch event of an image stream.
pub(super) fn watch_event(asked: &ApiRequest, change: &str, stream: &ImageStreamObject) -> Value {
    json!({"type": change, "object": full_object(asked, stream)})
}
