//! What the recordings hold that the embedded cluster does not answer, and why.

/// Starts of names of recordings.
const UNSUPPORTED_REQUESTS: &[(&str, &str)] = &[
    ("apps-", WORKLOADS),
    ("appliedclusterresourcequotas", QUOTAS),
    ("build", WORKLOADS),
    ("cronjob", WORKLOADS),
    ("daemonset", WORKLOADS),
    ("deployment", WORKLOADS),
    ("events-", WORKLOADS),
    (
        "image-config-cluster",
        "the embedded cluster has no configuration objects",
    ),
    ("job", WORKLOADS),
    ("limitrange", QUOTAS),
    ("pod-", WORKLOADS),
    ("pods-cluster", WORKLOADS),
    ("pods-project", WORKLOADS),
    ("replica", WORKLOADS),
    ("resourcequota", QUOTAS),
    ("statefulset", WORKLOADS),
];

const WORKLOADS: &str = "nothing runs in the embedded cluster";
const QUOTAS: &str = "quotas and limits of the embedded cluster are no objects of its API";

/// The entry that says why the embedded cluster does not answer the recorded request; `None` if it
/// must.
pub(super) fn entry(name: &str) -> Option<&'static str> {
    let entry = UNSUPPORTED_REQUESTS
        .iter()
        .find(|(start, _)| name.starts_with(start));
    entry.map(|(start, _)| *start)
}
