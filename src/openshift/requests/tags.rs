//! Requests that change the tags of image streams.

use http::Method;
use serde_json::{Value, json};

use super::{IMAGE_API, IMAGE_STREAM_TAGS, MAX_OBJECT_BYTES};
use crate::openshift::StreamTagSource;
use crate::openshift::streams::{docker_image_reference, with_import_policy};
use crate::outbound::{ChangedObject, Request};
use registry_model::{Digest, ImageStreamName, ProjectName, Tag, TagName, TagSpec, TagSpecSource};

/// Deletes a tag of a stream, and nothing else. `known` is the image that it is known to point to.
pub(in crate::openshift) fn delete_tag(
    project: &ProjectName,
    stream: &ImageStreamName,
    tag: &TagName,
    known: Option<&Digest>,
) -> Request<'static> {
    let path = format!("{IMAGE_API}/namespaces/{project}/imagestreamtags/{stream}:{tag}");
    Request::new(Method::DELETE, "remove tag", path)
        .with_changed_project(project)
        .with_changed_object(changed_tag(project, stream, tag).with_digest_before(known))
        .max_bytes(MAX_OBJECT_BYTES)
}

/// Creates a tag with its whole `spec`. The API server refuses `scheduled` for a tag that does not
/// follow an image of another registry.
pub(in crate::openshift) fn create_tag(
    project: &ProjectName,
    stream: &ImageStreamName,
    tag: &TagName,
    spec: &TagSpec,
) -> Request<'static> {
    let (from, of) = match &spec.from {
        TagSpecSource::Image(of, stream, digest) => (
            json!({ "kind": "ImageStreamImage", "name": format!("{stream}@{digest}") }),
            Some(of),
        ),
        TagSpecSource::Tag(of, stream, tag) => (
            json!({ "kind": "ImageStreamTag", "name": format!("{stream}:{tag}") }),
            Some(of),
        ),
        TagSpecSource::External(name) => (docker_image_reference(name), None),
    };
    let mut wanted = json!({ "name": tag.as_str(), "from": from });
    if let Some(of) = of.filter(|of| *of != project) {
        wanted["from"]["namespace"] = of.as_str().into();
    }
    let flags = [
        ("insecure", spec.insecure),
        ("scheduled", spec.scheduled && of.is_none()),
    ];
    let mut wanted = with_import_policy(wanted, &flags, spec.import_mode);
    if spec.local {
        wanted["referencePolicy"] = json!({ "type": "Local" });
    }
    if spec.reference {
        wanted["reference"] = true.into();
    }
    let mut body = json!({
        "apiVersion": "image.openshift.io/v1",
        "kind": "ImageStreamTag",
        "metadata": { "name": format!("{stream}:{tag}"), "namespace": project.as_str() },
        "tag": wanted,
    });
    if !spec.annotations.is_empty() {
        body["metadata"]["annotations"] = json!(spec.annotations);
    }
    Request::new(
        Method::POST,
        "create tag",
        format!("{IMAGE_API}/namespaces/{project}/imagestreamtags"),
    )
    .json(&body)
    .with_changed_project(project)
    .with_changed_object(changed_tag(project, stream, tag))
    .max_bytes(MAX_OBJECT_BYTES)
}

/// Points a tag to a source, as `oc tag` does. The request replaces the tag, so it contains the
/// policies of `known` except `scheduled`, which the API server refuses for tags that do not follow
/// an image of another registry (origin, `ValidateImageStreamTagReference`). The version is the
/// resource version of the stream.
pub(in crate::openshift) fn point_tag(
    project: &ProjectName,
    stream: &ImageStreamName,
    tag: &TagName,
    from: &StreamTagSource,
    known: Option<&Tag>,
    version: Option<&str>,
) -> Request<'static> {
    let (kind, of, name) = match from {
        StreamTagSource::Image(of, stream, digest) => {
            ("ImageStreamImage", of, format!("{stream}@{digest}"))
        }
        StreamTagSource::Tag(of, stream, tag) => ("ImageStreamTag", of, format!("{stream}:{tag}")),
    };
    let mut body = json!({
        "apiVersion": "image.openshift.io/v1",
        "kind": "ImageStreamTag",
        "metadata": { "name": format!("{stream}:{tag}"), "namespace": project.as_str() },
        "tag": { "name": tag.as_str(), "from": { "kind": kind, "name": name } },
    });
    if of != project {
        body["tag"]["from"]["namespace"] = of.as_str().into();
    }
    if let Some(known) = known {
        keep_policies(&mut body, known);
    }
    if let Some(version) = version {
        body["metadata"]["resourceVersion"] = version.into();
    }
    let path = format!("{IMAGE_API}/namespaces/{project}/imagestreamtags/{stream}:{tag}");
    let before = known.and_then(Tag::current);
    Request::new(Method::PUT, "point tag", path)
        .json(&body)
        .with_changed_project(project)
        .with_changed_object(
            changed_tag(project, stream, tag)
                .with_digest_before(before.and_then(|event| event.image.as_ref())),
        )
        .max_bytes(MAX_OBJECT_BYTES)
}

fn changed_tag(project: &ProjectName, stream: &ImageStreamName, tag: &TagName) -> ChangedObject {
    ChangedObject::in_project(IMAGE_STREAM_TAGS, project, format!("{stream}:{tag}"))
}

fn keep_policies(body: &mut Value, known: &Tag) {
    if !known.annotations.is_empty() {
        body["metadata"]["annotations"] = json!(known.annotations);
    }
    body["tag"] = with_import_policy(
        body["tag"].take(),
        &[("insecure", known.insecure)],
        known.import_mode,
    );
    if known.local {
        body["tag"]["referencePolicy"] = json!({ "type": "Local" });
    }
}
