//! Of which projects workloads were read.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{MAX_NAMED_PROJECTS, ProjectWorkloads, UnreadKinds, UnreadProject, UsageScope};
use crate::app::section::UnavailableReason;
use registry_model::{ProjectName, WorkloadKind};

impl ProjectWorkloads {
    /// Whether the user may not list any kind that the cluster has.
    pub(super) fn is_forbidden(&self) -> bool {
        self.workloads.is_empty()
            && self.missing.is_empty()
            && self.not_allowed.contains(&WorkloadKind::Pod)
            && self
                .not_allowed
                .contains(&WorkloadKind::ReplicationController)
    }

    /// The kinds that could not be listed.
    fn unread(&self) -> Vec<UnreadProject> {
        let unread = |kinds: &[WorkloadKind], why| {
            let kinds = if kinds.len() == WorkloadKind::ALL.len() {
                Vec::new()
            } else {
                kinds.to_vec()
            };
            UnreadProject {
                project: self.project.clone(),
                kinds,
                why,
            }
        };
        let forbidden = (!self.not_allowed.is_empty())
            .then(|| unread(&self.not_allowed, UnavailableReason::NotAllowed));
        let missing = self.missing.iter();
        let missing = missing.map(|missing| unread(&missing.kinds, missing.missing.why));
        forbidden.into_iter().chain(missing).collect()
    }
}

impl UsageScope {
    /// The scope of a search in `found`, which did not get to the projects `late`.
    pub(super) fn of(found: &[Arc<ProjectWorkloads>], late: Vec<ProjectName>) -> Self {
        let mut scope = Self::default();
        let mut missing = Vec::new();
        for project in found {
            if project.is_forbidden() {
                scope.not_allowed += 1;
                continue;
            }
            let unread = project.unread();
            scope.searched += usize::from(!unread.iter().any(|unread| unread.kinds.is_empty()));
            missing.extend(unread);
            scope.malformed += project.malformed;
        }
        scope.missing_kinds = take_common_kinds(&mut missing, scope.searched);
        missing.extend(late.into_iter().map(|project| UnreadProject {
            project,
            kinds: Vec::new(),
            why: UnavailableReason::Late,
        }));
        missing.sort_by(|a, b| a.project.cmp(&b.project));
        scope.more_missing = missing.len().saturating_sub(MAX_NAMED_PROJECTS);
        missing.truncate(MAX_NAMED_PROJECTS);
        scope.missing = missing;
        scope
    }
}

/// Takes out the kinds that are missing for the same reason in all of several projects, as when one
/// list of the whole cluster is: each project need not be named.
fn take_common_kinds(missing: &mut Vec<UnreadProject>, projects: usize) -> Vec<UnreadKinds> {
    let mut counts: BTreeMap<(Vec<WorkloadKind>, UnavailableReason), usize> = BTreeMap::new();
    for unread in missing.iter().filter(|unread| !unread.kinds.is_empty()) {
        *counts
            .entry((unread.kinds.clone(), unread.why))
            .or_default() += 1;
    }
    counts.retain(|_, count| *count > 1 && *count == projects);
    missing.retain(|unread| !counts.contains_key(&(unread.kinds.clone(), unread.why)));
    let common = counts.into_keys();
    common
        .map(|(kinds, why)| UnreadKinds { kinds, why })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::failure::Upstream;
    use crate::app::section::Unavailable;
    use crate::app::usage::MissingKinds;

    fn project(name: &str) -> ProjectWorkloads {
        ProjectWorkloads::group(name.parse().unwrap(), Vec::new())
    }

    #[test]
    fn scope_counts_forbidden_projects_and_names_those_that_are_missing() {
        let forbidden = ProjectWorkloads {
            not_allowed: WorkloadKind::ALL.to_vec(),
            ..project("forbidden")
        };
        let partly = ProjectWorkloads {
            not_allowed: vec![WorkloadKind::Build],
            ..project("partly")
        };
        let silent = ProjectWorkloads {
            missing: vec![MissingKinds {
                kinds: WorkloadKind::ALL.to_vec(),
                missing: Unavailable::new(Upstream::ApiServer, UnavailableReason::Late),
            }],
            ..project("silent")
        };
        let found = [project("sound"), forbidden.clone(), partly, silent].map(Arc::new);
        let scope = UsageScope::of(&found, vec!["late".parse().unwrap()]);
        assert_eq!((scope.searched, scope.not_allowed), (2, 1));
        let missing: Vec<_> = scope
            .missing
            .iter()
            .map(|missing| (missing.project.as_str(), missing.kinds.len(), missing.why))
            .collect();
        assert_eq!(
            missing,
            [
                ("late", 0, UnavailableReason::Late),
                ("partly", 1, UnavailableReason::NotAllowed),
                ("silent", 0, UnavailableReason::Late),
            ]
        );
        assert!(!scope.is_complete() && !scope.is_forbidden());
        assert!(UsageScope::of(&[Arc::new(forbidden)], Vec::new()).is_forbidden());
        assert!(UsageScope::of(&[Arc::new(project("sound"))], Vec::new()).is_complete());
    }

    #[test]
    fn missing_projects_are_bounded_and_counted() {
        let late = (0..60).map(|at| format!("late-{at}").parse().unwrap());
        let scope = UsageScope::of(&[], late.collect());
        assert_eq!((scope.missing.len(), scope.more_missing), (50, 10));
    }

    #[test]
    fn kinds_that_are_missing_everywhere_are_named_once() {
        let without = |name: &str, kind| {
            Arc::new(ProjectWorkloads {
                missing: vec![MissingKinds {
                    kinds: vec![kind],
                    missing: Unavailable::new(Upstream::ApiServer, UnavailableReason::Late),
                }],
                ..project(name)
            })
        };
        let (pod, job) = (WorkloadKind::Pod, WorkloadKind::Job);
        let scope = UsageScope::of(&[without("a", pod), without("b", pod)], Vec::new());
        assert_eq!(
            scope.missing_kinds,
            [UnreadKinds {
                kinds: vec![pod],
                why: UnavailableReason::Late
            }]
        );
        assert!(scope.missing.is_empty() && !scope.is_complete());
        let scope = UsageScope::of(&[without("a", pod), without("b", job)], Vec::new());
        assert!(scope.missing_kinds.is_empty());
        assert_eq!(scope.missing.len(), 2);
        let scope = UsageScope::of(&[without("a", pod)], Vec::new());
        assert_eq!(scope.missing.len(), 1, "a single project is named");
    }
}
