//! Requests that change image streams.

use http::Method;
use serde_json::{Value, json};

use super::{IMAGE_API, MAX_OBJECT_BYTES};
use crate::outbound::Request;
use registry_model::{ImageStreamName, ProjectName};

fn stream_path(project: &ProjectName, stream: &ImageStreamName) -> String {
    format!("{IMAGE_API}/namespaces/{project}/imagestreams/{stream}")
}

pub(in crate::openshift) fn create(project: &ProjectName, body: &Value) -> Request<'static> {
    let path = format!("{IMAGE_API}/namespaces/{project}/imagestreams");
    Request::new(Method::POST, "create image stream", path)
        .json(body)
        .with_changed_project(project)
        .max_bytes(MAX_OBJECT_BYTES)
}

/// Replaces the whole object. The API server compares the resource version in `body`.
pub(in crate::openshift) fn update(
    project: &ProjectName,
    stream: &ImageStreamName,
    body: &Value,
) -> Request<'static> {
    Request::new(
        Method::PUT,
        "update image stream",
        stream_path(project, stream),
    )
    .json(body)
    .with_changed_project(project)
    .max_bytes(MAX_OBJECT_BYTES)
}

pub(in crate::openshift) fn delete(
    project: &ProjectName,
    stream: &ImageStreamName,
) -> Request<'static> {
    Request::new(
        Method::DELETE,
        "delete image stream",
        stream_path(project, stream),
    )
    .with_changed_project(project)
    .max_bytes(MAX_OBJECT_BYTES)
}

/// Imports the images and the repository of `spec`, or previews them if its `import` is false. The
/// version is the resource version of the stream.
pub(in crate::openshift) fn import(
    project: &ProjectName,
    stream: &ImageStreamName,
    spec: &Value,
    version: Option<&str>,
) -> Request<'static> {
    let mut body = json!({
        "apiVersion": "image.openshift.io/v1",
        "kind": "ImageStreamImport",
        "metadata": { "name": stream.as_str(), "namespace": project.as_str() },
        "spec": spec,
    });
    if let Some(version) = version {
        body["metadata"]["resourceVersion"] = version.into();
    }
    let path = format!("{IMAGE_API}/namespaces/{project}/imagestreamimports");
    Request::new(Method::POST, "import image stream", path)
        .json(&body)
        .with_changed_project(project)
        .max_bytes(MAX_OBJECT_BYTES)
}
