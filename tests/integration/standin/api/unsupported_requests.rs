//! What the recordings hold that the embedded cluster does not answer, and why.

/// Starts of names of recordings.
const UNSUPPORTED_REQUESTS: &[(&str, &str)] = &[
    ("buildconfig-", WRITES),
    ("cronjob-", WRITES),
    ("daemonset-", WRITES),
    ("deployment-", WRITES),
    ("deploymentconfig-", WRITES),
    (
        "deploymentconfigs-cluster-chunk",
        "the recorded ones have probes and volumes",
    ),
    ("events-", "the embedded cluster has no events"),
    (
        "image-config-cluster",
        "the embedded cluster has no configuration objects",
    ),
    ("job-", WRITES),
    ("limitrange-", WRITES),
    ("pod-", WRITES),
    ("resourcequota-", WRITES),
    ("statefulset-", WRITES),
];

const WRITES: &str = "what runs in the embedded cluster is not changed through its API";

/// The entry that says why the embedded cluster does not answer the recorded request; `None` if it
/// must.
pub(super) fn entry(name: &str) -> Option<&'static str> {
    let entry = UNSUPPORTED_REQUESTS
        .iter()
        .find(|(start, _)| name.starts_with(start));
    entry.map(|(start, _)| *start)
}
