//! What uses an image, on the pages that say so.

mod impact;
mod lists;
mod project_workloads;
mod used_by;
mod workload_index;

use http::StatusCode;
use openshift_standin::cluster::{
    BuildConfig, BuildStrategy, TagReference, Version, Workload, WorkloadKind,
};
use openshift_standin::faults::Fault;

use crate::harness::World;
use crate::harness::seeded_standin::repository;

/// A world with the workloads of [`add_workloads`].
async fn world_with_workloads(version: Version) -> World {
    let world = World::start(version).await;
    add_workloads(&world);
    world
}

/// Lets workloads use `team-a/api:latest` in `team-a` and in `team-b`: by the DeploymentConfig
/// `web` and the paused Deployment `worker`, which have triggers, by the CronJob `nightly`, whose
/// trigger is paused, by the build configuration `site`, which has one, and by the StatefulSet
/// `ledger` of `team-b`, by digest.
pub(crate) fn add_workloads(world: &World) {
    let cluster = world.demo.cluster();
    let image = pull_spec(world, "team-a/api:latest");
    let new = |kind, name: &str| Workload::new(kind, "team-a", name).container("app", &image);
    cluster.add_workload(
        new(WorkloadKind::DeploymentConfig, "web")
            .trigger("app", "api:latest")
            .replicas(2),
    );
    cluster.add_workload(
        new(WorkloadKind::Deployment, "worker")
            .trigger("app", "api:latest")
            .paused(),
    );
    cluster.add_workload(new(WorkloadKind::CronJob, "nightly").paused_trigger("app", "api:latest"));
    let source = TagReference {
        kind: "ImageStreamTag".to_owned(),
        name: "api:latest".to_owned(),
        namespace: None,
    };
    cluster.add_build_config(
        &BuildConfig::new("team-a", "site", BuildStrategy::Source, source).trigger(),
    );
    cluster.add_workload(
        Workload::new(WorkloadKind::StatefulSet, "team-b", "ledger")
            .container("ledger", &by_digest(world, "team-a/api:latest"))
            .replicas(3),
    );
}

/// A list that fails at once.
fn server_error() -> Fault {
    let body = (&b"{}"[..]).into();
    Fault::Status(StatusCode::INTERNAL_SERVER_ERROR, body, "application/json")
}

/// The pull spec of `project/stream:tag` for pods.
pub(crate) fn pull_spec(world: &World, image: &str) -> String {
    format!("{}/{image}", world.demo.cluster().hosts().registry_internal)
}

/// The digest to which `project/stream:tag` points.
pub(crate) fn digest(world: &World, image: &str) -> String {
    let (name, tag) = image.rsplit_once(':').unwrap();
    let (repository, tag) = (repository(name), tag.parse().unwrap());
    let digest = world
        .demo
        .cluster()
        .tag_digest(&repository.project, &repository.stream, &tag);
    digest.unwrap().to_string()
}

/// The pull spec by digest of the image of `project/stream:tag`.
pub(crate) fn by_digest(world: &World, image: &str) -> String {
    let (name, _) = image.rsplit_once(':').unwrap();
    format!("{}@{}", pull_spec(world, name), digest(world, image))
}
