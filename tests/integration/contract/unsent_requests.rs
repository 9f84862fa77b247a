//! What the recordings hold that the console does not send, and why.

use crate::harness::recording::ClientRecording;

/// Starts of names of recordings whose requests the console does not send.
pub(super) const UNSENT_REQUESTS: &[(&str, &str)] = &[
    ("api-", "the versions' APIs are told apart by trying"),
    ("apps-", WORKLOADS),
    ("batch-groups", WORKLOADS),
    ("build", WORKLOADS),
    (
        "clusterrole",
        "what a role grants is the API server's to decide; access reviews answer it",
    ),
    ("cronjob", WORKLOADS),
    ("daemonset", WORKLOADS),
    ("deployment", WORKLOADS),
    ("events-", WORKLOADS),
    (
        "group-update",
        "a group is put back whole, with the revision that it was read as",
    ),
    ("healthz", "the API server's health shows in its answers"),
    (
        "identities",
        "a user object lists the identities of the user",
    ),
    ("image-config-cluster", CLUSTER_CONFIG),
    ("image-get", "cluster-wide images need a cluster role"),
    ("imagepruner", CLUSTER_CONFIG),
    ("images-", "cluster-wide images need a cluster role"),
    ("imagesignature-", "signatures of images are not written"),
    (
        "imagestream-create-invalid",
        "such a name is refused before a request is sent",
    ),
    (
        "imagestream-patch",
        "a stream is put back whole, with the version that was seen; a tag is imported",
    ),
    (
        "imagestream-update",
        "a change begins with a look at the stream: contract_streams",
    ),
    ("imagestreams-legacy-oapi", "the API groups exist since 3.6"),
    ("imagestreams-partial", "refused by 3.x"),
    ("imagestreams-table", "refused by 3.x"),
    (
        "imagestreams-watch-forbidden",
        "a watch begins at a revision",
    ),
    (
        "imagestreamtags-list",
        "an image stream says as much and costs less",
    ),
    ("job", WORKLOADS),
    ("limitrange-create", QUOTAS),
    (
        "local-subject-access-review",
        "only the rights of the signed-in user are reviewed",
    ),
    (
        "oauth-implicit",
        "browsers bring it, to a console without a secret",
    ),
    ("oauth-token-basic-auth", "credentials go in the body"),
    (
        "oauthclients-forbidden",
        "only the console's own client is read, never the list",
    ),
    ("pod", WORKLOADS),
    ("registry-base-basic", "the token goes as Bearer"),
    (
        "registry-blob-head",
        "blobs that are not configs are not fetched",
    ),
    (
        "registry-blob-range",
        "blobs that are not configs are not fetched",
    ),
    ("registry-catalog", "needs a cluster role"),
    ("registry-manifest-delete", "a write"),
    ("registry-manifest-head", "manifests are fetched whole"),
    ("registry-manifest-no-accept", "what must not be asked"),
    ("registry-referrers", "not served by any version"),
    ("registry-signatures", "not shown"),
    (
        "registry-token",
        "the realm of a challenge is never followed (S36)",
    ),
    ("replica", WORKLOADS),
    ("resourcequota-create", QUOTAS),
    (
        "rolebinding-rbac-delete",
        "the revision that was read goes along: web_bindings",
    ),
    (
        "rolebinding-rbac-patch",
        "a binding is replaced whole, at the revision that was read",
    ),
    ("secret-delete", "the secret goes with its service account"),
    (
        "secrets-list",
        "only the token secret that was just made is read",
    ),
    (
        "selfsubjectreview",
        "not in 3.9; `users/~` answers the same question",
    ),
    (
        "ssar-list-pods-no",
        "pods of one project are listed without a review",
    ),
    (
        "ssar-list-pods-yes",
        "pods of one project are listed without a review",
    ),
    ("statefulset", WORKLOADS),
    (
        "useroauthaccesstokens",
        "only one's own token is deleted, never listed",
    ),
    (
        "version-openshift",
        "asked without a token, and that it is missing is an answer",
    ),
];

const QUOTAS: &str = "quotas and limits are read, not changed";
const WORKLOADS: &str = "workloads are listed in chunks of 500 and not changed: upstreams::workloads reads \
                         the recorded lists";
const CLUSTER_CONFIG: &str = "the configuration of the cluster needs a cluster role";

/// Starts of names of recordings (`folder/name`) of requests that the console words in another way,
/// or whose answer it reads another way: the answers are read all the same, the bodies of the
/// requests are not compared.
pub(super) const DIFFERENT_BODIES: &[(&str, &str)] = &[
    (
        "openshift-3.9-console/post-imagestreamimports-201-2",
        "a reference policy that is the default is left out now; tags are in natural order",
    ),
    (
        "openshift-3.9/identity-create",
        "the console leaves out the empty `user`",
    ),
    (
        "openshift-4/identity-create",
        "the console leaves out the empty `user`",
    ),
    (
        "openshift-3.9/imagestreamtag-create-over-limit",
        "recorded with a tag that follows a tag; the console creates tags at images",
    ),
    (
        "openshift-3.9/serviceaccount-create",
        "the console names the rights that it gives in an annotation",
    ),
    (
        "openshift-4/serviceaccount-create",
        "the console names the rights that it gives in an annotation",
    ),
    (
        "openshift-3.9/serviceaccount-delete",
        "the console names the UID that it means",
    ),
    (
        "openshift-4/serviceaccount-delete",
        "the console names the UID that it means",
    ),
    (
        "openshift-3.9/imagestreamtag-put",
        "recorded with a reference policy; the console leaves it out",
    ),
    (
        "openshift-4/imagestreamtag-put",
        "recorded with a reference policy; the console leaves it out",
    ),
    (
        "openshift-3.9/user-update",
        "recorded with `identities: null`; the console sends the list that it means",
    ),
    (
        "openshift-4/user-update",
        "recorded without identities; the console sends the list that it means",
    ),
];

pub(crate) fn is_sent_by_clients(recording: &ClientRecording) -> bool {
    !UNSENT_REQUESTS
        .iter()
        .any(|(start, _)| recording.name.starts_with(start))
}

pub(super) fn has_different_body(recording: &ClientRecording) -> bool {
    DIFFERENT_BODIES
        .iter()
        .any(|(start, _)| recording.title().starts_with(start))
}

#[test]
fn every_unsent_request_entry_names_a_recording() {
    let all = ClientRecording::all();
    for (start, _) in UNSENT_REQUESTS {
        assert!(
            all.iter()
                .any(|recording| recording.name.starts_with(start)),
            "{start}"
        );
    }
    for (start, _) in DIFFERENT_BODIES {
        assert!(
            all.iter()
                .any(|recording| recording.title().starts_with(start)),
            "{start}"
        );
    }
}
