//! Lists: pages, and the other representations that OpenShift 4 supports.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::render::Renderer;
use crate::api::request::ApiRequest;
use crate::api::response::ApiResponse;
use crate::cluster::{ClusterError, ClusterErrorReason, ClusterState, Version};

/// A list: its items, and where the next page begins.
pub(super) struct ListPage {
    pub(super) items: Vec<Value>,
    /// The key of the last item and the number of remaining items, if there are any.
    pub(super) continuation: Option<(String, usize)>,
}

impl ListPage {
    pub(super) fn from_items(items: Vec<Value>) -> Self {
        Self {
            items,
            continuation: None,
        }
    }
}

/// A `…List` with its revision.
pub(super) fn list_object(
    request: &ApiRequest,
    state: &ClusterState,
    kind: &str,
    page: ListPage,
) -> Value {
    let mut list = list_object_without_revision(request, kind, page.items);
    list["metadata"]["resourceVersion"] = state.revision().to_string().into();
    if let Some((last, left)) = page.continuation {
        list["metadata"]["continue"] =
            continue_token(request.cluster.version(), state.revision(), &last).into();
        if request.cluster.version() == Version::V4 {
            list["metadata"]["remainingItemCount"] = left.into();
        }
    }
    list
}

/// A `…List` of objects that are not stored as such.
pub(super) fn list_object_without_revision(
    request: &ApiRequest,
    kind: &str,
    items: Vec<Value>,
) -> Value {
    let render = Renderer::from_request(request);
    let mut meta = json!({});
    if render.version() == Version::V3_9 {
        let project = Some(request.project.as_str()).filter(|project| !project.is_empty());
        meta["selfLink"] = render
            .self_link(request.group, project, &request.resource, "")
            .into();
    }
    let mut list = json!({"metadata": meta});
    // Moved, not copied as `json!` would: lists are long.
    list["items"] = items.into();
    render.typed(kind, request.group, list)
}

/// The list of routes, of which the embedded cluster stores none.
pub(super) fn answer_routes(request: &ApiRequest) -> Result<ApiResponse, ClusterError> {
    match request.verb {
        "list" => Ok(ApiResponse::ok(&request.cluster.read(|state| {
            list_object(
                request,
                state,
                "RouteList",
                ListPage::from_items(Vec::new()),
            )
        }))),
        _ => Err(ClusterErrorReason::NoSuchPath.into()),
    }
}

/// `metadata.continue`: the revision and the last key, in the encoding of Kubernetes.
fn continue_token(version: Version, revision: u64, last: &str) -> String {
    let slash = if version == Version::V4 { "/" } else { "" };
    let token = json!({"v": "meta.k8s.io/v1", "rv": revision, "start": format!("{slash}{last}\0")});
    URL_SAFE_NO_PAD.encode(token.to_string())
}

/// The key after which a page begins; `None` for the first page.
pub(super) fn continue_key(request: &ApiRequest) -> Result<Option<(String, String)>, ClusterError> {
    if request.query.after.is_empty() {
        return Ok(None);
    }
    let invalid = || {
        ClusterErrorReason::BadRequest(
            "continue key is not valid: encoded continue token is wrong".to_owned(),
        )
    };
    let token = URL_SAFE_NO_PAD
        .decode(request.query.after.trim_end_matches('='))
        .map_err(|_not_base64| invalid())?;
    let token: Value = serde_json::from_slice(&token).map_err(|_not_json| invalid())?;
    let (revision, start) = token["rv"]
        .as_u64()
        .zip(token["start"].as_str())
        .ok_or_else(invalid)?;
    if request
        .cluster
        .read(|state| state.changes_since(revision).is_err())
    {
        let message = "The provided continue parameter is too old to display a consistent list result. You must start a new list without the continue parameter.";
        return Err(ClusterErrorReason::Expired(message.to_owned()).into());
    }
    let key = start.trim_start_matches('/').trim_end_matches('\0');
    let (project, name) = key.split_once('/').unwrap_or((key, ""));
    Ok(Some((project.to_owned(), name.to_owned())))
}

/// Whether the list is requested in another representation: `Table` or `PartialObjectMetadataList`.
/// 3.9 supports neither.
pub(super) fn requested_list_kind(request: &ApiRequest) -> Result<Option<&str>, ClusterError> {
    match (request.requested_list_kind(), request.cluster.version()) {
        (None, _) => Ok(None),
        (Some(shape @ ("Table" | "PartialObjectMetadataList")), Version::V4) => Ok(Some(shape)),
        (Some(_), _) if request.accepts_json() => Ok(None),
        (Some(_), _) => Err(ClusterErrorReason::NotAcceptable.into()),
    }
}

/// Reduces a list of image streams to metadata.
pub(super) fn to_partial_metadata(list: &mut Value) {
    let items = list["items"]
        .as_array_mut()
        .map(std::mem::take)
        .unwrap_or_default();
    list["kind"] = "PartialObjectMetadataList".into();
    list["apiVersion"] = PARTIAL_METADATA_API_VERSION.into();
    list["items"] = items.into_iter().map(partial_object).collect();
}

const PARTIAL_METADATA_API_VERSION: &str = "meta.k8s.io/v1beta1";

fn partial_object(mut item: Value) -> Value {
    json!({"kind": "PartialObjectMetadata", "apiVersion": PARTIAL_METADATA_API_VERSION, "metadata": item["metadata"].take()})
}

/// Turns a list of image streams into a table to print.
pub(super) fn to_table(list: &mut Value, now: chrono::DateTime<chrono::Utc>) {
    let items = list["items"].take();
    list["kind"] = "Table".into();
    list["apiVersion"] = PARTIAL_METADATA_API_VERSION.into();
    let column = |name: &str, format: &str, description: &str| json!({"name": name, "type": "string", "format": format, "description": description, "priority": 0});
    list["columnDefinitions"] = json!([
        column("Name", "name", "The name, unique within a namespace."),
        column("Image Repository", "", "Where the stream can be reached."),
        column("Tags", "", "The tags, for people to read."),
        column("Updated", "", "When it was last updated."),
    ]);
    list["rows"] = items
        .as_array()
        .into_iter()
        .flatten()
        .map(|stream| table_row(stream, now))
        .collect();
    if let Some(fields) = list.as_object_mut() {
        fields.remove("items");
    }
}

fn table_row(stream: &Value, now: chrono::DateTime<chrono::Utc>) -> Value {
    let status = &stream["status"];
    let repository = status
        .get("publicDockerImageRepository")
        .unwrap_or(&status["dockerImageRepository"]);
    let tags = || status["tags"].as_array().into_iter().flatten();
    let names: Vec<&str> = tags().filter_map(|tag| tag["tag"].as_str()).collect();
    let updated = tags()
        .filter_map(|tag| {
            tag["items"][0]["created"]
                .as_str()?
                .parse::<chrono::DateTime<chrono::Utc>>()
                .ok()
        })
        .max();
    let updated = updated.map_or_else(String::new, |updated| {
        format!("{} seconds ago", (now - updated).num_seconds())
    });
    json!({"cells": [stream["metadata"]["name"], repository, names.join(","), updated], "object": partial_object(stream.clone())})
}
