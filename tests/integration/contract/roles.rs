//! What the recorded cluster roles grant, as `docs/features.md` says.

use openshift_standin::cluster::Version;
use registry_model::WorkloadKind;
use rstest::rstest;
use serde_json::Value;

/// The resources that the pages about the use of images and about quotas list, with their API group.
fn listed_resources() -> Vec<(&'static str, &'static str)> {
    let group = |kind| match kind {
        WorkloadKind::Pod | WorkloadKind::ReplicationController => "",
        WorkloadKind::Deployment
        | WorkloadKind::ReplicaSet
        | WorkloadKind::StatefulSet
        | WorkloadKind::DaemonSet => "apps",
        WorkloadKind::Job | WorkloadKind::CronJob => "batch",
        WorkloadKind::DeploymentConfig => "apps.openshift.io",
        WorkloadKind::BuildConfig | WorkloadKind::Build => "build.openshift.io",
    };
    let workloads = WorkloadKind::ALL.map(|kind| (group(kind), kind.resource()));
    let quotas = [
        ("", "resourcequotas"),
        ("", "limitranges"),
        ("quota.openshift.io", "appliedclusterresourcequotas"),
    ];
    workloads.into_iter().chain(quotas).collect()
}

/// The rules of a recorded cluster role.
fn rules(version: Version, role: &str) -> Vec<Value> {
    let version = match version {
        Version::V3_9 => "3.9",
        Version::V4 => "4",
    };
    let path = format!(
        "{}/tests/contract/openshift-{version}/clusterrole-{role}.json",
        env!("CARGO_MANIFEST_DIR")
    );
    let recording: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let rules = recording["response"]["body"]["rules"].as_array();
    rules.unwrap().clone()
}

fn grants(rules: &[Value], verb: &str, group: &str, resource: &str) -> bool {
    let has = |values: &Value, wanted: &str| {
        let mut values = values.as_array().into_iter().flatten();
        values.any(|value| value == wanted || value == "*")
    };
    rules.iter().any(|rule| {
        has(&rule["verbs"], verb)
            && has(&rule["apiGroups"], group)
            && has(&rule["resources"], resource)
    })
}

#[rstest]
fn admin_lists_workloads_and_quotas_and_roles_of_the_registry_do_not(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    for (role, is_granted) in [
        ("admin", true),
        ("registry-viewer", false),
        ("registry-editor", false),
        ("image-puller", false),
    ] {
        let rules = rules(version, role);
        for (group, resource) in listed_resources() {
            assert_eq!(
                grants(&rules, "list", group, resource),
                is_granted,
                "{role}: {group}/{resource}"
            );
        }
        assert_eq!(
            grants(
                &rules,
                "create",
                "authorization.openshift.io",
                "localresourceaccessreviews"
            ),
            is_granted,
            "{role}"
        );
    }
}
