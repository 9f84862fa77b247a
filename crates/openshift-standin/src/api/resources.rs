//! The resources of the API groups, as far as the stand-in answers for them: clients such as `oc`
//! use no resource that is not listed here.

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

const ALL: &[&str] = &[
    "create",
    "delete",
    "deletecollection",
    "get",
    "list",
    "patch",
    "update",
    "watch",
];
const WITHOUT_WATCH: &[&str] = &["create", "delete", "get", "list", "patch", "update"];
const CREATE: &[&str] = &["create"];

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

const fn of_cluster(
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
                ..namespaced("pods", "Pod", ALL)
            },
            namespaced("secrets", "Secret", ALL),
            ServedResource {
                short: &["sa"],
                ..namespaced("serviceaccounts", "ServiceAccount", ALL)
            },
            ServedResource {
                only_on_4: true,
                ..namespaced("serviceaccounts/token", "TokenRequest", CREATE)
            },
        ],
    ),
    (
        "authorization.k8s.io",
        &[of_cluster(
            "selfsubjectaccessreviews",
            "SelfSubjectAccessReview",
            CREATE,
        )],
    ),
    (
        "authorization.openshift.io",
        &[
            namespaced(
                "localresourceaccessreviews",
                "LocalResourceAccessReview",
                CREATE,
            ),
            namespaced("rolebindings", "RoleBinding", WITHOUT_WATCH),
        ],
    ),
    (
        "oauth.openshift.io",
        &[
            of_cluster("oauthaccesstokens", "OAuthAccessToken", ALL),
            of_cluster("oauthclients", "OAuthClient", ALL),
            ServedResource {
                only_on_4: true,
                ..of_cluster(
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
            of_cluster("projectrequests", "ProjectRequest", &["create", "list"]),
            of_cluster("projects", "Project", ALL),
        ],
    ),
    (
        "rbac.authorization.k8s.io",
        &[namespaced("rolebindings", "RoleBinding", ALL)],
    ),
    ("route.openshift.io", &[namespaced("routes", "Route", ALL)]),
    (
        "user.openshift.io",
        &[
            of_cluster("groups", "Group", ALL),
            of_cluster("identities", "Identity", ALL),
            of_cluster(
                "useridentitymappings",
                "UserIdentityMapping",
                &["create", "delete", "get", "patch", "update"],
            ),
            of_cluster("users", "User", ALL),
        ],
    ),
];

/// The `APIResourceList` of a group that this version serves. `image.openshift.io` has its own,
/// which was recorded.
pub(super) fn list(group: &str, api_version: &str, version: Version) -> Value {
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
