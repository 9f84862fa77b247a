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

pub(super) fn answer(request: &ApiRequest) -> Result<ApiResponse, ClusterError> {
    match (request.verb, request.subresource.as_str()) {
        ("get", "layers") if request.cluster.version() == Version::V4 => {
            super::images::answer_stream_layers(request)
        }
        // On 3.9 this is a right without a path (recorded in `imagestream-layers`).
        (_, "layers") => Err(ClusterErrorReason::NoSuchPath.into()),
        ("watch", "") => watch::answer(request),
        ("list", "") => list_streams(request),
        ("get", "" | "status") => {
            requested_stream(request).map(|stream| ApiResponse::ok(&full_object(request, &stream)))
        }
        ("create", "") => create(request),
        ("update", "") => update(request, &body::json(request)?),
        ("patch", "") => {
            let current = requested_stream(request)?;
            let mut body = body::patched(request, full_object(request, &current))?;
            drop_default_revision(request, &mut body);
            update(request, &body)
        }
        ("update", "status") => update_status(request, &body::json(request)?),
        ("delete", "") => delete(request),
        _ => Err(ClusterErrorReason::MethodNotAllowed.into()),
    }
}

/// A patch applies to any revision, unless it names one.
fn drop_default_revision(request: &ApiRequest, body: &mut Value) {
    let patch: Value = serde_json::from_slice(&request.body).unwrap_or_default();
    if patch["metadata"]["resourceVersion"].is_null()
        && let Some(meta) = body["metadata"].as_object_mut()
    {
        meta.remove("resourceVersion");
    }
}

/// The image stream that a request names.
pub(super) fn requested_stream(
    request: &ApiRequest,
) -> Result<Arc<ImageStreamObject>, ClusterError> {
    request
        .cluster
        .read(|state| requested_stream_of(state, request))
}

fn requested_stream_of(
    state: &ClusterState,
    request: &ApiRequest,
) -> Result<Arc<ImageStreamObject>, ClusterError> {
    let stream = state.stream(&request.project, &request.name).cloned();
    stream.ok_or_else(|| ClusterErrorReason::NotFound(NamedResource::stream(&request.name)).into())
}

pub(super) fn full_object(request: &ApiRequest, stream: &ImageStreamObject) -> Value {
    let render = Renderer::from_request(request);
    render.typed("ImageStream", "image.openshift.io", render.stream(stream))
}

fn list_streams(request: &ApiRequest) -> Result<ApiResponse, ClusterError> {
    let shape = list::requested_list_kind(request)?;
    let start = list::continue_key(request)?;
    let mut list = request.cluster.read(|state| {
        let page = if request.project.is_empty() {
            page(request, state.streams_after(start.as_ref()), || {
                state.streams_after(start.as_ref()).count()
            })
        } else {
            let after = |stream: &&Arc<ImageStreamObject>| {
                start
                    .as_ref()
                    .is_none_or(|(_, name)| stream.meta.name > *name)
            };
            page(
                request,
                state.streams_of(&request.project).filter(after),
                || state.streams_of(&request.project).filter(after).count(),
            )
        };
        list::list_object(request, state, "ImageStreamList", page)
    });
    match shape {
        Some("Table") => list::to_table(&mut list, request.cluster.clock().now()),
        Some(_) => list::to_partial_metadata(&mut list),
        None => {}
    }
    Ok(ApiResponse::ok(&list))
}

fn page<'a>(
    request: &ApiRequest,
    streams: impl Iterator<Item = &'a Arc<ImageStreamObject>>,
    count: impl FnOnce() -> usize,
) -> ListPage {
    let render = Renderer::from_request(request);
    let Some(limit) = request.query.limit.filter(|limit| *limit > 0) else {
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

fn create(request: &ApiRequest) -> Result<ApiResponse, ClusterError> {
    let body = body::json(request)?;
    let name = body::name(&body);
    refuse_bad_name(name)?;
    let created = request.cluster.write(|state| {
        if state.stream(&request.project, name).is_some() {
            return Err(ClusterErrorReason::AlreadyExists(NamedResource::stream(name)).into());
        }
        let tags = spec_tags(&body);
        refuse_forbidden_imports(state, name, &tags)?;
        refuse_scheduled(name, &tags)?;
        state.refuse_over_quota(&request.project, name)?;
        state.refuse_over_tag_limit(
            &request.project,
            name,
            None,
            &tags.keys().map(String::as_str).collect::<Vec<_>>(),
        )?;
        let mut meta = state.new_meta(Some(&request.project), name);
        meta.generation = Some(1);
        let mut stream = ImageStreamObject::new(meta);
        apply_body(&mut stream, &body);
        for tag in stream.spec_tags.values_mut() {
            tag.generation = Some(1);
        }
        let stream = state.put_stream("ADDED", stream);
        state.update_tracking_tags(&request.project, name);
        // The response shows the state before imports, which run later.
        let stream = state
            .stream(&request.project, name)
            .cloned()
            .unwrap_or(stream);
        state.run_import_controller(&request.project, name);
        Ok::<_, ClusterError>(stream)
    })?;
    Ok(ApiResponse::json(
        StatusCode::CREATED,
        &full_object(request, &created),
    ))
}

fn update(request: &ApiRequest, body: &Value) -> Result<ApiResponse, ClusterError> {
    let updated = request.cluster.write(|state| {
        let current = requested_stream_of(state, request)?;
        body::refuse_stale(body, &current.meta, NamedResource::stream(&request.name))?;
        let mut tags = spec_tags(body);
        tags.retain(|name, tag| current.spec_tags.get(name) != Some(tag));
        refuse_forbidden_imports(state, &request.name, &tags)?;
        refuse_scheduled(&request.name, &tags)?;
        state.refuse_over_tag_limit(
            &request.project,
            &request.name,
            Some(current.as_ref()),
            &tags.keys().map(String::as_str).collect::<Vec<_>>(),
        )?;
        let updated = state.change_stream(&request.project, &request.name, |stream| {
            apply_body(stream, body);
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
        state.update_tracking_tags(&request.project, &request.name);
        let updated = state
            .stream(&request.project, &request.name)
            .cloned()
            .or(updated);
        state.run_import_controller(&request.project, &request.name);
        updated.ok_or_else(|| {
            ClusterError::from(ClusterErrorReason::NotFound(NamedResource::stream(
                &request.name,
            )))
        })
    })?;
    Ok(ApiResponse::ok(&full_object(request, &updated)))
}

/// Removes from the tags what the body lacks, as `oc adm prune images` does.
fn update_status(request: &ApiRequest, body: &Value) -> Result<ApiResponse, ClusterError> {
    let kept: BTreeMap<&str, &Value> = body["status"]["tags"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|tag| Some((tag["tag"].as_str()?, &tag["items"])))
        .collect();
    let updated = request.cluster.write(|state| {
        let current = requested_stream_of(state, request)?;
        body::refuse_stale(body, &current.meta, NamedResource::stream(&request.name))?;
        let updated = state.change_stream(&request.project, &request.name, |stream| {
            stream.tags.retain(|tag, _| kept.contains_key(tag.as_str()));
            for (tag, history) in &mut stream.tags {
                let images = kept[tag.as_str()].as_array();
                history.items.retain(|item| {
                    images.is_some_and(|images| {
                        images.iter().any(|image| image["image"] == *item.image)
                    })
                });
            }
        });
        Ok::<_, ClusterError>(updated.unwrap_or(current))
    })?;
    Ok(ApiResponse::ok(&full_object(request, &updated)))
}

fn delete(request: &ApiRequest) -> Result<ApiResponse, ClusterError> {
    let removed = request
        .cluster
        .write(|state| state.remove_stream(&request.project, &request.name));
    let removed = removed
        .ok_or_else(|| ClusterErrorReason::NotFound(NamedResource::stream(&request.name)))?;
    Ok(ApiResponse::success_deleted(
        &NamedResource::stream(&request.name),
        &removed.meta.uid,
    ))
}

/// Applies what a body says about an image stream: everything but its status.
fn apply_body(stream: &mut ImageStreamObject, body: &Value) {
    stream.meta.annotations = body::string_map(&body["metadata"]["annotations"]);
    stream.meta.labels = body::string_map(&body["metadata"]["labels"]);
    stream.lookup_local = body["spec"]["lookupPolicy"]["local"]
        .as_bool()
        .unwrap_or_default();
    stream.repository = body["spec"]["dockerImageRepository"]
        .as_str()
        .filter(|text| !text.is_empty())
        .map(str::to_owned);
    stream.spec_tags = spec_tags(body);
}

fn spec_tags(body: &Value) -> BTreeMap<String, StoredTagSpec> {
    let tags = body["spec"]["tags"].as_array().into_iter().flatten();
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
pub(super) fn watch_event(request: &ApiRequest, change: &str, stream: &ImageStreamObject) -> Value {
    json!({"type": change, "object": full_object(request, stream)})
}
