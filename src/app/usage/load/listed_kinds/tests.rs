use super::*;
use crate::app::usage::UsageScope;
use registry_model::WorkloadKind::{Deployment, Pod};

fn name(name: &str) -> ProjectName {
    name.parse().unwrap()
}

fn gaps(found: &ProjectWorkloads) -> (Vec<WorkloadKind>, Vec<WorkloadKind>) {
    let missing = found
        .missing
        .iter()
        .flat_map(|missing| missing.kinds.clone());
    (found.not_allowed.clone(), missing.collect())
}

/// Everything is listed in the whole cluster but deployments, which the user may list in `a`, may
/// not list in `b`, and whose list of `c` has not arrived.
#[test]
fn kind_that_may_not_be_listed_everywhere_is_missing_where_it_was_not_listed() {
    let loads = WorkloadLoads::default();
    let (token, load) = (
        UserToken::from("x"),
        loads.begin(&UserToken::from("x"), None),
    );
    for kind in WorkloadKind::ALL {
        load.add(
            kind,
            if kind == Deployment {
                ListedKind::NotAllowed
            } else {
                ListedKind::Listed(WorkloadList::default())
            },
        );
    }
    assert_eq!(load.gaps(), (vec![Deployment], false));
    load.add_in_project(
        name("a"),
        Deployment,
        ListedKind::Listed(WorkloadList::default()),
    );
    load.add_in_project(name("b"), Deployment, ListedKind::NotAllowed);
    let found = loads
        .arrived(&token, None)
        .into_cluster(&["a", "b", "c"].map(name));
    let names: Vec<&str> = found.iter().map(|found| found.project.as_str()).collect();
    assert_eq!(names, ["a", "b", "c"]);
    assert_eq!(
        found.iter().map(gaps).collect::<Vec<_>>(),
        [
            (vec![], vec![]),
            (vec![Deployment], vec![]),
            (vec![], vec![Deployment]),
        ]
    );
    assert!(load.finish().is_cacheable());
    let ended = loads.arrived(&token, None).into_cluster(&[name("a")]);
    assert_eq!(gaps(&ended[0]).1, WorkloadKind::ALL, "the load has ended");
}

/// A cluster without any workload that could be read is not one without workloads.
#[test]
fn kind_that_has_not_arrived_is_missing_in_every_project() {
    let loads = WorkloadLoads::default();
    let (token, project) = (UserToken::from("x"), name("a"));
    let everywhere = loads.begin(&token, None);
    let one = loads.begin(&token, Some(&project));
    for load in [&everywhere, &one] {
        for kind in WorkloadKind::ALL.into_iter().filter(|kind| *kind != Pod) {
            load.add(kind, ListedKind::Listed(WorkloadList::default()));
        }
    }
    let arrived = loads.arrived(&token, Some(&project));
    assert_eq!(
        gaps(&arrived.into_project(&project)[0]),
        (vec![], vec![Pod])
    );
    let found = loads
        .arrived(&token, None)
        .into_cluster(&["a", "b"].map(name))
        .into_iter()
        .map(Arc::new);
    let scope = UsageScope::of(&found.collect::<Vec<_>>(), Vec::new());
    assert_eq!(scope.missing_kinds[0].kinds, [Pod]);
    assert!(!scope.is_complete());
    let other = loads.arrived(&UserToken::from("y"), None);
    assert!(other.kinds.is_empty(), "another user");
    everywhere.add(Pod, ListedKind::Missing(late()));
    assert!(!everywhere.finish().is_cacheable());
}
