//! Images: of the cluster and of an image stream, and the layers of an image stream.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::list::{self, ListPage};
use super::render::Renderer;
use super::streams;
use crate::api::request::ApiRequest;
use crate::api::response::ApiResponse;
use crate::cluster::{
    ClusterError, ClusterErrorReason, ClusterState, ImageObject, NamedResource, Version,
};

const GROUP: &str = "image.openshift.io";

/// `images`.
pub(super) fn answer(request: &ApiRequest) -> Result<ApiResponse, ClusterError> {
    let render = Renderer::from_request(request);
    let missing = || {
        ClusterError::from(ClusterErrorReason::NotFound(NamedResource::new(
            GROUP,
            "images",
            &request.name,
        )))
    };
    match request.verb {
        "list" => {
            list::requested_list_kind(request)?;
            let start = list::continue_key(request)?;
            Ok(ApiResponse::ok(&request.cluster.read(|state| {
                list::list_object(
                    request,
                    state,
                    "ImageList",
                    page(request, state, start.as_ref()),
                )
            })))
        }
        "get" => {
            let image = request.cluster.read(|state| {
                state
                    .image(&request.name)
                    .map(|image| render.image(image, true))
            });
            Ok(ApiResponse::ok(&render.typed(
                "Image",
                GROUP,
                image.ok_or_else(missing)?,
            )))
        }
        "delete" => {
            let removed = request
                .cluster
                .write(|state| state.remove_image(&request.name))
                .ok_or_else(missing)?;
            Ok(ApiResponse::success_deleted(
                &NamedResource::new(GROUP, "images", &request.name),
                &removed.meta.uid,
            ))
        }
        _ => Err(ClusterErrorReason::MethodNotAllowed.into()),
    }
}

/// A page of the images of the cluster, starting after the last one of the previous page.
fn page(request: &ApiRequest, state: &ClusterState, start: Option<&(String, String)>) -> ListPage {
    let render = Renderer::from_request(request);
    let left = |image: &&ImageObject| start.is_none_or(|(last, _)| image.meta.name > *last);
    let limit = request
        .query
        .limit
        .filter(|limit| *limit > 0)
        .unwrap_or(usize::MAX);
    let images: Vec<&ImageObject> = state.images().filter(left).take(limit).collect();
    let rest = state.images().filter(left).count() - images.len();
    let last = images
        .last()
        .filter(|_| rest > 0)
        .map(|last| last.meta.name.clone());
    ListPage {
        items: images
            .into_iter()
            .map(|image| render.image(image, true))
            .collect(),
        continuation: last.map(|last| (last, rest)),
    }
}

/// `imagestreamimages`: an image of a stream, named `stream@digest`.
pub(super) fn answer_stream_images(request: &ApiRequest) -> Result<ApiResponse, ClusterError> {
    if request.verb != "get" {
        return Err(ClusterErrorReason::MethodNotAllowed.into());
    }
    if request
        .cluster
        .read(|state| has_unreadable_image(request, state))
    {
        let (kind, field, cause) = (
            "ImageStreamImage",
            "image.dockerImageMetadata.created".to_owned(),
            "FieldValueInvalid",
        );
        let message =
            "Invalid value: the configuration of an image of the image stream cannot be parsed"
                .to_owned();
        return Err(ClusterErrorReason::Invalid {
            kind,
            group: GROUP,
            name: request.name.clone(),
            field,
            cause,
            message,
        }
        .into());
    }
    let found = request.cluster.read(|state| stream_image(request, state));
    found
        .map(|image| ApiResponse::ok(&image))
        .ok_or_else(|| missing_in_stream(request))
}

/// The message of either version (recorded in `imagestreamimage-missing`).
fn missing_in_stream(request: &ApiRequest) -> ClusterError {
    let named = match request.cluster.version() {
        Version::V3_9 => request
            .name
            .split_once('@')
            .map_or(request.name.as_str(), |(_, digest)| digest),
        Version::V4 => &request.name,
    };
    ClusterErrorReason::NotFound(NamedResource::new(GROUP, "imagestreamimage", named)).into()
}

/// One image whose config has an invalid time in `created` makes the real API server refuse all
/// images of its image stream with 422; `imagestreamtags` still answers. The message is not
/// recorded.
fn has_unreadable_image(request: &ApiRequest, state: &ClusterState) -> bool {
    let Some(stream) = request
        .name
        .split_once('@')
        .and_then(|(stream, _)| state.stream(&request.project, stream))
    else {
        return false;
    };
    let images = stream
        .tags
        .values()
        .flat_map(|history| &history.items)
        .filter_map(|item| state.image(&item.image));
    let mut created = images.filter_map(|image| image.metadata.get("Created")?.as_str());
    created.any(|created| chrono::DateTime::parse_from_rfc3339(created).is_err())
}

fn stream_image(request: &ApiRequest, state: &ClusterState) -> Option<Value> {
    let (stream, digest) = request.name.split_once('@')?;
    let stream = state.stream(&request.project, stream)?;
    let image = state.stream_image(stream, digest)?;
    let render = Renderer::from_request(request);
    let mut meta = json!({"name": request.name, "namespace": request.project, "creationTimestamp": crate::cluster::rfc3339(image.meta.created)});
    if request.cluster.version() == Version::V3_9 {
        meta["selfLink"] = render
            .self_link(
                GROUP,
                Some(&request.project),
                "imagestreamimages",
                &request.name,
            )
            .into();
    }
    Some(render.typed(
        "ImageStreamImage",
        GROUP,
        json!({"metadata": meta, "image": render.image(image, false)}),
    ))
}

/// `imagestreams/…/layers` (OpenShift 4): the blobs of an image stream and the images to which they
/// belong.
pub(super) fn answer_stream_layers(request: &ApiRequest) -> Result<ApiResponse, ClusterError> {
    let stream = streams::requested_stream(request)?;
    let render = Renderer::from_request(request);
    let (mut blobs, mut images) = (BTreeMap::new(), BTreeMap::new());
    request.cluster.read(|state| {
        for item in stream.tags.values().flat_map(|history| &history.items) {
            add_layers(state, &item.image, &mut blobs, &mut images);
        }
    });
    let layers =
        json!({"metadata": render.meta(&stream.meta, None), "blobs": blobs, "images": images});
    Ok(ApiResponse::ok(&render.typed(
        "ImageStreamLayers",
        GROUP,
        layers,
    )))
}

fn add_layers(
    state: &ClusterState,
    digest: &str,
    blobs: &mut BTreeMap<String, Value>,
    images: &mut BTreeMap<String, Value>,
) {
    if images.contains_key(digest) {
        return;
    }
    let Some(image) = state.image(digest) else {
        images.insert(
            digest.to_owned(),
            json!({"imageMissing": true, "layers": null, "config": null}),
        );
        return;
    };
    images.insert(digest.to_owned(), image_blobs(image));
    blobs.insert(
        digest.to_owned(),
        json!({"size": null, "mediaType": image.media_type}),
    );
    for layer in &image.layers {
        blobs.insert(
            layer.digest.clone(),
            json!({"size": layer.size, "mediaType": layer.media_type}),
        );
    }
    if let Some(config) = &image.config {
        blobs.insert(
            config.clone(),
            json!({"size": null, "mediaType": config_media_type(&image.media_type)}),
        );
    }
    for platform in &image.platforms {
        add_layers(state, &platform.digest, blobs, images);
    }
}

/// The media type of the config for an image's media type.
fn config_media_type(image: &str) -> &'static str {
    if image.starts_with("application/vnd.oci.") {
        "application/vnd.oci.image.config.v1+json"
    } else {
        "application/vnd.docker.container.image.v1+json"
    }
}

fn image_blobs(image: &ImageObject) -> Value {
    if image.platforms.is_empty() {
        let layers: Vec<&str> = image
            .layers
            .iter()
            .map(|layer| layer.digest.as_str())
            .collect();
        json!({"imageMissing": false, "layers": layers, "config": image.config})
    } else {
        let manifests: Vec<&str> = image
            .platforms
            .iter()
            .map(|platform| platform.digest.as_str())
            .collect();
        json!({"imageMissing": false, "layers": null, "config": null, "manifests": manifests})
    }
}
