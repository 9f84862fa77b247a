//! Image stream tags: a tag of an image stream and its image in one object.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::render::{self, Renderer};
use super::{body, list, streams};
use crate::api::request::ApiRequest;
use crate::api::response::ApiResponse;
use crate::api::write_conflicts;
use crate::cluster::{
    AccessAttributes, ClusterError, ClusterErrorReason, ClusterState, ImageStreamObject,
    NamedResource, StoredTagSpec, Version, rfc3339,
};
use registry_model::{ImageStreamName, TagName};

pub(super) fn answer(request: &ApiRequest) -> Result<ApiResponse, ClusterError> {
    match request.verb {
        "list" => list_tags(request),
        "get" => get(request),
        "create" => {
            let body = body::json(request)?;
            let name = body::name(&body).to_owned();
            set(request, &body, &name, true)
        }
        "update" => set(request, &body::json(request)?, &request.name, false),
        "patch" => {
            let current = request.cluster.read(|state| patch_base(request, state));
            set(
                request,
                &body::patched(request, current)?,
                &request.name,
                false,
            )
        }
        "delete" => delete(request),
        _ => Err(ClusterErrorReason::MethodNotAllowed.into()),
    }
}

fn missing(name: &str) -> ClusterError {
    ClusterErrorReason::NotFound(NamedResource::new(
        "image.openshift.io",
        "imagestreamtags",
        name,
    ))
    .into()
}

fn list_tags(request: &ApiRequest) -> Result<ApiResponse, ClusterError> {
    list::requested_list_kind(request)?;
    let items = request.cluster.read(|state| {
        let streams: Vec<_> = match request.project.as_str() {
            "" => state.streams_after(None).collect(),
            project => state.streams_of(project).collect(),
        };
        // Real API servers iterate over a hash map here: the order is not defined, so it is not
        // kept here either.
        let tags = streams
            .iter()
            .flat_map(|stream| stream.tags.keys().rev().map(move |tag| (stream, tag)));
        tags.filter_map(|(stream, tag)| {
            let item = stream.latest(tag)?;
            let image =
                Renderer::from_request(request).image_named(Some(&item.image), &item.reference);
            tag_object(request, stream, tag, image)
        })
        .collect()
    });
    Ok(ApiResponse::ok(&list::list_object_without_revision(
        request,
        "ImageStreamTagList",
        items,
    )))
}

fn get(request: &ApiRequest) -> Result<ApiResponse, ClusterError> {
    request
        .cluster
        .read(|state| full_object(request, state, &request.name))
        .map(|tag| ApiResponse::ok(&tag))
        .ok_or_else(|| missing(&request.name))
}

/// A tag with its whole image; `None` if it points to none.
fn full_object(request: &ApiRequest, state: &ClusterState, name: &str) -> Option<Value> {
    let (stream, tag) = name.split_once(':')?;
    let stream = state.stream(&request.project, stream)?;
    let item = stream.latest(tag)?;
    let render = Renderer::from_request(request);
    let image = state.image(&item.image).map_or_else(
        || render.image_named(Some(&item.image), &item.reference),
        |image| render.image(image, false),
    );
    tag_object(request, stream, tag, image)
        .map(|object| render.typed("ImageStreamTag", "image.openshift.io", object))
}

fn tag_object(
    request: &ApiRequest,
    stream: &ImageStreamObject,
    tag: &str,
    image: Value,
) -> Option<Value> {
    let render = Renderer::from_request(request);
    let item = stream.latest(tag)?;
    let mut meta = stream.meta.clone();
    meta.name = format!("{}:{tag}", meta.name);
    (meta.generation, meta.created) = (None, item.created);
    meta.annotations = stream
        .spec_tags
        .get(tag)
        .and_then(|tag| tag.annotations.clone())
        .unwrap_or_default();
    meta.labels.clear();
    let spec = stream
        .spec_tags
        .get(tag)
        .map(|spec| render.spec_tag(tag, spec));
    Some(render::object([
        (
            "metadata",
            render.meta(&meta, Some(("image.openshift.io", "imagestreamtags"))),
        ),
        ("tag", spec.unwrap_or_default()),
        ("generation", item.generation.into()),
        ("lookupPolicy", json!({"local": stream.lookup_local})),
        ("image", image),
    ]))
}

/// The object that a patch of a tag starts from: a tag that points to no image can be patched as
/// well.
fn patch_base(request: &ApiRequest, state: &ClusterState) -> Value {
    let (stream, tag) = request.name.split_once(':').unwrap_or((&request.name, ""));
    let spec = state
        .stream(&request.project, stream)
        .and_then(|stream| stream.spec_tags.get(tag));
    let spec = spec.map(|spec| Renderer::from_request(request).spec_tag(tag, spec));
    let annotations = spec.as_ref().map(|spec| spec["annotations"].clone());
    json!({"metadata": {"name": request.name, "annotations": annotations}, "tag": spec})
}

/// The image stream and the tag in a name.
fn split_tag_name(name: &str) -> Result<(&str, &str), ClusterError> {
    let valid = |(stream, tag): &(&str, &str)| {
        stream.parse::<ImageStreamName>().is_ok() && tag.parse::<TagName>().is_ok()
    };
    name.split_once(':').filter(valid).ok_or_else(|| {
        let message = format!("Invalid value: {name:?}: must be of the form <stream_name>:<tag>");
        let (kind, group, field) = (
            "ImageStreamTag",
            "image.openshift.io",
            "metadata.name".to_owned(),
        );
        ClusterErrorReason::Invalid {
            kind,
            group,
            name: name.to_owned(),
            field,
            cause: "FieldValueInvalid",
            message,
        }
        .into()
    })
}

fn set(
    request: &ApiRequest,
    body: &Value,
    name: &str,
    create: bool,
) -> Result<ApiResponse, ClusterError> {
    let (stream, tag) = split_tag_name(name)?;
    // The annotations of a tag are those of the object, whatever its `tag` says (origin,
    // `pkg/image/registry/imagestreamtag`).
    let annotations = body::string_map(&body["metadata"]["annotations"]);
    let spec = StoredTagSpec {
        annotations: (!annotations.is_empty()).then_some(annotations),
        ..streams::spec_tag(&body["tag"])
    };
    request.cluster.write(|state| {
        streams::refuse_forbidden_imports(
            state,
            stream,
            &BTreeMap::from([(tag.to_owned(), spec.clone())]),
        )?;
        let known = state.stream(&request.project, stream).cloned();
        if create
            && known.as_ref().is_some_and(|known| {
                known.spec_tags.contains_key(tag) || known.tags.contains_key(tag)
            })
        {
            return Err(ClusterErrorReason::AlreadyExists(NamedResource::new(
                "image.openshift.io",
                "imagestreamtags",
                name,
            ))
            .into());
        }
        if let Some(known) = &known {
            write_conflicts::refuse_conflict(request, known)?;
        }
        if !create {
            // An update without a resource version is accepted; otherwise it must be the image
            // stream's.
            let version = body["metadata"]["resourceVersion"]
                .as_str()
                .filter(|version| !version.is_empty());
            let object = NamedResource::new("image.openshift.io", "imagestreamtags", name);
            match (version, &known) {
                (Some(_), None) => return Err(ClusterErrorReason::NotFound(object).into()),
                (Some(version), Some(known))
                    if version != known.meta.resource_version.to_string() =>
                {
                    return Err(ClusterErrorReason::Conflict(object).into());
                }
                _ => {}
            }
        }
        streams::refuse_scheduled(stream, &BTreeMap::from([(tag.to_owned(), spec.clone())]))?;
        refuse_unpullable(request, state, stream, tag, &spec)?;
        refuse_unknown_image(request, state, stream, tag, &spec)?;
        state.refuse_over_tag_limit(&request.project, stream, known.as_deref(), &[tag])?;
        if known.is_none() {
            state.refuse_over_quota(&request.project, stream)?;
            let mut meta = state.new_meta(Some(&request.project), stream);
            meta.generation = Some(0);
            state.put_stream("ADDED", ImageStreamObject::new(meta));
        }
        state.change_stream(&request.project, stream, |stream| {
            let generation = Some(stream.next_generation());
            stream.spec_tags.insert(
                tag.to_owned(),
                StoredTagSpec {
                    generation,
                    ..spec.clone()
                },
            );
        });
        state.update_tracking_tags(&request.project, stream);
        state.run_import_controller(&request.project, stream);
        // 3.9 answers a POST with the request (recorded in `imagestreamtag-create-reference`), and
        // a PUT with the result (`imagestreamtag-put`); a PUT of a tag that the spec did not
        // contain creates it (`put-imagestreamtags-201-1`).
        let is_shown = !create || request.cluster.version() == Version::V4;
        let shown = if is_shown {
            full_object(request, state, name)
        } else {
            None
        };
        let shown = shown.unwrap_or_else(|| requested_tag_object(request, state, name, tag, &spec));
        let is_new = create || known.is_none_or(|known| !known.spec_tags.contains_key(tag));
        Ok(if is_new {
            ApiResponse::created(&shown)
        } else {
            ApiResponse::ok(&shown)
        })
    })
}

/// A tag may track something of another project only if the user may pull from there (origin,
/// `TagVerifier`).
fn refuse_unpullable(
    request: &ApiRequest,
    state: &ClusterState,
    stream: &str,
    tag: &str,
    spec: &StoredTagSpec,
) -> Result<(), ClusterError> {
    let from = spec.from.as_ref().filter(|from| {
        from.namespace
            .as_deref()
            .is_some_and(|project| project != request.project)
    });
    let Some((project, from)) = from.and_then(|from| Some((from.namespace.as_deref()?, from)))
    else {
        return Ok(());
    };
    let source = from.name.split([':', '@']).next().unwrap_or_default();
    let pull = AccessAttributes {
        project,
        verb: "get",
        group: "image.openshift.io",
        resource: "imagestreams",
        subresource: "layers",
        name: source,
    };
    if state.matching_binding(request.user(), &pull).is_some() {
        return Ok(());
    }
    let (kind, group, field) = (
        "ImageStream",
        "image.openshift.io",
        format!("spec.tags[{tag}].from"),
    );
    let message = format!("Forbidden: {project}/{source}");
    Err(ClusterErrorReason::Invalid {
        kind,
        group,
        name: stream.to_owned(),
        field,
        cause: "FieldValueForbidden",
        message,
    }
    .into())
}

/// A tag can be set only to an image that is in the history of some tag of the image stream that it
/// names (origin, `tagReferenceToTagEvent`).
fn refuse_unknown_image(
    request: &ApiRequest,
    state: &ClusterState,
    stream: &str,
    tag: &str,
    spec: &StoredTagSpec,
) -> Result<(), ClusterError> {
    let Some(from) = spec
        .from
        .as_ref()
        .filter(|from| from.kind == "ImageStreamImage")
    else {
        return Ok(());
    };
    let project = from.namespace.as_deref().unwrap_or(&request.project);
    let held = from
        .name
        .split_once('@')
        .and_then(|(source, digest)| state.stream_image(state.stream(project, source)?, digest));
    if held.is_some() {
        return Ok(());
    }
    let object = NamedResource::new("image.openshift.io", "imagestreamimages", &from.name);
    let message = format!(
        "Invalid value: {:?}: error generating tag event: {} not found",
        from.name, object
    );
    let (kind, group, field) = (
        "ImageStream",
        "image.openshift.io",
        format!("spec.tags[{tag}].from.name"),
    );
    Err(ClusterErrorReason::Invalid {
        kind,
        group,
        name: stream.to_owned(),
        field,
        cause: "FieldValueInvalid",
        message,
    }
    .into())
}

/// The response of 3.9 to a new tag: the request, without its result (recorded in
/// `imagestreamtag-create-reference`).
fn requested_tag_object(
    request: &ApiRequest,
    state: &mut ClusterState,
    name: &str,
    tag: &str,
    spec: &StoredTagSpec,
) -> Value {
    let render = Renderer::from_request(request);
    let (group, resource) = ("image.openshift.io", "imagestreamtags");
    let mut meta = json!({"name": name, "namespace": request.project, "uid": state.new_uid(), "creationTimestamp": rfc3339(state.now())});
    if request.cluster.version() == Version::V3_9 {
        meta["selfLink"] = render
            .self_link(group, Some(&request.project), resource, name)
            .into();
    }
    let spec = StoredTagSpec {
        generation: None,
        ..spec.clone()
    };
    let object = json!({"metadata": meta, "tag": render.spec_tag(tag, &spec), "generation": 0, "lookupPolicy": {"local": false},
        "image": render.image_named(None, "")});
    render.typed("ImageStreamTag", group, object)
}

fn delete(request: &ApiRequest) -> Result<ApiResponse, ClusterError> {
    let (stream, tag) = request
        .name
        .split_once(':')
        .ok_or_else(|| missing(&request.name))?;
    request.cluster.write(|state| {
        let known = state
            .stream(&request.project, stream)
            .ok_or_else(|| missing(&request.name))?;
        if !known.spec_tags.contains_key(tag) && !known.tags.contains_key(tag) {
            return Err(missing(&request.name));
        }
        write_conflicts::refuse_conflict(request, known)?;
        state.change_stream(&request.project, stream, |stream| {
            stream.next_generation();
            stream.spec_tags.remove(tag);
            stream.tags.remove(tag);
        });
        Ok(ApiResponse::success())
    })
}
