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
pub(super) fn answer(asked: &ApiRequest) -> Result<ApiResponse, ClusterError> {
    if asked.verb != "create" {
        return Err(ClusterErrorReason::MethodNotAllowed.into());
    }
    let wanted = body::json(asked)?;
    let name = body::name(&wanted).to_owned();
    asked.cluster.write(|state| {
        if let Some(known) = state.stream(&asked.project, &name) {
            body::refuse_stale(
                &wanted,
                &known.meta,
                NamedResource::new(GROUP, "imagestreamimports", &name),
            )?;
            write_conflicts::refuse_conflict(asked, known)?;
        }
        let images = requested_images(&wanted);
        for (number, image) in images.iter().enumerate() {
            refuse_forbidden(
                state,
                &name,
                &format!("spec.images[{number}].from.name"),
                &image.source,
            )?;
        }
        let repository = wanted["spec"]["repository"]["from"]["name"].as_str();
        if let Some(repository) = repository {
            refuse_forbidden(state, &name, "spec.repository.from.name", repository)?;
        }
        let offered = repository
            .map(|repository| repository_images(state, repository, &wanted["spec"]["repository"]));
        let status = import(
            asked,
            state,
            &name,
            wanted["spec"]["import"] == true,
            images,
            offered,
        );
        Ok(ApiResponse::created(&import_response(
            asked, state, &name, &wanted, &status,
        )))
    })
}

/// Imports, or only reads if `store` is false. Returns the `status` of the response.
fn import(
    asked: &ApiRequest,
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
            .map(|(wanted, imported)| (wanted.tag.clone(), wanted.spec.clone(), imported.clone()))
            .collect();
        if let Some(stream) = state.record_imports(&asked.project, name, &noted) {
            let mut shown = Renderer::from_request(asked).stream(&stream);
            if let Some(meta) = shown["metadata"].as_object_mut() {
                meta.remove("selfLink");
            }
            status["import"] = shown;
        }
    }
    let show = |outcomes: &[(ImportItem, SimulatedImport)]| {
        outcomes
            .iter()
            .map(|(wanted, imported)| image_import_status(asked, wanted, imported, store))
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

fn requested_images(wanted: &Value) -> Vec<ImportItem> {
    let images = wanted["spec"]["images"].as_array().into_iter().flatten();
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

fn repository_images(state: &ClusterState, repository: &str, wanted: &Value) -> Vec<ImportItem> {
    let spec = |source: &str| StoredTagSpec {
        from: Some(TagReference::docker_image(source)),
        ..streams::spec_tag(wanted)
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
    wanted: Vec<ImportItem>,
    store: bool,
) -> Vec<(ImportItem, SimulatedImport)> {
    let import = |wanted: ImportItem| {
        let imported = state.import(&wanted.source, &wanted.spec, store);
        (wanted, imported)
    };
    wanted.into_iter().map(import).collect()
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
    asked: &ApiRequest,
    wanted: &ImportItem,
    imported: &SimulatedImport,
    stored: bool,
) -> Value {
    let version = asked.cluster.version();
    let tag = tag_of(&wanted.source).unwrap_or("latest");
    match imported {
        SimulatedImport::Image(image, platforms) => {
            let mut outcome = json!({"status": success(), "image": image_as_imported(asked, image, stored), "tag": tag});
            if !platforms.is_empty() {
                outcome["manifests"] = platforms
                    .iter()
                    .map(|platform| image_as_imported(asked, platform, stored))
                    .collect();
            }
            outcome
        }
        SimulatedImport::Missing => {
            let object = NamedResource::new(GROUP, "dockerimage", &wanted.source);
            json!({"status": {"metadata": {}, "status": "Failure", "message": format!("{object} not found"), "reason": "NotFound",
                "details": {"name": wanted.source, "group": GROUP, "kind": "dockerimage"}, "code": 404}, "tag": tag})
        }
        SimulatedImport::Unreachable(error) => {
            let error = if version == Version::V4 {
                format!("{}: {error}", wanted.source)
            } else {
                error.clone()
            };
            json!({"status": {"metadata": {}, "status": "Failure", "message": format!("Internal error occurred: {error}"),
                "reason": "InternalError", "details": {"causes": [{"message": error}]}, "code": 500}, "tag": tag})
        }
    }
}

fn image_as_imported(asked: &ApiRequest, image: &ImageObject, stored: bool) -> Value {
    let mut shown = Renderer::from_request(asked).image(image, false);
    if let Some(meta) = shown["metadata"].as_object_mut() {
        if !stored {
            meta.remove("uid");
            meta.insert("creationTimestamp".to_owned(), Value::Null);
        }
        if !stored || asked.cluster.version() == Version::V4 {
            meta.remove("resourceVersion");
        }
    }
    shown
}

/// The response: the request, with the policies that apply, and the result.
fn import_response(
    asked: &ApiRequest,
    state: &mut ClusterState,
    name: &str,
    wanted: &Value,
    status: &Value,
) -> Value {
    let render = Renderer::from_request(asked);
    let mut meta = json!({"name": name, "namespace": asked.project, "uid": state.new_uid(), "creationTimestamp": rfc3339(state.now())});
    if asked.cluster.version() == Version::V3_9 {
        meta["selfLink"] = render
            .self_link(GROUP, Some(&asked.project), "imagestreamimports", name)
            .into();
    }
    let mut spec = wanted["spec"].clone();
    let with_policies = |image: &mut Value| {
        let said = streams::spec_tag(image);
        image["importPolicy"] = render.import_policy(&said);
        image["referencePolicy"] =
            json!({"type": said.reference_policy.as_deref().unwrap_or("Source")});
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
