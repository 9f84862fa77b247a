//! What ran in the project `shop-w` when the recordings were made: on 3.9 there were controllers but
//! no nodes, on OpenShift 4 neither. Pods that ran had statuses that were written by hand.

use openshift_standin::cluster::{
    BuildConfig, BuildStrategy, Cluster, ContainerRuntime, PodState, TagReference, Version,
    Workload, WorkloadKind,
};

fn stream_tag(kind: &str, name: &str) -> TagReference {
    TagReference {
        kind: kind.to_owned(),
        name: name.to_owned(),
        namespace: None,
    }
}

pub(super) fn seed(cluster: &Cluster) {
    let version = cluster.version();
    let (first, second, state) = match version {
        Version::V3_9 => ("1.0", "1.2", PodState::Unschedulable),
        Version::V4 => ("oci", "s2", PodState::NotCreated),
    };
    let host = &cluster.hosts().registry_internal;
    let by_tag = |tag: &str| format!("{host}/shop-w/api:{tag}");
    let by_digest = format!("{host}/shop-w/api@sha256:{}", "4".repeat(64));
    let new = |kind, name| Workload::new(kind, "shop-w", name).state(state);
    let trigger = format!("shop-w/api:{first}");
    for workload in [
        new(WorkloadKind::DeploymentConfig, "api")
            .container("api", " ")
            .trigger("api", &trigger),
        new(WorkloadKind::Deployment, "worker")
            .app_label("api")
            .init_container("migrate", &by_digest)
            .container("api", &by_tag(first))
            .trigger("api", &format!("api:{first}"))
            .replicas(2),
        new(WorkloadKind::StatefulSet, "store").container("db", &by_digest),
        new(WorkloadKind::DaemonSet, "agent")
            .container("agent", &by_tag(second))
            .replicas(0),
        new(WorkloadKind::CronJob, "nightly").container("report", &by_tag(second)),
        new(WorkloadKind::Job, "migrate").container("migrate", &by_tag(second)),
    ] {
        cluster.add_workload(workload);
    }
    let runtimes = match version {
        Version::V3_9 => [
            ("run-crio", ContainerRuntime::CriO),
            ("run-docker", ContainerRuntime::Docker),
        ],
        Version::V4 => [
            ("run-by-tag", ContainerRuntime::CriO),
            ("run-crio", ContainerRuntime::CriO),
        ],
    };
    for (name, runtime) in runtimes {
        let pod = Workload::new(WorkloadKind::Pod, "shop-w", name)
            .app_label("api")
            .container("api", &by_tag(first))
            .runtime(runtime);
        cluster.add_workload(pod);
    }
    seed_builds(cluster, first, second);
}

fn seed_builds(cluster: &Cluster, first: &str, second: &str) {
    let base = format!("api@sha256:{}", "4".repeat(64));
    let base = stream_tag("ImageStreamImage", &base);
    let tag = |name: &str| stream_tag("ImageStreamTag", name);
    let from = tag(&format!("api:{first}"));
    let base =
        BuildConfig::new("shop-w", "base", BuildStrategy::Docker, base).output(tag("base:latest"));
    let site = BuildConfig::new("shop-w", "site", BuildStrategy::Source, from)
        .source_image(tag(&format!("api:{second}")))
        .output(tag("site:latest"))
        .trigger();
    for config in [base, site] {
        let config = match cluster.version() {
            Version::V3_9 => config,
            Version::V4 => config.unseen(),
        };
        cluster.add_build_config(&config);
    }
}

/// The registry and the old console, whose deployer pods waited for a node.
pub(super) fn seed_default_project(cluster: &Cluster) {
    for name in ["docker-registry", "registry-console"] {
        let config = Workload::new(WorkloadKind::DeploymentConfig, "default", name)
            .container(name, "registry.example.com/openshift/image:v3.9.0")
            .state(PodState::Unschedulable);
        cluster.add_workload(config);
    }
}
