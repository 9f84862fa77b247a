//! Plans against the rules written down once more, by names and without numbers.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use proptest::prelude::*;

use super::*;
use crate::space::tests::world::worlds;

/// At second 10 nothing is in the future: [`worlds`] are at the seconds 0 to 9.
const NOW: i64 = 10;

/// A reference that a workload can have, without the digest or tag.
#[derive(Clone, Copy, Debug)]
enum ReferenceForm {
    PullSpec,
    PullSpecWithoutHost,
    Build,
}

#[derive(Clone, Debug)]
struct Reference {
    form: ReferenceForm,
    repository: String,
    /// The tag, or the digest.
    target: Result<String, Digest>,
}

impl Reference {
    fn text(&self) -> String {
        let (prefix, target) = match (&self.target, self.form) {
            (Ok(tag), ReferenceForm::Build) => ("tag:", format!(":{tag}")),
            (Err(digest), ReferenceForm::Build) => ("image:", format!("@{digest}")),
            (Ok(tag), ReferenceForm::PullSpec) => ("r.example/", format!(":{tag}")),
            (Err(digest), ReferenceForm::PullSpec) => ("r.example/", format!("@{digest}")),
            (Ok(tag), ReferenceForm::PullSpecWithoutHost) => ("", format!(":{tag}")),
            (Err(digest), ReferenceForm::PullSpecWithoutHost) => ("", format!("@{digest}")),
        };
        format!("{prefix}{}{target}", self.repository)
    }
}

type User = (WorkloadKind, ImagePart, bool, i64, Reference);

fn users() -> impl Strategy<Value = Vec<User>> {
    let form = prop::sample::select(vec![
        ReferenceForm::PullSpec,
        ReferenceForm::PullSpecWithoutHost,
        ReferenceForm::Build,
    ]);
    let repository = (0..3, 0..2).prop_map(|(project, stream)| format!("p{project}/s{stream}"));
    let target = prop_oneof![
        (0_u8..3).prop_map(|tag| -> Result<String, Digest> { Ok(format!("t{tag}")) }),
        (0_u8..8).prop_map(|number| -> Result<String, Digest> { Err(image(&number.to_string())) }),
    ];
    let reference = (form, repository, target).prop_map(|(form, repository, target)| Reference {
        form,
        repository,
        target,
    });
    let user = (
        prop::sample::select(WorkloadKind::ALL.to_vec()),
        any::<bool>(),
        any::<bool>(),
        0_i64..10,
        reference,
    );
    let user = user.prop_map(|(kind, is_init, has_ended, created, mut reference)| {
        let part = match (kind.is_build(), is_init) {
            (true, _) => ImagePart::BuildFrom,
            (false, true) => init_container(),
            (false, false) => container(),
        };
        if !kind.is_build() && matches!(reference.form, ReferenceForm::Build) {
            reference.form = ReferenceForm::PullSpec;
        }
        (kind, part, has_ended, created, reference)
    });
    prop::collection::vec(user, 0..4)
}

fn workloads(users: &[User]) -> Vec<Workload> {
    let each = users
        .iter()
        .map(|(kind, part, has_ended, created, reference)| Workload {
            project: "p0".parse().unwrap(),
            phase: if *has_ended {
                WorkloadPhase::Ended
            } else {
                WorkloadPhase::Active
            },
            created: Some(at(*created)),
            ..workload(*kind, &[(part.clone(), reference.text().as_str())])
        });
    each.collect()
}

/// The world as the rules see it.
struct Model<'a> {
    world: &'a SpaceWorld,
    users: Vec<&'a User>,
    rules: PrunerRules,
    keep: usize,
    cutoff: i64,
    all: bool,
}

impl Model<'_> {
    fn is_missing(&self, image: Option<&Digest>) -> bool {
        image.is_none_or(|image| {
            let object = self.world.objects.get(image);
            object.is_some_and(|object| object.is_missing)
        })
    }

    fn is_young(&self, time: Option<chrono::DateTime<chrono::Utc>>) -> bool {
        time.is_some_and(|time| time.timestamp() > self.cutoff)
    }

    /// Whether a workload keeps the tag event.
    fn is_used(&self, stream: &ImageStream, tag: &str, position: usize, image: &Digest) -> bool {
        let repository = format!("{}/{}", stream.project, stream.name);
        self.users.iter().any(|(kind, _, _, _, reference)| {
            let is_here = reference.repository == repository;
            let exact = self.rules.references_are_exact;
            match (&reference.target, reference.form) {
                (Err(_), ReferenceForm::PullSpecWithoutHost) if exact => false,
                (Err(digest), _) => digest == image && (is_here || !exact),
                (Ok(_), _) if !self.rules.references_by_tag => false,
                (Ok(named), ReferenceForm::Build) if !exact => {
                    // In the project of the build.
                    let name = reference.repository.split_once('/').unwrap().1;
                    named == tag && position == 0 && repository == format!("p0/{name}")
                }
                (Ok(named), form) => {
                    let counts = match form {
                        ReferenceForm::Build => true,
                        ReferenceForm::PullSpec => exact || !kind.is_build(),
                        ReferenceForm::PullSpecWithoutHost => !exact && !kind.is_build(),
                    };
                    counts && is_here && named == tag && position == 0
                }
            }
        })
    }

    fn all_images(&self) -> BTreeSet<Digest> {
        let known = self
            .world
            .layers
            .iter()
            .flat_map(|layers| std::iter::once(&layers.digest).chain(&layers.children));
        let mut images: BTreeSet<Digest> = known.cloned().collect();
        images.extend(self.world.objects.keys().cloned());
        for stream in &self.world.streams {
            for event in stream.tags.iter().flat_map(|tag| &tag.history) {
                images.extend(event.image.clone());
            }
        }
        images.retain(|image| !self.is_missing(Some(image)));
        images
    }

    /// The images that go, and the number of tag events that do.
    fn removed(&self) -> (BTreeSet<Digest>, usize) {
        let is_by_event = self.rules.unit == RemovalUnit::TagEvent;
        let mut kept = BTreeSet::new();
        let mut removed_events = 0;
        let mut first_event: BTreeMap<&Digest, i64> = BTreeMap::new();
        for stream in &self.world.streams {
            for tag in &stream.tags {
                for (position, event) in tag.history.iter().enumerate() {
                    let missing = self.is_missing(event.image.as_ref());
                    let is_used = event.image.as_ref().is_some_and(|image| {
                        self.is_used(stream, tag.name.as_str(), position, image)
                    });
                    let by_tag = position == 0
                        && self.is_used(stream, tag.name.as_str(), 0, &image("no such image"));
                    let is_kept = self.is_young(stream.created)
                        || is_by_event && self.is_young(event.created)
                        || is_by_event && by_tag
                        || !missing && (position < self.keep || is_used);
                    if is_kept {
                        kept.extend(event.image.clone());
                    } else if is_by_event {
                        removed_events += 1;
                    }
                    if let Some(image) = &event.image {
                        let created = event.created.map_or(i64::MIN, |time| time.timestamp());
                        let first = first_event.entry(image).or_insert(created);
                        *first = created.min(*first);
                    }
                }
            }
        }
        if !self.rules.references_are_exact {
            let digests = self
                .users
                .iter()
                .filter_map(|user| user.4.target.as_ref().err());
            kept.extend(digests.cloned());
        }
        if self.rules.keeps_images_of_index {
            let indexes = self.world.layers.iter();
            let kept_indexes = indexes.filter(|layers| {
                kept.contains(&layers.digest) && !self.is_missing(Some(&layers.digest))
            });
            let children: Vec<Digest> = kept_indexes
                .flat_map(|layers| layers.children.clone())
                .collect();
            kept.extend(children);
        }
        let mut removed = self.all_images();
        removed.retain(|image| {
            let object = self.world.objects.get(image);
            let created = object.and_then(|object| object.created);
            let created = created
                .map(|created| created.timestamp())
                .or(first_event.get(image).copied());
            let is_imported = object.is_some_and(|object| object.is_managed == Some(false));
            !kept.contains(image)
                && created.is_none_or(|created| created <= self.cutoff)
                && (self.all || !is_imported)
        });
        if !is_by_event {
            for event in self
                .world
                .streams
                .iter()
                .flat_map(|stream| stream.tags.iter().flat_map(|tag| &tag.history))
            {
                let goes = match &event.image {
                    Some(image) if !self.is_missing(Some(image)) => removed.contains(image),
                    _ => self.rules.references_by_tag && !self.is_young(event.created),
                };
                removed_events += usize::from(goes);
            }
        }
        (removed, removed_events)
    }

    fn freed(&self, removed: &BTreeSet<Digest>) -> u64 {
        let blobs = |is_removed: bool| {
            let images = self.all_images();
            let known = self.world.layers.iter().filter(move |layers| {
                images.contains(&layers.digest) && removed.contains(&layers.digest) == is_removed
            });
            known.flat_map(|layers| {
                let manifest = (layers.digest.clone(), layers.manifest_size);
                let blobs = layers.layers.iter();
                std::iter::once(manifest).chain(blobs.map(|blob| (blob.digest.clone(), blob.size)))
            })
        };
        let kept: BTreeSet<Digest> = blobs(false).map(|(digest, _)| digest).collect();
        let freed: BTreeMap<Digest, u64> = blobs(true)
            .filter(|(digest, _)| !kept.contains(digest))
            .map(|(digest, size)| (digest, size.map_or(0, |size| size.0)))
            .collect();
        freed.values().sum()
    }
}

proptest! {
    #[test]
    fn plans_follow_the_rules(
        world in worlds(),
        users in users(),
        version in prop::sample::select(PrunerVersion::ALL.to_vec()),
        keep in 0_u32..3,
        younger in 0_i64..10,
        all in any::<bool>(),
    ) {
        let (index, workloads) = (world.index(), workloads(&users));
        let view = index.view(VisibleProjects::All);
        let limits = BTreeMap::new();
        let input = PruneInput {
            view: &view,
            workloads: &workloads,
            image_size_limits: &limits,
            now: at(NOW),
            has_all_workloads: true,
        };
        let parameters = PruneParameters {
            rule: PruneRule::Revisions {
                keep_tag_revisions: keep,
                keep_younger_than: TimeDelta::seconds(younger),
            },
            all,
        };
        let plan = PrunePlan::new(input, version, &parameters);
        let rules = version.rules();
        let counting = users.iter().filter(|(kind, part, has_ended, created, _)| {
            rules.kinds.contains(kind)
                && (rules.init_containers || !matches!(part, ImagePart::InitContainer(_)))
                && (*kind != WorkloadKind::Pod || !has_ended || *created > NOW - younger)
        });
        let model = Model {
            world: &world,
            users: counting.collect(),
            rules,
            keep: keep as usize,
            cutoff: NOW - younger,
            all,
        };
        let (removed, removed_events) = model.removed();
        let found: BTreeSet<Digest> = plan
            .images(PruneScope::Everything)
            .filter(|(_, outcome)| *outcome == ImageOutcome::Removed)
            .map(|(digest, _)| digest)
            .collect();
        prop_assert_eq!(&found, &removed);
        prop_assert_eq!(plan.removed_images(), removed.len());
        prop_assert_eq!(plan.removed_tag_events(PruneScope::Everything).count(), removed_events);
        prop_assert_eq!(plan.freed().sum(), ByteSize(model.freed(&removed)));
        let seen = plan.images(PruneScope::Everything).map(|(digest, _)| digest);
        let seen: BTreeSet<Digest> = seen.collect();
        prop_assert_eq!(seen, model.all_images());
        let matrix = freed_matrix(
            input,
            version,
            all,
            &[keep, keep + 1],
            &[TimeDelta::seconds(younger), TimeDelta::seconds(younger + 2)],
        );
        prop_assert_eq!(matrix[0][0].sum(), plan.freed().sum());
        // Keeping more never frees more.
        prop_assert!(matrix[1][0].sum() <= matrix[0][0].sum());
        prop_assert!(matrix[0][1].sum() <= matrix[0][0].sum());
    }
}
