//! The resources of the API groups that the embedded cluster serves: clients such as `oc` use no
//! resource that is not listed here.

use serde_json::{Value, json};

use crate::cluster::Version;

/// A resource of an API group.
struct ServedResource {
    name: &'static str,
    kind: &'static str,
    namespaced: bool,
    short: &'static [&'static str],
    verbs: &'static [&'static str],
    only_on_4: bool,
}

const ALL_VERBS: &[&str] = &[
    "create",
    "delete",
    "deletecollection",
    "get",
    "list",
    "patch",
    "update",
    "watch",
];
const VERBS_WITHOUT_WATCH: &[&str] = &["create", "delete", "get", "list", "patch", "update"];
const CREATE_VERB: &[&str] = &["create"];

const fn namespaced(
    name: &'static str,
    kind: &'static str,
    verbs: &'static [&'static str],
) -> ServedResource {
    ServedResource {
        name,
        kind,
        namespaced: true,
        short: &[],
        verbs,
        only_on_4: false,
    }
}

const fn cluster_scoped(
    name: &'static str,
    kind: &'static str,
    verbs: &'static [&'static str],
) -> ServedResource {
    ServedResource {
        namespaced: false,
        ..namespaced(name, kind, verbs)
    }
}

/// By group; the core group has no name.
const RESOURCES: &[(&str, &[ServedResource])] = &[
    (
        "",
        &[
            ServedResource {
                short: &["po"],
                ..namespaced("pods", "Pod", ALL_VERBS)
            },
            namespaced("secrets", "Secret", ALL_VERBS),
            ServedResource {
                short: &["sa"],
                ..namespaced("serviceaccounts", "ServiceAccount", ALL_VERBS)
            },
            ServedResource {
                only_on_4: true,
                ..namespaced("serviceaccounts/token", "TokenRequest", CREATE_VERB)
            },
        ],
    ),
    (
        "authorization.k8s.io",
        &[cluster_scoped(
            "selfsubjectaccessreviews",
            "SelfSubjectAccessReview",
            CREATE_VERB,
        )],
    ),
    (
        "authorization.openshift.io",
        &[
            namespaced(
                "localresourceaccessreviews",
                "LocalResourceAccessReview",
                CREATE_VERB,
            ),
            namespaced("rolebindings", "RoleBinding", VERBS_WITHOUT_WATCH),
        ],
    ),
    (
        "oauth.openshift.io",
        &[
            cluster_scoped("oauthaccesstokens", "OAuthAccessToken", ALL_VERBS),
            cluster_scoped("oauthclients", "OAuthClient", ALL_VERBS),
            ServedResource {
                only_on_4: true,
                ..cluster_scoped(
                    "useroauthaccesstokens",
                    "UserOAuthAccessToken",
                    &["delete", "get", "list", "watch"],
                )
            },
        ],
    ),
    (
        "project.openshift.io",
        &[
            cluster_scoped("projectrequests", "ProjectRequest", &["create", "list"]),
            cluster_scoped("projects", "Project", ALL_VERBS),
        ],
    ),
    (
        "rbac.authorization.k8s.io",
        &[namespaced("rolebindings", "RoleBinding", ALL_VERBS)],
    ),
    (
        "route.openshift.io",
        &[namespaced("routes", "Route", ALL_VERBS)],
    ),
    (
        "user.openshift.io",
        &[
            cluster_scoped("groups", "Group", ALL_VERBS),
            cluster_scoped("identities", "Identity", ALL_VERBS),
            cluster_scoped(
                "useridentitymappings",
                "UserIdentityMapping",
                &["create", "delete", "get", "patch", "update"],
            ),
            cluster_scoped("users", "User", ALL_VERBS),
        ],
    ),
];

/// The `APIResourceList` of a group in this version. `image.openshift.io` has its own, which was
/// recorded.
pub(super) fn resource_list(group: &str, api_version: &str, version: Version) -> Value {
    let resources = RESOURCES
        .iter()
        .find(|(name, _)| *name == group)
        .map_or(&[][..], |(_, resources)| resources);
    let shown = |resource: &ServedResource| {
        let singular = if version == Version::V4 && !resource.name.contains('/') {
            resource.kind.to_lowercase()
        } else {
            String::new()
        };
        let mut value = json!({"name": resource.name, "singularName": singular, "namespaced": resource.namespaced, "kind": resource.kind,
            "verbs": resource.verbs});
        if !resource.short.is_empty() {
            value["shortNames"] = json!(resource.short);
        }
        value
    };
    let there = resources
        .iter()
        .filter(|resource| version == Version::V4 || !resource.only_on_4);
    let named = if group.is_empty() {
        api_version.to_owned()
    } else {
        format!("{group}/{api_version}")
    };
    json!({"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": named, "resources": there.map(shown).collect::<Vec<_>>()})
}
