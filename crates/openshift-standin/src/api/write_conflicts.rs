//! Conflicts between concurrent changes of tags.
//!
//! A tag is changed by reading its image stream, changing it in memory, and writing it back on
//! condition that it has not changed meanwhile. The real API servers do not retry: the later write
//! is refused with 409, or, if a tag is removed, with a 500 that has only a message (recorded in
//! `delete-imagestreamtags-500-1`; the code that does so is the same in OpenShift 4).

use crate::api::request::ApiRequest;
use crate::cluster::{
    ClusterError, ClusterErrorReason, ImageStreamObject, NamedResource, StreamWrite,
};

/// Reads the current image stream that a request changes, and lets other requests change it before
/// this one continues.
pub(super) async fn read_stream(request: &mut ApiRequest) {
    let Some(stream) = changed_stream_name(request) else {
        return;
    };
    request.read_revision = request.cluster.read(|state| {
        state
            .stream(&request.project, &stream)
            .map(|stream| stream.meta.resource_version)
    });
    request
        .cluster
        .before_stream_write(StreamWrite {
            verb: request.verb,
            project: request.project.clone(),
            stream,
        })
        .await;
}

/// Refuses a change of an image stream that has changed since it was read.
pub(super) fn refuse_conflict(
    request: &ApiRequest,
    current: &ImageStreamObject,
) -> Result<(), ClusterError> {
    if request
        .read_revision
        .is_none_or(|read| read == current.meta.resource_version)
    {
        return Ok(());
    }
    let object = NamedResource::new("image.openshift.io", &request.resource, &current.meta.name);
    Err(if request.verb == "delete" {
        ClusterErrorReason::RemovalConflict(object)
    } else {
        ClusterErrorReason::Conflict(object)
    }
    .into())
}

fn changed_stream_name(request: &ApiRequest) -> Option<String> {
    let changes = request.group == "image.openshift.io"
        && matches!(request.verb, "create" | "update" | "patch" | "delete");
    if !changes {
        return None;
    }
    let body: serde_json::Value = serde_json::from_slice(&request.body).unwrap_or_default();
    let named = if request.name.is_empty() {
        super::body::name(&body)
    } else {
        &request.name
    };
    match request.resource.as_str() {
        "imagestreamtags" => Some(named.split(':').next()?.to_owned()),
        "imagestreamimports" if body["spec"]["import"] == true => Some(named.to_owned()),
        _ => None,
    }
}
