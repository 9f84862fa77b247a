//! Users, projects and rights.

use super::hostile;
use crate::cluster::{ProjectText, Version};
use crate::sample::context::SampleContext;
use registry_model::{ProjectName, Subject, SubjectKind};

/// Name, display name, description, owner.
const PROJECT_TEXTS_AND_OWNERS: [(&str, &str, &str, &str); 8] = [
    (
        "shop",
        "Web shop",
        "Everything behind the shop's front page",
        "developer",
    ),
    ("payments", "支付平台", "收单、清算与对账服务", "developer"),
    (
        "data-platform",
        "数据平台 · Data platform",
        "Pipelines and notebooks of the data team",
        "admin",
    ),
    (
        "base-images",
        "Base images",
        "Built nightly, for every signed-in person to build on",
        "admin",
    ),
    (
        "public-tools",
        "Public tools",
        "May be pulled by anybody, without signing in",
        "admin",
    ),
    ("ml-lab", "机器学习实验室", "", "admin"),
    (
        "edge",
        "",
        "Images for machines of several architectures",
        "developer",
    ),
    (
        "legacy",
        "Legacy (2015)",
        "Kept until the last customer has moved",
        "admin",
    ),
];

/// The project whose texts try to break the console.
pub(super) const HOSTILE_PROJECT: &str = "untrusted";

pub(super) fn create_all(site: &SampleContext<'_>) {
    let cluster = site.cluster;
    for (name, groups) in [
        ("admin", &["platform-team"][..]),
        ("developer", &["shop-team", "platform-team"]),
        ("viewer", &["auditors"]),
        ("outsider", &[]),
    ] {
        cluster.add_user(name, name, groups);
    }
    if cluster.version() == Version::V4 {
        cluster.add_kube_admin("kubeadmin");
    }
    cluster.annotate_group("auditors", "openshift.io/ldap.url", "ldap.example.com:389");
    cluster.bind(None, "cluster-admin", &[user("admin")]);
    for (name, display_name, description, owner) in PROJECT_TEXTS_AND_OWNERS {
        create(
            site,
            name,
            ProjectText {
                display_name,
                description,
            },
            owner,
        );
    }
    create(
        site,
        HOSTILE_PROJECT,
        ProjectText {
            display_name: hostile::DISPLAY_NAME,
            description: hostile::DESCRIPTION,
        },
        "developer",
    );
    let bind =
        |project: &str, role, subject| cluster.bind(Some(&project_name(project)), role, &[subject]);
    bind("shop", "registry-viewer", user("viewer"));
    bind("shop", "registry-editor", group("shop-team"));
    bind("data-platform", "registry-viewer", user("viewer"));
    bind("ml-lab", "registry-editor", user("developer"));
    bind("legacy", "registry-admin", group("platform-team"));
    // Shared: all signed-in users. Anonymous: everyone.
    bind(
        "base-images",
        "registry-viewer",
        group("system:authenticated"),
    );
    bind(
        "public-tools",
        "registry-viewer",
        group("system:authenticated"),
    );
    bind(
        "public-tools",
        "registry-viewer",
        group("system:unauthenticated"),
    );
}

fn create(site: &SampleContext<'_>, name: &str, text: ProjectText<'_>, owner: &str) {
    let created = site
        .cluster
        .create_project(&project_name(name), text, owner);
    created.expect("a fresh cluster has none of the sample's projects");
}

fn project_name(name: &str) -> ProjectName {
    name.parse().expect("a valid sample name")
}

fn user(name: &str) -> Subject {
    Subject {
        kind: SubjectKind::User,
        name: name.to_owned(),
        project: None,
    }
}

fn group(name: &str) -> Subject {
    Subject {
        kind: SubjectKind::Group,
        name: name.to_owned(),
        project: None,
    }
}
