//! Which tags and images workloads use, by the pruner's rules.

use std::collections::{HashMap, HashSet};

use super::PruneInput;
use super::pruner_version::{PrunerRules, RemovalUnit};
use crate::pull_spec::PullSpec;
use crate::space::SpaceIndex;
use crate::space::index::seconds;
use crate::{
    Digest, ImagePart, ImageStreamName, ProjectName, TagName, Workload, WorkloadImageReference,
    WorkloadKind, WorkloadPhase,
};

/// The references of workloads to what is in an index.
#[derive(Debug, Default)]
pub(super) struct InUse {
    /// By the number of the tag.
    tags: HashMap<u32, Vec<Use>>,
    /// By the numbers of the image stream and of the image.
    stream_images: HashMap<(u32, u32), Vec<Use>>,
    /// By the number of the image, for references that count wherever the image is.
    images: HashMap<u32, Vec<Use>>,
}

/// A reference of a workload.
#[derive(Clone, Copy, Debug)]
struct Use {
    workload: u32,
    /// The number of the first workload with the same owner, or of the owner itself.
    owner: u32,
    /// When an ended pod was created: the reference counts only if the pod is young.
    ended_pod: Option<i64>,
}

/// The first workload that uses something, and how many others do. A workload and its pods count as
/// one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Users {
    pub(super) first: u32,
    pub(super) more: u32,
}

impl InUse {
    pub(super) fn new(input: &PruneInput<'_>, rules: &PrunerRules) -> Self {
        let mut in_use = Self::default();
        let mut owners = HashMap::new();
        for (number, workload) in (0..).zip(input.workloads) {
            if rules.kinds.contains(&workload.id.kind) {
                let owner = workload.owner.as_ref().unwrap_or(&workload.id);
                let owner = *owners.entry((&workload.project, owner)).or_insert(number);
                in_use.add(input.view.index(), rules, (number, owner), workload);
            }
        }
        in_use
    }

    pub(super) fn tag(&self, tag: u32, cutoff: i64) -> Option<Users> {
        users(self.tags.get(&tag)?, cutoff)
    }

    pub(super) fn stream_image(&self, stream: u32, image: u32, cutoff: i64) -> Option<Users> {
        users(self.stream_images.get(&(stream, image))?, cutoff)
    }

    /// The images that are used wherever they are.
    pub(super) fn images(&self, cutoff: i64) -> impl Iterator<Item = (u32, Users)> + '_ {
        self.images
            .iter()
            .filter_map(move |(image, uses)| Some((*image, users(uses, cutoff)?)))
    }

    fn add(
        &mut self,
        index: &SpaceIndex,
        rules: &PrunerRules,
        (number, owner): (u32, u32),
        workload: &Workload,
    ) {
        // Pods that run or wait count, others only while they are young
        // (`analyzeReferencesFromPods`, `addPodsToGraph`). All other workloads count always.
        let is_ended_pod =
            workload.id.kind == WorkloadKind::Pod && workload.phase == WorkloadPhase::Ended;
        let new_use = Use {
            workload: number,
            owner,
            ended_pod: is_ended_pod.then(|| seconds(workload.created)),
        };
        for image in &workload.images {
            let is_build = match image.part {
                ImagePart::InitContainer(_) if !rules.init_containers => continue,
                // Only the strategy's `from` counts, neither other sources nor the output.
                ImagePart::BuildSource | ImagePart::BuildOutput => continue,
                ImagePart::BuildFrom => true,
                ImagePart::InitContainer(_) | ImagePart::Container(_) => false,
            };
            let Some(reference) = &image.reference else {
                continue;
            };
            match referenced(reference, rules, is_build, &workload.project) {
                Some(Referenced::Tag(..)) if !rules.references_by_tag => {}
                Some(Referenced::Tag(project, stream, tag)) => {
                    let tag = index
                        .stream_number(&project, &stream)
                        .and_then(|stream| index.tag_number(stream, &tag));
                    if let Some(tag) = tag {
                        push(self.tags.entry(tag).or_default(), new_use);
                    }
                }
                Some(Referenced::StreamImage(project, stream, digest)) => {
                    let stream = index.stream_number(&project, &stream);
                    if let Some(key) = stream.zip(index.image_number(digest)) {
                        push(self.stream_images.entry(key).or_default(), new_use);
                    }
                }
                Some(Referenced::Image(digest)) => {
                    if let Some(image) = index.image_number(digest) {
                        push(self.images.entry(image).or_default(), new_use);
                    }
                }
                None => {}
            }
        }
    }
}

/// What a reference keeps.
enum Referenced<'a> {
    /// The image that a tag points to.
    Tag(ProjectName, ImageStreamName, TagName),
    /// An image in the history of an image stream.
    StreamImage(ProjectName, ImageStreamName, &'a Digest),
    /// An image in the history of any image stream.
    Image(&'a Digest),
}

/// What a reference keeps. The host of a pull spec makes no difference: an image of another
/// registry is kept if its path is that of an image stream (`analyzeImageReference`).
fn referenced<'a>(
    reference: &'a WorkloadImageReference,
    rules: &PrunerRules,
    is_build: bool,
    project: &ProjectName,
) -> Option<Referenced<'a>> {
    match reference {
        WorkloadImageReference::PullSpec(spec) => referenced_by_pull_spec(spec, rules, is_build),
        WorkloadImageReference::StreamTag(named, stream, tag) => {
            let project = if rules.references_are_exact {
                named
            } else {
                project
            };
            Some(Referenced::Tag(
                project.clone(),
                stream.clone(),
                tag.clone(),
            ))
        }
        WorkloadImageReference::StreamImage(project, stream, digest) => Some(match rules.unit {
            RemovalUnit::Image => Referenced::Image(digest),
            RemovalUnit::TagEvent => {
                Referenced::StreamImage(project.clone(), stream.clone(), digest)
            }
        }),
        // A digest alone is no pull spec.
        WorkloadImageReference::Digest(_) => None,
    }
}

fn referenced_by_pull_spec<'a>(
    spec: &'a PullSpec,
    rules: &PrunerRules,
    is_build: bool,
) -> Option<Referenced<'a>> {
    if rules.references_are_exact {
        spec.host()?;
        let (project, stream) = spec.image_stream()?;
        return Some(match spec.digest() {
            Some(digest) => Referenced::StreamImage(project, stream, digest),
            None => Referenced::Tag(project, stream, spec.tag_or_latest()),
        });
    }
    if let Some(digest) = spec.digest() {
        return Some(Referenced::Image(digest));
    }
    let (project, stream) = spec.image_stream().filter(|_| !is_build)?;
    Some(Referenced::Tag(project, stream, spec.tag_or_latest()))
}

/// A workload can name an image for several containers.
fn push(uses: &mut Vec<Use>, new_use: Use) {
    if uses.last().map(|last| last.workload) != Some(new_use.workload) {
        uses.push(new_use);
    }
}

fn users(uses: &[Use], cutoff: i64) -> Option<Users> {
    let mut counting = uses
        .iter()
        .filter(|one| one.ended_pod.is_none_or(|created| created > cutoff));
    let first = counting.next()?;
    let others: HashSet<u32> = counting
        .map(|one| one.owner)
        .filter(|owner| *owner != first.owner)
        .collect();
    Some(Users {
        first: first.workload,
        more: u32::try_from(others.len()).unwrap_or(u32::MAX),
    })
}
