use std::sync::Arc;

use super::*;
use crate::app::usage::{ProjectWorkloads, WorkloadRecord};
use registry_model::{ImagePart, WorkloadId, WorkloadKind};

const HOST: &str = "image-registry.openshift-image-registry.svc:5000";

fn digest(digit: char) -> Digest {
    format!("sha256:{}", String::from(digit).repeat(64))
        .parse()
        .unwrap()
}

fn summary(images: &[(UseKind, String)], scope: UsageScope) -> UsageSummary {
    let images = images.iter().map(|(kind, image)| RecordedImage {
        part: ImagePart::Container("web".parse().unwrap()),
        kind: *kind,
        reference: Arc::new(
            WorkloadImageReference::from_image_id(image)
                .or_else(|| WorkloadImageReference::from_pull_spec(image))
                .unwrap(),
        ),
        named: None,
        is_trigger_paused: false,
        pods: 0,
        since: None,
    });
    let record = WorkloadRecord {
        workload: WorkloadId {
            kind: WorkloadKind::Deployment,
            name: "web".parse().unwrap(),
        },
        is_paused: false,
        replicas: None,
        created: None,
        service_account: None,
        has_pull_secrets: false,
        images: images.collect(),
    };
    let workloads = ProjectWorkloads {
        workloads: vec![record],
        ..ProjectWorkloads::group("shop".parse().unwrap(), Vec::new())
    };
    let found = FoundWorkloads {
        projects: vec![Arc::new(workloads)],
        scope,
    };
    UsageSummary::new(&found, &RegistryHosts::new())
}

fn states(
    summary: &UsageSummary,
    stream: &str,
    tag: &str,
    image: char,
) -> (UsageState, UsageState) {
    let (project, stream) = (&"shop".parse().unwrap(), &stream.parse().unwrap());
    (
        summary.stream_state(project, stream),
        summary.tag_state(project, stream, &tag.parse().unwrap(), Some(&digest(image))),
    )
}

#[test]
fn what_workloads_name_or_run_is_used() {
    use UsageState::*;
    let summary = summary(
        &[
            (UseKind::Starts, format!("{HOST}/shop/api:1.0")),
            (UseKind::Running, format!("{HOST}/shop/web@{}", digest('a'))),
            (UseKind::Running, digest('b').to_string()),
            (UseKind::Starts, "quay.io/shop/other:1.0".to_owned()),
            (UseKind::Pushes, format!("{HOST}/shop/built:1.0")),
        ],
        UsageScope::default(),
    );
    assert_eq!(states(&summary, "api", "1.0", 'f'), (Used, Used));
    assert_eq!(states(&summary, "api", "2.0", 'f'), (Used, Unused));
    assert_eq!(states(&summary, "web", "any", 'a'), (Used, Used));
    assert_eq!(states(&summary, "web", "any", 'f'), (Used, Unused));
    assert_eq!(states(&summary, "api", "2.0", 'b'), (Used, Used));
    assert_eq!(states(&summary, "other", "1.0", 'f'), (Unused, Unused));
    assert_eq!(states(&summary, "built", "1.0", 'f'), (Unused, Unused));
}

#[test]
fn nothing_is_unused_while_projects_are_missing() {
    use UsageState::*;
    let scope = UsageScope {
        not_allowed: 1,
        ..UsageScope::default()
    };
    let summary = summary(&[(UseKind::Starts, format!("{HOST}/shop/api:1.0"))], scope);
    assert_eq!(states(&summary, "api", "1.0", 'f'), (Used, Used));
    assert_eq!(states(&summary, "api", "2.0", 'f'), (Used, Unknown));
    assert_eq!(states(&summary, "web", "1.0", 'f'), (Unknown, Unknown));
}
