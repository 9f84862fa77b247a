//! A large cluster, for measurements.

mod own_images;

use chrono::TimeDelta;
use serde_json::{Map, json};

use super::layer::SampleLayer;
use crate::cluster::{
    Cluster, ClusterState, ImageStreamObject, ProjectText, StoredTagEvent, TagHistory, Workload,
    WorkloadKind,
};
use crate::registry::{Blobs, Repository};
use crate::sample::context::{SampleContext, repository};
use crate::sample::image_builder::{BuiltImage, ImageBuilder};

pub use own_images::add_own_images;

/// Fills a cluster with `projects` projects (`bench-0`, …), over which `streams` image streams
/// (`stream-0`, …) of `tags` tags each (`1.0`, `1.1`, …) are spread evenly. They belong to `admin`,
/// who has all rights.
///
/// Cheap: there are as many images as an image stream has tags, shared by all image streams; each
/// image stream is one change for watches.
pub fn add_streams(cluster: &Cluster, blobs: &Blobs, projects: usize, streams: usize, tags: usize) {
    let site = SampleContext::new(cluster, blobs);
    site.cluster.add_user("admin", "admin", &[]);
    let admin = registry_model::Subject {
        kind: registry_model::SubjectKind::User,
        name: "admin".to_owned(),
        project: None,
    };
    site.cluster.bind(None, "cluster-admin", &[admin]);
    for project in 0..projects {
        let name = format!("bench-{project}").parse().expect("a valid name");
        // An existing project is used as well.
        let _there = cluster.create_project(&name, ProjectText::default(), "admin");
    }
    if projects == 0 {
        return;
    }
    let images: Vec<BuiltImage> = images(&site, tags);
    for index in 0..streams {
        let name = format!("bench-{}/stream-{index}", index % projects);
        for image in &images {
            if index == 0 {
                // The cluster stores the images with the first image stream.
                site.push(&name, None, image, site.now, "admin");
            } else {
                site.store_in_registry_only(&name, image);
            }
        }
        let internal = &cluster.hosts().registry_internal;
        cluster.write(|state| put_stream(state, &site, internal, &repository(&name), &images));
    }
}

/// Adds `count` users (`person-0`, …; each password is the name), who may see more and more of the
/// `projects` of [`add_streams`]: the first sees one of a hundred, the hundredth all of them.
pub fn add_users(cluster: &Cluster, projects: usize, count: usize) {
    let user = |number| registry_model::Subject {
        kind: registry_model::SubjectKind::User,
        name: format!("person-{number}"),
        project: None,
    };
    for number in 0..count {
        let name = user(number).name;
        cluster.add_user(&name, &name, &[]);
    }
    for project in 0..projects {
        let viewers: Vec<_> = (project % 100..count).map(user).collect();
        let name = format!("bench-{project}").parse().expect("a valid name");
        cluster.bind(Some(&name), "registry-viewer", &viewers);
    }
}

/// How many pods each Deployment of [`add_pods`] has.
const PODS_PER_DEPLOYMENT: usize = 10;

/// Adds `pods` pods, in Deployments (`app-0`, …) of ten, to `projects` projects (`bench-0`, …),
/// which are created if they are missing. They run the image of the tag `1.0` of the project's
/// image stream `stream-<number of the project>`, which [`add_streams`] creates. The user
/// `pod-reader` (whose password is the name) has the role `view` in these projects.
///
/// Cheap: pods of one Deployment share their content.
pub fn add_pods(cluster: &Cluster, projects: usize, pods: usize) {
    let internal = &cluster.hosts().registry_internal;
    let reader = registry_model::Subject {
        kind: registry_model::SubjectKind::User,
        name: "pod-reader".to_owned(),
        project: None,
    };
    cluster.add_user(&reader.name, &reader.name, &[]);
    for number in 0..projects {
        let project = format!("bench-{number}");
        let name = project.parse().expect("a valid name");
        // An existing project is used as well.
        let _there = cluster.create_project(&name, ProjectText::default(), "admin");
        cluster.bind(Some(&name), "view", std::slice::from_ref(&reader));
        let image = format!("{internal}/{project}/stream-{number}:1.0");
        // The first projects have one pod more if it does not come out even.
        let mut left = pods / projects + usize::from(number < pods % projects);
        let mut deployment = 0;
        while left > 0 {
            let replicas = left.min(PODS_PER_DEPLOYMENT);
            let name = format!("app-{deployment}");
            cluster.add_workload(
                Workload::new(WorkloadKind::Deployment, &project, &name)
                    .container("app", &image)
                    .replicas(replicas),
            );
            left -= replicas;
            deployment += 1;
        }
    }
}

/// Moves a tag in `count` of these image streams, one after the other from the `from`th on,
/// starting again at the end: a busy cluster.
pub fn move_tags(
    cluster: &Cluster,
    (projects, streams): (usize, usize),
    from: usize,
    count: usize,
) {
    for at in from..from + count {
        let (index, round) = (at % streams, at / streams);
        let (project, name) = (
            format!("bench-{}", index % projects),
            format!("stream-{index}"),
        );
        let when = cluster.clock().now();
        let move_one = |stream: &mut ImageStreamObject| {
            let latest: Vec<StoredTagEvent> = stream
                .tags
                .values()
                .filter_map(|tag| tag.items.first().cloned())
                .collect();
            if let Some(tag) = stream.tags.values_mut().nth(round % latest.len().max(1)) {
                tag.items = latest
                    .get((round + 1) % latest.len())
                    .map(|event| StoredTagEvent {
                        created: when,
                        ..event.clone()
                    })
                    .into_iter()
                    .collect();
            }
        };
        cluster.write(|state| drop(state.change_stream(&project, &name, move_one)));
    }
}

fn images(site: &SampleContext<'_>, count: usize) -> Vec<BuiltImage> {
    let base = SampleLayer::from_file("usr/lib/base", 20_000);
    let image = |index: usize| {
        let created = site.now - TimeDelta::hours(i64::try_from(count - index).unwrap_or_default());
        ImageBuilder {
            media_types: site.family(false),
            created,
            author: "bench",
            architecture: "amd64",
            run_config: json!({ "Cmd": ["serve"], "Labels": { "version": format!("1.{index}") } }),
            steps: vec![
                (Some(base.clone()), "ADD base /".to_owned()),
                (
                    Some(SampleLayer::from_file(&format!("opt/app-{index}"), 500)),
                    "COPY app /opt/".to_owned(),
                ),
            ],
            annotations: Map::new(),
        }
        .build()
    };
    (0..count).map(image).collect()
}

fn put_stream(
    state: &mut ClusterState,
    site: &SampleContext<'_>,
    internal: &str,
    repository: &Repository,
    images: &[BuiltImage],
) {
    let mut meta = state.new_meta(
        Some(repository.project.as_str()),
        repository.stream.as_str(),
    );
    meta.generation = Some(1);
    let mut stream = ImageStreamObject::new(meta);
    for (index, image) in images.iter().enumerate() {
        let created =
            site.now - TimeDelta::hours(i64::try_from(images.len() - index).unwrap_or_default());
        let reference = format!("{internal}/{repository}@{}", image.digest);
        let event = StoredTagEvent {
            created,
            reference,
            image: image.digest.to_string(),
            generation: 1,
        };
        stream.tags.insert(
            format!("1.{index}"),
            TagHistory {
                items: vec![event],
                ..TagHistory::default()
            },
        );
    }
    state.put_stream("ADDED", stream);
}
