//! What pages show about the use of images: `components/usage.html` and `components/impact.html`.

mod brief;
mod impact;

pub(in crate::web) use brief::{UsageBrief, load_brief, load_brief_in_shown};
pub(in crate::web) use impact::{ImpactSection, load_impact};

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use crate::app::lists::UseFilter;
use crate::app::section::Unavailable;
use crate::app::usage::{ImageUse, ProjectUses, UsageScope, UseKind, WorkloadUse};
use crate::i18n::{Lang, Message};
use registry_model::{ImagePart, StreamReference, WorkloadId, WorkloadKind};

/// A link that reduces a list to what workloads use, or to what nothing uses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::web) struct UseLink {
    pub(in crate::web) href: String,
    pub(in crate::web) text: String,
    /// What the list has then.
    pub(in crate::web) meaning: String,
    pub(in crate::web) is_current: bool,
}

/// The links to what is used and to what is not. The current one leads back to all. `scope` is where
/// uses were searched, once they were: where that is not everything, what was not found is not "not
/// in use".
pub(in crate::web) fn use_links(
    lang: Lang,
    current: Option<UseFilter>,
    scope: Option<&UsageScope>,
    link: impl Fn(Option<UseFilter>) -> String,
) -> Vec<UseLink> {
    let is_certain = match scope {
        Some(scope) => scope.is_complete(),
        None => current.is_none(),
    };
    UseFilter::ALL
        .into_iter()
        .map(|filter| {
            let is_current = current == Some(filter);
            let (text, meaning) = match filter {
                UseFilter::Used => (lang.msg("in-use"), lang.msg("in-use-meaning")),
                UseFilter::Unused if is_certain => {
                    (lang.msg("not-in-use"), lang.msg("not-in-use-meaning"))
                }
                UseFilter::Unused => (lang.msg("no-use-found"), lang.msg("used-by-nothing-found")),
            };
            UseLink {
                href: link((!is_current).then_some(filter)),
                text: text.to_string(),
                meaning: meaning.to_string(),
                is_current,
            }
        })
        .collect()
}

/// Whether a page says that a section about the use of an image is missing. It does not where the
/// page itself says so, or shows that the image stream does not exist.
pub(in crate::web) fn is_worth_mentioning(missing: &Unavailable) -> bool {
    use crate::app::section::UnavailableReason::{NotAllowed, NotThere};
    !matches!(missing.why, NotAllowed | NotThere)
}

/// What a page says where no workload was found: that nothing uses an image only where everything
/// was searched.
pub(in crate::web) fn nothing_found(lang: &Lang, scope: &UsageScope) -> Message {
    if scope.is_complete() {
        lang.msg("used-by-nothing")
    } else {
        lang.msg("used-by-nothing-found")
    }
}

/// Kinds of workloads as the API names them.
pub(in crate::web) fn resources(lang: &Lang, kinds: &[WorkloadKind]) -> String {
    let names: Vec<&str> = kinds.iter().map(|kind| kind.resource()).collect();
    names.join(lang.list_separator())
}

/// A row of the table of workloads that use an image: a container of a workload, or a part of a
/// build.
#[derive(Clone, Debug)]
pub(in crate::web) struct UseRow<'v> {
    pub(in crate::web) workload: &'v WorkloadUse,
    pub(in crate::web) part: &'v ImagePart,
    /// How the workload references the image.
    pub(in crate::web) references: Vec<UsedReference<'v>>,
    /// What its pods run, most pods first.
    pub(in crate::web) running: Vec<&'v ImageUse>,
    /// Whether a build is in progress.
    pub(in crate::web) is_building: bool,
    /// Since when the oldest pod runs, or else the workload exists.
    pub(in crate::web) since: Option<DateTime<Utc>>,
}

/// A reference to an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::web) struct UsedReference<'v> {
    pub(in crate::web) reference: &'v StreamReference,
    pub(in crate::web) kind: UseKind,
    pub(in crate::web) is_trigger_paused: bool,
}

/// The rows of a project's workloads: those that use the image, and those of builds that push to it.
pub(in crate::web) fn use_rows(uses: &ProjectUses) -> (Vec<UseRow<'_>>, Vec<UseRow<'_>>) {
    rows_by_name(uses)
        .into_iter()
        .partition(|row| *row.part != ImagePart::BuildOutput)
}

/// The rows of a project's workloads, by name.
fn rows_by_name(uses: &ProjectUses) -> Vec<UseRow<'_>> {
    let mut workloads: Vec<&WorkloadUse> = uses.workloads.iter().collect();
    workloads.sort_by(|a, b| {
        let by_name = a.workload.name.cmp(&b.workload.name);
        by_name.then_with(|| a.workload.kind.cmp(&b.workload.kind))
    });
    workloads.into_iter().flat_map(rows_of_workload).collect()
}

fn rows_of_workload(workload: &WorkloadUse) -> Vec<UseRow<'_>> {
    let mut parts: BTreeMap<&ImagePart, Vec<&ImageUse>> = BTreeMap::new();
    for used in &workload.uses {
        parts.entry(&used.part).or_default().push(used);
    }
    parts
        .into_iter()
        .map(|(part, uses)| UseRow::new(workload, part, &uses))
        .collect()
}

impl<'v> UseRow<'v> {
    /// Whether one of the references already names the image that the pods run.
    pub(in crate::web) fn names(&self, reference: &StreamReference) -> bool {
        self.references
            .iter()
            .any(|used| used.reference == reference)
    }

    fn new(workload: &'v WorkloadUse, part: &'v ImagePart, uses: &[&'v ImageUse]) -> Self {
        let of_kind = |kind| uses.iter().copied().filter(move |used| used.kind == kind);
        let mut running: Vec<_> = of_kind(UseKind::Running).collect();
        running.sort_by_key(|used| std::cmp::Reverse(used.pods));
        let since = match running.iter().filter_map(|used| used.since).min() {
            Some(since) => Some(since),
            None => uses.iter().filter_map(|used| used.since).min(),
        };
        Self {
            workload,
            part,
            references: references(uses),
            is_building: of_kind(UseKind::Building).next().is_some(),
            running,
            since,
        }
    }
}

/// The references, each once: triggers first. The digest that a trigger has set is not repeated.
fn references<'v>(uses: &[&'v ImageUse]) -> Vec<UsedReference<'v>> {
    let has_trigger = uses
        .iter()
        .any(|used| used.kind == UseKind::Trigger && !used.is_trigger_paused);
    let mut found: Vec<UsedReference<'v>> = Vec::new();
    // What pods run is a reference only if nothing else names the image, as in a pod of its own.
    let order = [
        UseKind::Trigger,
        UseKind::Starts,
        UseKind::Builds,
        UseKind::Pushes,
        UseKind::Building,
        UseKind::EarlierRevision,
        UseKind::Running,
    ];
    for kind in order {
        if kind == UseKind::Running && !found.is_empty() {
            break;
        }
        for used in uses.iter().filter(|used| used.kind == kind) {
            let Some(reference) = &used.reference else {
                continue;
            };
            let is_set_by_trigger =
                has_trigger && kind != UseKind::Trigger && reference.digest().is_some();
            let is_known = found.iter().any(|known| known.reference == reference);
            if !is_set_by_trigger && !is_known {
                found.push(UsedReference {
                    reference,
                    kind,
                    is_trigger_paused: used.is_trigger_paused,
                });
            }
        }
    }
    found
}

/// How a workload references an image, in a few words.
pub(in crate::web) fn reference_kind(lang: &Lang, used: &UsedReference<'_>) -> Message {
    match (used.kind, used.reference) {
        (UseKind::Trigger, _) if used.is_trigger_paused => lang.msg("use-trigger-paused"),
        (UseKind::Trigger, _) => lang.msg("use-trigger"),
        (UseKind::EarlierRevision, _) => lang.msg("use-earlier-revision"),
        (_, StreamReference::Tag(_)) => lang.msg("use-by-tag"),
        (_, StreamReference::Digest(_)) => lang.msg("use-by-digest"),
    }
}

/// What the kind of reference means, for a tooltip.
pub(in crate::web) fn reference_meaning(
    lang: &Lang,
    used: &UsedReference<'_>,
    workload: &WorkloadKind,
) -> Message {
    match (used.kind, used.reference) {
        (UseKind::Trigger, _) if used.is_trigger_paused => lang.msg("use-trigger-paused-meaning"),
        (UseKind::Trigger, _) if workload.is_build() => lang.msg("use-trigger-build-meaning"),
        (UseKind::Trigger, _) => lang.msg("use-trigger-meaning"),
        (UseKind::EarlierRevision, _) => lang.msg("use-earlier-revision-meaning"),
        (_, StreamReference::Tag(_)) => lang.msg("use-by-tag-meaning"),
        (_, StreamReference::Digest(_)) => lang.msg("use-by-digest-meaning"),
    }
}

/// What a part of a build does with an image. `None` for a container.
pub(in crate::web) fn build_part(lang: &Lang, part: &ImagePart) -> Option<Message> {
    match part {
        ImagePart::Container(_) | ImagePart::InitContainer(_) => None,
        ImagePart::BuildFrom => Some(lang.msg("use-base-image")),
        ImagePart::BuildSource => Some(lang.msg("use-copied-image")),
        ImagePart::BuildOutput => Some(lang.msg("use-output-image")),
    }
}

/// What it is called that a workload is paused, as OpenShift's console does.
pub(in crate::web) fn paused(lang: &Lang, workload: &WorkloadId) -> Message {
    match workload.kind {
        WorkloadKind::CronJob | WorkloadKind::Job => lang.msg("use-suspended"),
        _ => lang.msg("use-paused"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use registry_model::Digest;

    fn use_of(kind: UseKind, container: &str, reference: StreamReference) -> ImageUse {
        ImageUse {
            kind,
            part: ImagePart::Container(container.parse().unwrap()),
            reference: Some(reference),
            is_trigger_paused: false,
            pods: usize::from(kind == UseKind::Running),
            since: None,
        }
    }

    fn tag(name: &str) -> StreamReference {
        StreamReference::Tag(name.parse().unwrap())
    }

    fn digest(text: &str) -> StreamReference {
        StreamReference::Digest(Digest::sha256(text.as_bytes()))
    }

    fn workload(uses: Vec<ImageUse>) -> WorkloadUse {
        WorkloadUse {
            workload: WorkloadId {
                kind: WorkloadKind::Deployment,
                name: "web".parse().unwrap(),
            },
            is_paused: false,
            replicas: None,
            uses,
            more_uses: 0,
        }
    }

    fn kinds(workload: &WorkloadUse) -> Vec<Vec<UseKind>> {
        let rows = rows_of_workload(workload);
        let kinds = |row: &UseRow<'_>| row.references.iter().map(|used| used.kind).collect();
        rows.iter().map(kinds).collect()
    }

    #[test]
    fn each_container_has_a_row_with_each_reference_once() {
        let uses = vec![
            use_of(UseKind::Running, "web", digest("a")),
            use_of(UseKind::Starts, "web", tag("1.0")),
            use_of(UseKind::EarlierRevision, "web", tag("1.0")),
            use_of(UseKind::Starts, "proxy", tag("2.0")),
        ];
        let workload = workload(uses);
        assert_eq!(kinds(&workload), [[UseKind::Starts], [UseKind::Starts]]);
        let rows = rows_of_workload(&workload);
        let pods = |row: &UseRow<'_>| row.running.len();
        assert_eq!(rows.iter().map(pods).collect::<Vec<_>>(), [0, 1]);
    }

    #[test]
    fn digest_that_a_trigger_sets_is_not_a_reference_of_its_own() {
        let with_trigger = |is_paused| {
            let trigger = ImageUse {
                is_trigger_paused: is_paused,
                ..use_of(UseKind::Trigger, "web", tag("production"))
            };
            let starts = use_of(UseKind::Starts, "web", digest("a"));
            kinds(&workload(vec![trigger, starts]))
        };
        assert_eq!(with_trigger(false), [[UseKind::Trigger]]);
        assert_eq!(with_trigger(true), [[UseKind::Trigger, UseKind::Starts]]);
    }

    #[test]
    fn pods_of_their_own_are_referenced_by_what_they_run() {
        let pod = workload(vec![use_of(UseKind::Running, "web", digest("a"))]);
        assert_eq!(kinds(&pod), [[UseKind::Running]]);
    }
}
