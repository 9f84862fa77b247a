//! The cluster roles of OpenShift, as far as they matter to the console.
//!
//! Source: the bootstrap policy of origin 3.9 and of OpenShift 4, reduced to the resources that the
//! embedded cluster serves or that the recorded access reviews are about.

/// The rule of a role: verbs on resources of API groups; `*` stands for all.
///
/// The roles of OpenShift name the core group as well as the group of OpenShift, where its
/// resources were before 3.6 (recorded in `clusterrole-*`).
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    pub groups: &'static [&'static str],
    /// Resources, or `resource/subresource`.
    pub resources: &'static [&'static str],
    pub verbs: &'static [&'static str],
    /// The names of the objects to which it is limited; empty: all.
    pub names: &'static [&'static str],
    /// Whether 3.9 does not have it.
    pub only_on_4: bool,
}

const ANY: &[&str] = &["*"];
const READ: &[&str] = &["get", "list", "watch"];
const WRITE: &[&str] = &[
    "create",
    "delete",
    "deletecollection",
    "get",
    "list",
    "patch",
    "update",
    "watch",
];
const IMAGE: &[&str] = &["", "image.openshift.io"];
const PROJECT: &[&str] = &["", "project.openshift.io"];
const CORE: &[&str] = &[""];
/// The API group of role bindings since 3.9.
pub(crate) const RBAC_GROUP: &str = "rbac.authorization.k8s.io";
const RBAC: &[&str] = &["", RBAC_GROUP, "authorization.openshift.io"];
const AUTHORIZATION: &[&str] = &["", "authorization.openshift.io"];
const BUILD: &[&str] = &["", "build.openshift.io"];
const OAUTH: &[&str] = &["", "oauth.openshift.io"];
const ROUTE: &[&str] = &["", "route.openshift.io"];
const USER: &[&str] = &["", "user.openshift.io"];
const STREAMS: &[&str] = &[
    "imagestreamimages",
    "imagestreammappings",
    "imagestreams",
    "imagestreamtags",
    "imagetags",
];
const PODS: &[&str] = &[
    "pods",
    "services",
    "configmaps",
    "serviceaccounts",
    "replicationcontrollers",
    "events",
];

/// On 3.9 the group `extensions` has the same workloads as `apps`.
const APPS: &[&str] = &["apps", "extensions"];
const WORKLOADS: &[&str] = &["daemonsets", "deployments", "replicasets", "statefulsets"];
const BATCH: &[&str] = &["batch"];
const JOBS: &[&str] = &["cronjobs", "jobs"];
const DEPLOYMENT_CONFIG: &[&str] = &["", "apps.openshift.io"];
const QUOTAS: &[&str] = &["limitranges", "resourcequotas"];

const fn rule(
    groups: &'static [&'static str],
    resources: &'static [&'static str],
    verbs: &'static [&'static str],
) -> Rule {
    Rule {
        groups,
        resources,
        verbs,
        names: &[],
        only_on_4: false,
    }
}

const READ_STREAMS: Rule = rule(IMAGE, STREAMS, READ);
const READ_STATUS: Rule = rule(IMAGE, &["imagestreams/status"], READ);
const WRITE_STREAMS: Rule = rule(IMAGE, STREAMS, WRITE);
const WRITE_STREAM_SECRETS: Rule = rule(IMAGE, &["imagestreams/secrets"], WRITE);
const IMPORT: Rule = rule(IMAGE, &["imagestreamimports"], &["create"]);
const PULL: Rule = rule(IMAGE, &["imagestreams/layers"], &["get"]);
const PUSH: Rule = rule(IMAGE, &["imagestreams/layers"], &["get", "update"]);
const GET_PROJECT: Rule = rule(PROJECT, &["projects"], &["get"]);
const GET_NAMESPACE: Rule = rule(CORE, &["namespaces"], &["get"]);
const WRITE_SECRETS: Rule = rule(CORE, &["secrets", "serviceaccounts"], WRITE);
/// In Kubernetes it is part of `admin` and `edit` since bound tokens exist (1.20); the registry's
/// own roles do not have it.
const REQUEST_TOKENS: Rule = Rule {
    only_on_4: true,
    ..rule(CORE, &["serviceaccounts/token"], &["create"])
};
const READ_QUOTAS: Rule = rule(CORE, QUOTAS, READ);
const READ_CLUSTER_QUOTAS: Rule = rule(
    &["", "quota.openshift.io"],
    &["appliedclusterresourcequotas"],
    READ,
);
const BIND: Rule = rule(RBAC, &["roles", "rolebindings"], WRITE);
const REVIEW: Rule = rule(AUTHORIZATION, REVIEWS, &["create"]);
const REVIEW_OTHERS: Rule = rule(
    &["authorization.k8s.io"],
    &["localsubjectaccessreviews"],
    &["create"],
);
const REVIEWS: &[&str] = &[
    "localresourceaccessreviews",
    "localsubjectaccessreviews",
    "resourceaccessreviews",
    "subjectaccessreviews",
    "subjectrulesreviews",
];

const WORKLOAD_INDEX: &[Rule] = &[
    rule(
        CORE,
        &["pods", "replicationcontrollers"],
        &["list", "watch"],
    ),
    rule(APPS, WORKLOADS, &["list", "watch"]),
    rule(BATCH, JOBS, &["list", "watch"]),
    rule(
        &["apps.openshift.io"],
        &["deploymentconfigs"],
        &["list", "watch"],
    ),
    rule(
        &["build.openshift.io"],
        &["buildconfigs", "builds"],
        &["list", "watch"],
    ),
];
const CLUSTER_ADMIN: &[Rule] = &[rule(ANY, ANY, ANY)];
const ADMIN: &[Rule] = &[
    WRITE_STREAMS,
    WRITE_STREAM_SECRETS,
    READ_STATUS,
    IMPORT,
    PUSH,
    rule(
        PROJECT,
        &["projects"],
        &["delete", "get", "patch", "update"],
    ),
    GET_NAMESPACE,
    WRITE_SECRETS,
    REQUEST_TOKENS,
    rule(CORE, PODS, WRITE),
    rule(ROUTE, &["routes"], WRITE),
    rule(BUILD, &["buildconfigs", "builds", "builds/details"], WRITE),
    rule(APPS, WORKLOADS, WRITE),
    rule(BATCH, JOBS, WRITE),
    rule(DEPLOYMENT_CONFIG, &["deploymentconfigs"], WRITE),
    READ_QUOTAS,
    READ_CLUSTER_QUOTAS,
    BIND,
    REVIEW,
    REVIEW_OTHERS,
];
const EDIT: &[Rule] = &[
    WRITE_STREAMS,
    WRITE_STREAM_SECRETS,
    READ_STATUS,
    IMPORT,
    PUSH,
    GET_PROJECT,
    GET_NAMESPACE,
    WRITE_SECRETS,
    REQUEST_TOKENS,
    rule(CORE, PODS, WRITE),
    rule(ROUTE, &["routes"], WRITE),
    rule(BUILD, &["buildconfigs", "builds", "builds/details"], WRITE),
    rule(APPS, WORKLOADS, WRITE),
    rule(BATCH, JOBS, WRITE),
    rule(DEPLOYMENT_CONFIG, &["deploymentconfigs"], WRITE),
    READ_QUOTAS,
    READ_CLUSTER_QUOTAS,
];
const VIEW: &[Rule] = &[
    READ_STREAMS,
    READ_STATUS,
    GET_PROJECT,
    GET_NAMESPACE,
    rule(CORE, PODS, READ),
    rule(ROUTE, &["routes"], READ),
    rule(BUILD, &["buildconfigs", "builds"], READ),
    rule(APPS, WORKLOADS, READ),
    rule(BATCH, JOBS, READ),
    rule(DEPLOYMENT_CONFIG, &["deploymentconfigs"], READ),
    READ_QUOTAS,
    READ_CLUSTER_QUOTAS,
];
const REGISTRY_ADMIN: &[Rule] = &[
    WRITE_STREAMS,
    WRITE_STREAM_SECRETS,
    IMPORT,
    PUSH,
    rule(PROJECT, &["projects"], &["delete", "get"]),
    GET_NAMESPACE,
    WRITE_SECRETS,
    BIND,
    REVIEW,
    REVIEW_OTHERS,
];
const REGISTRY_EDITOR: &[Rule] = &[
    WRITE_STREAMS,
    WRITE_STREAM_SECRETS,
    IMPORT,
    PUSH,
    GET_PROJECT,
    GET_NAMESPACE,
    WRITE_SECRETS,
];
const REGISTRY_VIEWER: &[Rule] = &[READ_STREAMS, PULL, GET_PROJECT, GET_NAMESPACE];
const BASIC_USER: &[Rule] = &[
    Rule {
        groups: USER,
        resources: &["users"],
        verbs: &["get"],
        names: &["~"],
        only_on_4: false,
    },
    rule(PROJECT, &["projectrequests"], &["list"]),
    rule(PROJECT, &["projects"], &["list", "watch"]),
    rule(RBAC, &["clusterroles"], READ),
    rule(
        &["authorization.k8s.io"],
        &["selfsubjectaccessreviews", "selfsubjectrulesreviews"],
        &["create"],
    ),
    Rule {
        only_on_4: true,
        ..rule(
            &["authentication.k8s.io"],
            &["selfsubjectreviews"],
            &["create"],
        )
    },
    rule(AUTHORIZATION, &["selfsubjectrulesreviews"], &["create"]),
];

/// The cluster roles that have rules.
pub(crate) const CLUSTER_ROLES: &[&str] = &[
    "admin",
    "basic-user",
    "cluster-admin",
    "cluster-reader",
    "edit",
    "registry-admin",
    "registry-console-index",
    "registry-console-index-sizes",
    "registry-console-index-workloads",
    "registry-editor",
    "registry-viewer",
    "self-provisioner",
    "system:deployer",
    "system:image-builder",
    "system:image-puller",
    "system:image-pusher",
    "system:oauth-token-deleter",
    "useroauthaccesstoken-manager",
    "view",
];

/// The rules of the cluster role called `name`; `None` if OpenShift has no such role.
pub(crate) fn rules(name: &str) -> Option<&'static [Rule]> {
    Some(match name {
        "cluster-admin" => CLUSTER_ADMIN,
        "admin" => ADMIN,
        "edit" => EDIT,
        "view" => VIEW,
        "registry-admin" => REGISTRY_ADMIN,
        "registry-editor" => REGISTRY_EDITOR,
        "registry-viewer" => REGISTRY_VIEWER,
        "cluster-reader" => const { &[rule(ANY, ANY, READ)] },
        "system:image-puller" => &[PULL],
        "system:image-pusher" => &[PUSH],
        "system:image-builder" => {
            const {
                &[
                    PUSH,
                    rule(IMAGE, &["imagestreams"], &["create"]),
                    rule(BUILD, &["builds/details"], &["update"]),
                    rule(BUILD, &["builds"], &["get"]),
                ]
            }
        }
        "system:deployer" => {
            const {
                &[rule(
                    CORE,
                    &["replicationcontrollers"],
                    &["get", "list", "watch", "update"],
                )]
            }
        }
        // The console's own role, for its index.
        "registry-console-index" => const { &[rule(IMAGE, &["imagestreams"], &["list", "watch"])] },
        // The second one, for the workloads of its index.
        "registry-console-index-workloads" => WORKLOAD_INDEX,
        // The third one, for the sizes of its index.
        "registry-console-index-sizes" => &[PULL],
        "basic-user" => BASIC_USER,
        "self-provisioner" => const { &[rule(PROJECT, &["projectrequests"], &["create"])] },
        "system:oauth-token-deleter" => {
            const { &[rule(OAUTH, &["oauthaccesstokens"], &["delete"])] }
        }
        // OpenShift 4 only: all users may see and delete their own tokens.
        "useroauthaccesstoken-manager" => {
            const {
                &[rule(
                    &["oauth.openshift.io"],
                    &["useroauthaccesstokens"],
                    &["get", "list", "watch", "delete"],
                )]
            }
        }
        _ => return None,
    })
}
