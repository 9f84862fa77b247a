//! Requests that change image streams.

use http::Method;
use serde_json::{Value, json};

use super::{IMAGE_API, MAX_OBJECT_BYTES};
use crate::outbound::{ChangedObject, Request};
use registry_model::{ImageStreamName, ProjectName};

const STREAMS: &str = "imagestreams";

fn stream_path(project: &ProjectName, stream: &ImageStreamName) -> String {
    format!("{IMAGE_API}/namespaces/{project}/imagestreams/{stream}")
}

pub(in crate::openshift) fn create(project: &ProjectName, body: &Value) -> Request<'static> {
    let path = format!("{IMAGE_API}/namespaces/{project}/imagestreams");
    let name = body["metadata"]["name"].as_str().unwrap_or_default();
    Request::new(Method::POST, "create image stream", path)
        .json(body)
        .with_changed_project(project)
        .with_changed_object(ChangedObject::in_project(STREAMS, project, name))
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
    .with_changed_object(ChangedObject::in_project(STREAMS, project, stream.as_str()))
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
    .with_changed_object(ChangedObject::in_project(STREAMS, project, stream.as_str()))
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
    let request = Request::new(Method::POST, "import image stream", path)
        .json(&body)
        .with_changed_project(project)
        .max_bytes(MAX_OBJECT_BYTES);
    // A preview changes nothing.
    if spec["import"] == false {
        return request.read_only();
    }
    let object = ChangedObject::in_project("imagestreamimports", project, stream.as_str());
    request.with_changed_object(object)
}
