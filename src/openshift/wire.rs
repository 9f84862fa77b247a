//! The JSON of the API server's responses, from OpenShift 3.6 to 4, and its conversion to
//! [`registry_model`].
//!
//! Every field may be missing or `null`, and unused fields (such as `managedFields`) are skipped. A
//! value that is invalid in [`registry_model`] is left out and does not fail the object around it.

mod access;
mod image;
mod image_stream;
mod import;
mod layers;
mod list;
mod list_splitter;
mod object_meta;
mod project;
mod quota;
mod registry_storage;
mod route;
mod service_account;
mod status;
mod user;
mod workload;

pub(super) use access::{
    ApiGroups, WireAccessReviewStatus, WireLegacyRoleBinding, WireResourceAccessReview,
    WireRoleBinding, WireSelfAccessReview, parse_subject,
};
pub(super) use image::ImageHolder;
pub(super) use image_stream::WireImageStream;
pub(super) use import::ImageStreamImport;
pub(super) use layers::ImageStreamLayers;
pub(super) use list::{List, check_continuation};
pub(super) use list_splitter::{ListPiece, ListSplitter};
pub(super) use object_meta::WireObjectMeta;
pub(super) use project::WireProject;
pub(super) use quota::{WireAppliedClusterQuota, WireLimitRange, WireResourceQuota};
pub(super) use registry_storage::{WireRegistryConfig, WireRegistryDeployment, WireVolumeClaim};
pub(super) use route::WireRoute;
pub(super) use service_account::{WireServiceAccount, WireTokenRequest, WireTokenSecret};
pub(super) use status::WireStatus;
pub(super) use user::{WireGroup, WireNamedObject, WireSelfSubjectReview, WireUser};
pub(super) use workload::WireWorkload;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::{
        ImageHolder, List, WireAppliedClusterQuota, WireGroup, WireImageStream,
        WireLegacyRoleBinding, WireLimitRange, WireProject, WireResourceQuota, WireRoleBinding,
        WireServiceAccount, WireStatus, WireTokenRequest, WireUser, WireWorkload,
    };

    /// Decodes `json` as every type of response.
    fn read_as_anything(json: &Value) {
        fn list<T: serde::de::DeserializeOwned, M>(
            json: &Value,
            into_model: impl Fn(T) -> Option<M>,
        ) {
            let text = serde_json::to_vec(&json!({ "items": [json, json] })).unwrap();
            let mut given = 0;
            let each =
                List::<T>::for_each_item(&text, |_| given += 1).map(|list| list.unreadable_count());
            let whole: serde_json::Result<List<T>> = serde_json::from_slice(&text);
            assert_eq!(each.is_ok(), whole.is_ok());
            if let (Ok(unreadable), Ok(list)) = (each, whole) {
                assert_eq!(
                    given + unreadable,
                    2,
                    "nothing is lost without being counted"
                );
                assert_eq!(list.unreadable_count(), unreadable);
                let (read, unreadable) = list.into_models(into_model);
                assert_eq!(read.len() + unreadable, 2, "nor then");
            }
        }
        list(json, WireProject::into_model);
        list(json, WireImageStream::into_model);
        list(json, ImageHolder::into_model);
        list(json, WireRoleBinding::into_model);
        list(json, WireLegacyRoleBinding::into_model);
        list(json, WireGroup::into_model);
        list(json, WireServiceAccount::into_public);
        list(json, WireTokenRequest::into_public);
        list(json, WireUser::into_model);
        list(json, WireStatus::into_public);
        list(json, WireResourceQuota::into_quotas);
        list(json, WireLimitRange::into_limits);
        let project = "team-a".parse().unwrap();
        list(json, |quota: WireAppliedClusterQuota| {
            quota.into_quotas(&project)
        });
        for kind in registry_model::WorkloadKind::ALL {
            list(json, |workload: WireWorkload| workload.into_model(kind));
        }
    }

    const WORDS: &[&str] = &[
        "metadata",
        "name",
        "namespace",
        "spec",
        "status",
        "tags",
        "tag",
        "items",
        "image",
        "conditions",
        "from",
        "kind",
        "annotations",
        "dockerImageMetadata",
        "dockerImageLayers",
        "dockerImageManifests",
        "Config",
        "Labels",
        "size",
        "created",
        "subjects",
        "roleRef",
        "groups",
        "details",
        "causes",
        "message",
        "importPolicy",
        "creationTimestamp",
        "hard",
        "used",
        "total",
        "namespaces",
        "quota",
        "limits",
        "max",
        "openshift.io/imagestreams",
        "containers",
        "containerStatuses",
        "imageID",
        "template",
        "triggers",
        "imageChange",
        "strategy",
    ];

    /// Documents with the field names of real ones in a random structure.
    fn document() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            "[a-z0-9:.-]{0,8}|\\PC{0,8}|sha256:[0-9a-f]{64}|2026-11-22T17:49:20Z"
                .prop_map(Value::from),
        ];
        leaf.prop_recursive(6, 64, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::hash_map(prop::sample::select(WORDS), inner, 0..6).prop_map(
                    |map| map
                        .into_iter()
                        .map(|(key, value)| (key.to_owned(), value))
                        .collect()
                ),
            ]
        })
    }

    #[test]
    fn malformed_stream_does_not_drop_the_others() {
        let sound = |name: &str| json!({"metadata": {"name": name, "namespace": "team-a"}});
        let read = |items: Value| {
            let text =
                json!({ "items": items, "kind": "ImageStreamList", "metadata": {"continue": "more", "resourceVersion": "7"} }).to_string();
            let mut names = Vec::new();
            let list = List::for_each_item(text.as_bytes(), |stream: WireImageStream| {
                names.extend(stream.into_model().map(|stream| stream.name.to_string()))
            })
            .unwrap();
            let unreadable = list.unreadable_count();
            let (resource_version, continuation) = list.into_revision_and_continuation();
            assert_eq!(
                (resource_version.as_deref(), continuation.as_deref()),
                (Some("7"), Some("more"))
            );
            (names.concat(), unreadable)
        };
        assert_eq!(read(json!([sound("a"), sound("b")])), ("ab".to_owned(), 0));
        assert_eq!(
            read(json!([sound("a"), {"metadata": 7}, sound("b"), "text", sound("c")])),
            ("abc".to_owned(), 2)
        );
        assert_eq!(read(Value::Null), (String::new(), 0));
        for text in [
            "7",
            "",
            "{\"items\": [",
            "{} {}",
            "{\"items\": {}}",
            "\u{fffd}",
        ] {
            assert!(
                List::for_each_item(text.as_bytes(), |_: WireImageStream| {}).is_err(),
                "{text}"
            );
        }
    }

    proptest! {
        #[test]
        fn decoding_never_panics_and_counts_every_object(json in document()) {
            read_as_anything(&json);
        }

        #[test]
        fn named_stream_is_read_with_any_unknown_fields(junk in document()) {
            let stream = json!({"metadata": {"name": "api", "namespace": "team-a", "managedFields": junk}, "extra": junk});
            let stream: WireImageStream = serde_json::from_value(stream).unwrap();
            prop_assert!(stream.into_model().is_some());
        }
    }
}
