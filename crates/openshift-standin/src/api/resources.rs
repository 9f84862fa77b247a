//! The resources of the API groups that the embedded cluster serves: clients such as `oc` use no
//! resource that is not listed here.

use serde_json::{Value, json};

use super::workloads;
use crate::cluster::{Cluster, Version};

/// A resource of an API group.
struct ServedResource {
    name: &'static str,
    kind: &'static str,
    namespaced: bool,
    short: &'static [&'static str],
    verbs: &'static [&'static str],
    only_on_4: bool,
    /// Whether `oc get all` includes it.
    in_all: bool,
    /// The group and version of its kind, if they are not those of the list.
    kind_of: Option<(&'static str, &'static str)>,
    /// `storageVersionHash` of OpenShift 4.
    stored_as: Option<&'static str>,
}

pub(super) const ALL_VERBS: &[&str] = &[
    "create",
    "delete",
    "deletecollection",
    "get",
    "list",
    "patch",
    "update",
    "watch",
];
pub(super) const VERBS_WITHOUT_WATCH: &[&str] =
    &["create", "delete", "get", "list", "patch", "update"];
const CREATE_VERB: &[&str] = &["create"];
const GET_VERB: &[&str] = &["get"];
const STATUS_VERBS: &[&str] = &["get", "patch", "update"];
const NO_VERBS: &[&str] = &[];

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
        in_all: false,
        kind_of: None,
        stored_as: None,
    }
}

/// One that `oc get all` includes, with a short name.
const fn workload(
    name: &'static str,
    kind: &'static str,
    short: &'static [&'static str],
    stored_as: &'static str,
) -> ServedResource {
    ServedResource {
        short,
        in_all: true,
        stored_as: Some(stored_as),
        ..namespaced(name, kind, ALL_VERBS)
    }
}

const fn status(name: &'static str, kind: &'static str) -> ServedResource {
    namespaced(name, kind, STATUS_VERBS)
}

const fn scale(
    name: &'static str,
    group: &'static str,
    api_version: &'static str,
) -> ServedResource {
    ServedResource {
        kind_of: Some((group, api_version)),
        ..namespaced(name, "Scale", STATUS_VERBS)
    }
}

/// Recorded in `apps-resources`. Each version of the group has those that it serves; those of
/// `extensions` are the same.
const APPS: &[ServedResource] = &[
    ServedResource {
        stored_as: Some("85nkx63pcBU="),
        ..namespaced("controllerrevisions", "ControllerRevision", ALL_VERBS)
    },
    workload("daemonsets", "DaemonSet", &["ds"], "dd7pWHUlMKQ="),
    status("daemonsets/status", "DaemonSet"),
    workload("deployments", "Deployment", &["deploy"], "8aSe+NMegvE="),
    scale("deployments/scale", "autoscaling", "v1"),
    status("deployments/status", "Deployment"),
    workload("replicasets", "ReplicaSet", &["rs"], "P1RzHs8/mWQ="),
    scale("replicasets/scale", "autoscaling", "v1"),
    status("replicasets/status", "ReplicaSet"),
    workload("statefulsets", "StatefulSet", &["sts"], "H+vl74LkKdo="),
    scale("statefulsets/scale", "autoscaling", "v1"),
    status("statefulsets/status", "StatefulSet"),
];

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
                short: &["limits"],
                ..namespaced("limitranges", "LimitRange", ALL_VERBS)
            },
            workload("pods", "Pod", &["po"], "xPOwRZ+Yhw8="),
            status("pods/status", "Pod"),
            workload(
                "replicationcontrollers",
                "ReplicationController",
                &["rc"],
                "Jond2If31h0=",
            ),
            ServedResource {
                short: &["quota"],
                ..namespaced("resourcequotas", "ResourceQuota", ALL_VERBS)
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
    ("apps", APPS),
    // Recorded in `apps-openshift-resources`.
    (
        "apps.openshift.io",
        &[
            workload(
                "deploymentconfigs",
                "DeploymentConfig",
                &["dc"],
                "6xyoXGsxfiA=",
            ),
            namespaced(
                "deploymentconfigs/instantiate",
                "DeploymentRequest",
                CREATE_VERB,
            ),
            namespaced("deploymentconfigs/log", "DeploymentLog", GET_VERB),
            namespaced(
                "deploymentconfigs/rollback",
                "DeploymentConfigRollback",
                CREATE_VERB,
            ),
            scale("deploymentconfigs/scale", "extensions", "v1beta1"),
            status("deploymentconfigs/status", "DeploymentConfig"),
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
        "batch",
        &[
            workload("cronjobs", "CronJob", &["cj"], "sd5LIXh4Fjs="),
            status("cronjobs/status", "CronJob"),
            workload("jobs", "Job", &[], "mudhfqk/qZY="),
            status("jobs/status", "Job"),
        ],
    ),
    // Recorded in `build-resources`.
    (
        "build.openshift.io",
        &[
            workload("buildconfigs", "BuildConfig", &["bc"], "2ooe95Eo6Y4="),
            namespaced("buildconfigs/instantiate", "BuildRequest", CREATE_VERB),
            namespaced(
                "buildconfigs/instantiatebinary",
                "BinaryBuildRequestOptions",
                NO_VERBS,
            ),
            namespaced("buildconfigs/webhooks", "Build", NO_VERBS),
            workload("builds", "Build", &[], "Iv+mFnvyzFc="),
            namespaced("builds/clone", "BuildRequest", CREATE_VERB),
            namespaced("builds/details", "Build", &["update"]),
            namespaced("builds/log", "BuildLog", GET_VERB),
        ],
    ),
    ("extensions", APPS),
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
        "config.openshift.io",
        &[cluster_scoped(
            "authentications",
            "Authentication",
            ALL_VERBS,
        )],
    ),
    (
        "quota.openshift.io",
        &[
            namespaced(
                "appliedclusterresourcequotas",
                "AppliedClusterResourceQuota",
                &["get", "list"],
            ),
            ServedResource {
                short: &["clusterquota"],
                ..cluster_scoped("clusterresourcequotas", "ClusterResourceQuota", ALL_VERBS)
            },
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
pub(super) fn resource_list(cluster: &Cluster, group: &str, api_version: &str) -> Value {
    let resources = RESOURCES
        .iter()
        .find(|(name, _)| *name == group)
        .map_or(&[][..], |(_, resources)| resources);
    let version = cluster.version();
    let there = resources
        .iter()
        .filter(|resource| version == Version::V4 || !resource.only_on_4)
        .filter(|resource| workloads::has_resource(cluster, group, api_version, resource.name));
    let named = if group.is_empty() {
        api_version.to_owned()
    } else {
        format!("{group}/{api_version}")
    };
    let shown: Vec<Value> = there
        .map(|resource| shown_resource(resource, version))
        .collect();
    json!({"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": named, "resources": shown})
}

fn shown_resource(resource: &ServedResource, version: Version) -> Value {
    let is_4 = version == Version::V4;
    let singular = if is_4 && !resource.name.contains('/') {
        resource.kind.to_lowercase()
    } else {
        String::new()
    };
    let mut value = json!({"name": resource.name, "singularName": singular, "namespaced": resource.namespaced, "kind": resource.kind,
        "verbs": resource.verbs});
    if let Some((group, api_version)) = resource.kind_of {
        value["group"] = group.into();
        value["version"] = api_version.into();
    }
    if !resource.short.is_empty() {
        value["shortNames"] = json!(resource.short);
    }
    if resource.in_all {
        value["categories"] = json!(["all"]);
    }
    if let (true, Some(hash)) = (is_4, resource.stored_as) {
        value["storageVersionHash"] = hash.into();
    }
    value
}
