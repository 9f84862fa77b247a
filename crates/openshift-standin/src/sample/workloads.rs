//! What runs the sample's images, and what builds them; quotas and limits.

use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest as _, Sha256};

use super::imports::stream_tag;
use crate::cluster::{
    BlobStorage, BuildConfig, BuildPhase, BuildStrategy, ContainerRuntime, ImageLimits, PodState,
    StoredTagSpec, TagReference, Workload, WorkloadKind,
};
use crate::registry::Repository;
use crate::sample::context::{SampleContext, repository, tag};
use crate::sample::users_and_projects::HOSTILE_PROJECT;

use WorkloadKind as Kind;

pub(super) fn run_all(site: &SampleContext<'_>) {
    run_followers_of_production(site);
    run_shop(site);
    run_with_problems(site);
    build_shop(site);
    run_other_projects(site);
    site.move_tag(
        "shop/storefront",
        "production",
        "1.10.0",
        site.now - TimeDelta::hours(3),
    );
    set_quotas(site);
    site.cluster.set_blob_storage(BlobStorage::VolumeClaim {
        name: "image-registry-storage".to_owned(),
        capacity: "100Gi".to_owned(),
    });
}

/// What is rolled out whenever `storefront:production` moves, and what is paused.
fn run_followers_of_production(site: &SampleContext<'_>) {
    let image = |tag: &str| site.pull_spec(&format!("shop/storefront:{tag}"));
    let since = site.days_ago(60);
    site.run(
        Workload::new(Kind::DeploymentConfig, "shop", "web")
            .container("app", &image("production"))
            .trigger("app", "storefront:production")
            .replicas(3)
            .created(since),
    );
    site.run(
        Workload::new(Kind::Deployment, "shop", "worker")
            .init_container("migrate", &image("production"))
            .container("app", &image("production"))
            .trigger("migrate", "storefront:production")
            .trigger("app", "storefront:production")
            .replicas(2)
            .created(since),
    );
    site.run(
        Workload::new(Kind::CronJob, "shop", "nightly")
            .container("report", &site.pull_spec_by_digest("shop/storefront:1.9.0"))
            .paused_trigger("report", "storefront:production")
            .paused()
            .created(since),
    );
}

fn run_shop(site: &SampleContext<'_>) {
    // Its pods were started before the tag moved to 1.11.0.
    site.run(
        Workload::new(Kind::Deployment, "shop", "cart")
            .container("cart", &site.pull_spec("shop/cart:latest"))
            .running(&site.digest("shop/cart:1.9.0"))
            .replicas(2)
            .created(site.days_ago(100)),
    );
    site.run(
        Workload::new(Kind::StatefulSet, "shop", "search")
            .container("search", &site.pull_spec_by_digest("shop/search:0.10.0"))
            .replicas(2)
            .created(site.days_ago(44)),
    );
    // Every project may pull from there.
    site.run(
        Workload::new(Kind::DaemonSet, "shop", "probe")
            .container("curl", &site.pull_spec("public-tools/curl:8.10.1"))
            .replicas(3)
            .created(site.days_ago(20)),
    );
    let mailer = site.pull_spec("shop/mailer:2024.2");
    site.run(
        Workload::new(Kind::CronJob, "shop", "mailer")
            .container("mailer", &mailer)
            .created(site.days_ago(200)),
    );
    site.run(
        Workload::new(Kind::Job, "shop", "mailer-29401140")
            .owner(Kind::CronJob, "mailer")
            .container("mailer", &mailer)
            .state(PodState::Succeeded)
            .created(site.now - TimeDelta::hours(9)),
    );
    site.run(
        Workload::new(Kind::Job, "shop", "reindex")
            .container("search", &site.pull_spec("shop/search:0.9.0"))
            .created(site.now - TimeDelta::minutes(12)),
    );
    site.run(
        Workload::new(Kind::Pod, "shop", "debug-storefront")
            .container("shell", &site.pull_spec("shop/storefront:1.11.0"))
            .runtime(ContainerRuntime::BareDigest)
            .created(site.now - TimeDelta::hours(2)),
    );
    let checkout = "shop/checkout-frontend-with-quite-a-long-name-for-an-image-stream:0.10.0";
    site.run(
        Workload::new(Kind::Deployment, "shop", "checkout")
            .container("app", &site.external_pull_spec(checkout))
            .created(site.days_ago(8)),
    );
    site.run(
        Workload::new(Kind::ReplicationController, "shop", "banner")
            .container("banner", &site.pull_spec("shop/storefront:1.2.0"))
            .created(site.days_ago(90)),
    );
}

/// Images that are gone, that may not be pulled, or that are those of another registry.
fn run_with_problems(site: &SampleContext<'_>) {
    let gone = "shop/recommendations:0.8.0";
    site.run(
        Workload::new(Kind::Deployment, "shop", "recommendations")
            .container("app", &site.pull_spec(gone))
            .running(&format!("sha256:{:x}", Sha256::digest(gone)))
            .created(site.days_ago(70)),
    );
    site.run(
        Workload::new(Kind::Deployment, "shop", "fraud-widget")
            .container("app", &site.pull_spec("payments/fraud-check:0.10.0"))
            .state(PodState::ImagePullBackOff)
            .created(site.days_ago(2)),
    );
    // The same path as an image stream's, but in another registry.
    site.run(
        Workload::new(Kind::Deployment, "shop", "partner-storefront")
            .container("app", "registry.partner.example/shop/storefront:production")
            .created(site.days_ago(15)),
    );
    // The API server accepts any text as a pull spec.
    site.run(
        Workload::new(Kind::Deployment, HOSTILE_PROJECT, "evil")
            .container(
                "app",
                "\"><img src=x onerror=alert('image')>/{{7*7}}:\u{202e}gnp",
            )
            .created(site.days_ago(1)),
    );
}

fn build_shop(site: &SampleContext<'_>) {
    let nodejs = stream_tag("nodejs:20", Some("base-images"));
    site.cluster.add_build_config(
        &BuildConfig::new("shop", "storefront", BuildStrategy::Source, nodejs)
            .source_image(stream_tag("curl:8.10.1", Some("public-tools")))
            .output(stream_tag("storefront:nightly", None))
            .trigger()
            .created(site.days_ago(190)),
    );
    let python = stream_tag("python:3.11", Some("openshift"));
    site.cluster.add_build_config(
        &BuildConfig::new("shop", "recommendations", BuildStrategy::Docker, python)
            .output(stream_tag("recommendations:0.10.0", None))
            .created(site.days_ago(14)),
    );
    for (config, phase, ago) in [
        ("recommendations", BuildPhase::Complete, TimeDelta::days(14)),
        ("storefront", BuildPhase::Failed, TimeDelta::hours(26)),
        ("storefront", BuildPhase::Running, TimeDelta::minutes(4)),
    ] {
        site.cluster
            .add_build("shop", config, phase, site.now - ago);
    }
}

fn run_other_projects(site: &SampleContext<'_>) {
    site.run(
        Workload::new(Kind::DeploymentConfig, "payments", "gateway")
            .container("gateway", &site.pull_spec("payments/gateway:latest"))
            .trigger("gateway", "gateway:latest")
            .replicas(2)
            .created(site.days_ago(11)),
    );
    site.run(
        Workload::new(Kind::StatefulSet, "payments", "ledger")
            .init_container("check", &site.pull_spec("public-tools/jq:1.7.1"))
            .container("ledger", &site.pull_spec("payments/ledger:audited"))
            .replicas(3)
            .created(site.days_ago(30)),
    );
    site.run(
        Workload::new(Kind::CronJob, "payments", "reconciliation")
            .container("run", &site.pull_spec("payments/reconciliation:0.10.0"))
            .trigger("run", "reconciliation:latest")
            .created(site.days_ago(24)),
    );
    site.run(
        Workload::new(Kind::Deployment, "data-platform", "ingest")
            .container("ingest", &site.pull_spec("data-platform/ingest:1.11.0"))
            .replicas(4)
            .created(site.days_ago(15)),
    );
    site.run(
        Workload::new(Kind::StatefulSet, "data-platform", "postgres")
            .container("postgres", &site.pull_spec("data-platform/postgres:16"))
            .created(site.days_ago(40)),
    );
    site.run(
        Workload::new(Kind::Job, "ml-lab", "train-29401")
            .container("trainer", &site.pull_spec("ml-lab/trainer:0.10.0"))
            .created(site.now - TimeDelta::hours(7)),
    );
    site.run(
        Workload::new(Kind::Deployment, "ml-lab", "serving")
            .container("serving", &site.pull_spec("ml-lab/serving:latest"))
            .trigger("serving", "serving:latest")
            .created(site.days_ago(10)),
    );
    site.run(
        Workload::new(Kind::DaemonSet, "edge", "telemetry")
            .container("telemetry", &site.pull_spec("edge/telemetry:0.10.0"))
            .replicas(5)
            .created(site.days_ago(9)),
    );
    site.run(
        Workload::new(Kind::ReplicationController, "legacy", "crm")
            .container("crm", &site.pull_spec("legacy/crm:5.2"))
            .created(site.days_ago(600)),
    );
}

fn set_quotas(site: &SampleContext<'_>) {
    let used = |project: &str| site.cluster.read(|state| state.stream_count(project));
    let payments = used("payments") + 1;
    site.cluster
        .set_stream_quota("payments", "image-streams", payments);
    let limits = ImageLimits {
        image_size: Some("1Gi".to_owned()),
        tags: Some(10),
        images: Some(12),
    };
    site.cluster
        .set_image_limits("payments", "image-limits", limits);
    let together = used("shop") + used("edge") + 8;
    site.cluster
        .set_cluster_stream_quota("web-division", &["shop", "edge"], together);
}

impl SampleContext<'_> {
    fn run(&self, workload: Workload) {
        self.cluster.add_workload(workload);
    }

    /// `host/project/stream:tag`, with the address for pods.
    fn pull_spec(&self, image: &str) -> String {
        format!("{}/{image}", self.cluster.hosts().registry_internal)
    }

    /// The same with the address outside the cluster.
    fn external_pull_spec(&self, image: &str) -> String {
        let hosts = self.cluster.hosts();
        let host = hosts
            .registry_public
            .as_ref()
            .unwrap_or(&hosts.registry_internal);
        format!("{host}/{image}")
    }

    /// The digest to which `project/stream:tag` points.
    fn digest(&self, image: &str) -> String {
        let (stream, name) = image.rsplit_once(':').expect("a tag of the sample");
        let Repository { project, stream } = repository(stream);
        let digest = self.cluster.tag_digest(&project, &stream, &tag(name));
        digest.expect("a tag of the sample").to_string()
    }

    fn pull_spec_by_digest(&self, image: &str) -> String {
        let (stream, _) = image.rsplit_once(':').expect("a tag of the sample");
        format!("{}@{}", self.pull_spec(stream), self.digest(image))
    }

    /// Lets a tag track another tag of its image stream, as if it had been set at that time.
    fn move_tag(&self, stream: &str, name: &str, source: &str, when: DateTime<Utc>) {
        let Repository { project, stream } = repository(stream);
        self.cluster.write(|state| {
            state.change_stream(project.as_str(), stream.as_str(), |stream| {
                let Some(mut event) = stream.latest(source).cloned() else {
                    return;
                };
                let generation = stream.next_generation();
                event.created = when;
                event.generation = generation;
                stream.push_tag_event(name, event);
                let spec = StoredTagSpec {
                    from: Some(TagReference {
                        kind: "ImageStreamTag".to_owned(),
                        name: format!("{}:{source}", stream.meta.name),
                        namespace: None,
                    }),
                    generation: Some(generation),
                    ..StoredTagSpec::default()
                };
                stream.spec_tags.insert(name.to_owned(), spec);
            });
        });
    }
}
