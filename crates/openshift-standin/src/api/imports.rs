//! Image stream imports: reads images of other registries and, if requested, imports them.

use serde_json::{Value, json};

use super::render::Renderer;
use super::{body, streams};
use crate::api::request::ApiRequest;
use crate::api::response::ApiResponse;
use crate::api::write_conflicts;
use crate::cluster::{
    ClusterError, ClusterErrorReason, ClusterState, ImageObject, NamedResource, SimulatedImport,
    StoredTagSpec, TagReference, Version, rfc3339, tag_of,
};

const GROUP: &str = "image.openshift.io";

/// An image of an import.
struct ImportItem {
    /// The tag that is set to it.
    tag: String,
    spec: StoredTagSpec,
    source: String,
}

/// `imagestreamimports`.
pub(super) fn answer(request: &ApiRequest) -> Result<ApiResponse, ClusterError> {
    if request.verb != "create" {
        return Err(ClusterErrorReason::MethodNotAllowed.into());
    }
    let body = body::json(request)?;
    let name = body::name(&body).to_owned();
    request.cluster.write(|state| {
        if let Some(known) = state.stream(&request.project, &name) {
            body::refuse_stale(
                &body,
                &known.meta,
                NamedResource::new(GROUP, "imagestreamimports", &name),
            )?;
            write_conflicts::refuse_conflict(request, known)?;
        }
        let images = requested_images(&body);
        for (number, image) in images.iter().enumerate() {
            refuse_forbidden(
                state,
                &name,
                &format!("spec.images[{number}].from.name"),
                &image.source,
            )?;
        }
        let repository = body["spec"]["repository"]["from"]["name"].as_str();
        if let Some(repository) = repository {
            refuse_forbidden(state, &name, "spec.repository.from.name", repository)?;
        }
        let offered = repository
            .map(|repository| repository_images(state, repository, &body["spec"]["repository"]));
        let status = import(
            request,
            state,
            &name,
            body["spec"]["import"] == true,
            images,
            offered,
        );
        Ok(ApiResponse::created(&import_response(
            request, state, &name, &body, &status,
        )))
    })
}

/// Imports, or only reads if `store` is false. Returns the `status` of the response.
fn import(
    request: &ApiRequest,
    state: &mut ClusterState,
    name: &str,
    store: bool,
    images: Vec<ImportItem>,
    offered: Option<Vec<ImportItem>>,
) -> Value {
    let mut status = json!({});
    let images = import_all(state, images, store);
    let offered = offered.map(|offered| import_all(state, offered, store));
    if store {
        let all = images.iter().chain(offered.iter().flatten());
        let noted: Vec<_> = all
            .map(|(item, imported)| (item.tag.clone(), item.spec.clone(), imported.clone()))
            .collect();
        if let Some(stream) = state.record_imports(&request.project, name, &noted) {
            let mut shown = Renderer::from_request(request).stream(&stream);
            if let Some(meta) = shown["metadata"].as_object_mut() {
                meta.remove("selfLink");
            }
            status["import"] = shown;
        }
    }
    let show = |outcomes: &[(ImportItem, SimulatedImport)]| {
        outcomes
            .iter()
            .map(|(item, imported)| image_import_status(request, item, imported, store))
            .collect::<Vec<_>>()
    };
    if !images.is_empty() {
        status["images"] = show(&images).into();
    }
    if let Some(offered) = offered {
        status["repository"] = json!({"status": success(), "images": show(&offered)});
    }
    status
}

fn requested_images(body: &Value) -> Vec<ImportItem> {
    let images = body["spec"]["images"].as_array().into_iter().flatten();
    images
        .map(|image| {
            let source = image["from"]["name"]
                .as_str()
                .unwrap_or_default()
                .to_owned();
            let tag = image["to"]["name"]
                .as_str()
                .or(tag_of(&source))
                .unwrap_or("latest")
                .to_owned();
            ImportItem {
                tag,
                spec: streams::spec_tag(image),
                source,
            }
        })
        .collect()
}

fn repository_images(state: &ClusterState, repository: &str, body: &Value) -> Vec<ImportItem> {
    let spec = |source: &str| StoredTagSpec {
        from: Some(TagReference::docker_image(source)),
        ..streams::spec_tag(body)
    };
    let tags = state.external_tags(repository).into_iter();
    tags.map(|tag| (format!("{repository}:{tag}"), tag))
        .map(|(source, tag)| ImportItem {
            tag,
            spec: spec(&source),
            source,
        })
        .collect()
}

fn import_all(
    state: &mut ClusterState,
    items: Vec<ImportItem>,
    store: bool,
) -> Vec<(ImportItem, SimulatedImport)> {
    let import = |item: ImportItem| {
        let imported = state.import(&item.source, &item.spec, store);
        (item, imported)
    };
    items.into_iter().map(import).collect()
}

fn refuse_forbidden(
    state: &ClusterState,
    name: &str,
    field: &str,
    source: &str,
) -> Result<(), ClusterError> {
    let Some(why) = state.import_forbidden(source) else {
        return Ok(());
    };
    let registry = source.split('/').next().unwrap_or_default();
    let message =
        format!("Forbidden: importing images from registry {registry:?} is forbidden: {why}");
    let (kind, cause) = ("ImageStreamImport", "FieldValueForbidden");
    Err(ClusterErrorReason::Invalid {
        kind,
        group: GROUP,
        name: name.to_owned(),
        field: field.to_owned(),
        cause,
        message,
    }
    .into())
}

fn success() -> Value {
    json!({"metadata": {}, "status": "Success"})
}

/// The result of the import of one image.
fn image_import_status(
    request: &ApiRequest,
    item: &ImportItem,
    imported: &SimulatedImport,
    stored: bool,
) -> Value {
    let version = request.cluster.version();
    let tag = tag_of(&item.source).unwrap_or("latest");
    match imported {
        SimulatedImport::Image(image, platforms) => {
            let mut outcome = json!({"status": success(), "image": image_as_imported(request, image, stored), "tag": tag});
            if !platforms.is_empty() {
                outcome["manifests"] = platforms
                    .iter()
                    .map(|platform| image_as_imported(request, platform, stored))
                    .collect();
            }
            outcome
        }
        SimulatedImport::Missing => {
            let object = NamedResource::new(GROUP, "dockerimage", &item.source);
            json!({"status": {"metadata": {}, "status": "Failure", "message": format!("{object} not found"), "reason": "NotFound",
                "details": {"name": item.source, "group": GROUP, "kind": "dockerimage"}, "code": 404}, "tag": tag})
        }
        SimulatedImport::Unreachable(error) => {
            let error = if version == Version::V4 {
                format!("{}: {error}", item.source)
            } else {
                error.clone()
            };
            json!({"status": {"metadata": {}, "status": "Failure", "message": format!("Internal error occurred: {error}"),
                "reason": "InternalError", "details": {"causes": [{"message": error}]}, "code": 500}, "tag": tag})
        }
    }
}

fn image_as_imported(request: &ApiRequest, image: &ImageObject, stored: bool) -> Value {
    let mut shown = Renderer::from_request(request).image(image, false);
    if let Some(meta) = shown["metadata"].as_object_mut() {
        if !stored {
            meta.remove("uid");
            meta.insert("creationTimestamp".to_owned(), Value::Null);
        }
        if !stored || request.cluster.version() == Version::V4 {
            meta.remove("resourceVersion");
        }
    }
    shown
}

/// The response: the request, with the policies that apply, and the result.
fn import_response(
    request: &ApiRequest,
    state: &mut ClusterState,
    name: &str,
    body: &Value,
    status: &Value,
) -> Value {
    let render = Renderer::from_request(request);
    let mut meta = json!({"name": name, "namespace": request.project, "uid": state.new_uid(), "creationTimestamp": rfc3339(state.now())});
    if request.cluster.version() == Version::V3_9 {
        meta["selfLink"] = render
            .self_link(GROUP, Some(&request.project), "imagestreamimports", name)
            .into();
    }
    let mut spec = body["spec"].clone();
    let with_policies = |image: &mut Value| {
        let spec_tag = streams::spec_tag(image);
        image["importPolicy"] = render.import_policy(&spec_tag);
        image["referencePolicy"] =
            json!({"type": spec_tag.reference_policy.as_deref().unwrap_or("Source")});
    };
    spec["images"]
        .as_array_mut()
        .into_iter()
        .flatten()
        .for_each(with_policies);
    if spec["repository"].is_object() {
        with_policies(&mut spec["repository"]);
    }
    if let Some(spec) = spec.as_object_mut() {
        spec.retain(|_, value| !value.is_null());
    }
    render.typed(
        "ImageStreamImport",
        GROUP,
        json!({"metadata": meta, "spec": spec, "status": status}),
    )
}
