//! Signatures of images, each an object named `digest@name` that is stored in the image.

use serde_json::Value;

use super::body;
use super::render::Renderer;
use crate::api::request::ApiRequest;
use crate::api::response::ApiResponse;
use crate::cluster::{
    ClusterError, ClusterErrorReason, ClusterState, ImageSignature, NamedResource,
};

const GROUP: &str = "image.openshift.io";

/// `imagesignatures`: they are created and deleted, and read with the image.
pub(super) fn answer(request: &ApiRequest) -> Result<ApiResponse, ClusterError> {
    match request.verb {
        "create" => create(request),
        "delete" => {
            let missing = || {
                ClusterError::from(ClusterErrorReason::NotFound(NamedResource::new(
                    GROUP,
                    "imagesignatures",
                    &request.name,
                )))
            };
            request.cluster.write(|state| {
                let digest = digest_of(&request.name).ok_or_else(missing)?;
                state
                    .change_image(digest, |image| {
                        let before = image.signatures.len();
                        image
                            .signatures
                            .retain(|signature| signature.meta.name != request.name);
                        image.signatures.len() < before
                    })
                    .filter(|removed| *removed)
                    .ok_or_else(missing)
            })?;
            Ok(ApiResponse::success())
        }
        _ => Err(ClusterErrorReason::MethodNotAllowed.into()),
    }
}

fn digest_of(name: &str) -> Option<&str> {
    name.split_once('@').map(|(digest, _)| digest)
}

fn create(request: &ApiRequest) -> Result<ApiResponse, ClusterError> {
    let body = body::json(request)?;
    let name = body::name(&body);
    let Some(digest) = digest_of(name) else {
        let message =
            format!("Invalid value: {name:?}: name must be of format <imageName>@<signatureName>");
        let (kind, field) = ("ImageSignature", "metadata.name".to_owned());
        return Err(ClusterErrorReason::Invalid {
            kind,
            group: GROUP,
            name: name.to_owned(),
            field,
            cause: "FieldValueInvalid",
            message,
        }
        .into());
    };
    let text = |field: &str| body[field].as_str().unwrap_or_default().to_owned();
    let created = request.cluster.write(|state| {
        refuse_duplicate(state, digest, name)?;
        let signature = ImageSignature {
            meta: state.new_meta(None, name),
            kind: text("type"),
            content: text("content"),
        };
        let stored = state.change_image(digest, |image| image.signatures.push(signature.clone()));
        stored.map(|()| signature).ok_or_else(|| {
            ClusterError::from(ClusterErrorReason::NotFound(NamedResource::new(
                GROUP, "images", digest,
            )))
        })
    })?;
    let render = Renderer::from_request(request);
    let mut shown: Value = render.signature(&created);
    if let Some(link) = render.self_link_v3_9(GROUP, "imagesignatures", name) {
        shown["metadata"]["selfLink"] = link.into();
    }
    Ok(ApiResponse::created(&render.typed(
        "ImageSignature",
        GROUP,
        shown,
    )))
}

fn refuse_duplicate(state: &ClusterState, digest: &str, name: &str) -> Result<(), ClusterError> {
    let known = state.image(digest).is_some_and(|image| {
        image
            .signatures
            .iter()
            .any(|signature| signature.meta.name == name)
    });
    if known {
        Err(
            ClusterErrorReason::AlreadyExists(NamedResource::new(GROUP, "imagesignatures", name))
                .into(),
        )
    } else {
        Ok(())
    }
}
