//! What difference the parameters make.

use chrono::TimeDelta;

use super::decision::Facts;
use super::parameters::{PruneInput, PruneParameters, PruneRule};
use super::pruner_version::PrunerVersion;
use crate::space::SpaceSize;
use crate::space::marks::Marks;

/// The bytes that would be freed, for each number of `keep_tag_revisions` (rows) and each of
/// `keep_younger_than` (columns). References of workloads are resolved once for all of them.
#[must_use]
pub fn freed_matrix(
    input: PruneInput<'_>,
    version: PrunerVersion,
    all: bool,
    keep_tag_revisions: &[u32],
    keep_younger_than: &[TimeDelta],
) -> Vec<Vec<SpaceSize>> {
    let facts = Facts::new(input, version.rules());
    let blobs = input.view.index().blob_count();
    let mut marks = [Marks::new(blobs), Marks::new(blobs)];
    let mut freed = |keep_tag_revisions, keep_younger_than| {
        let rule = PruneRule::Revisions {
            keep_tag_revisions,
            keep_younger_than,
        };
        let decision = facts.decide(&PruneParameters { rule, all });
        facts.freed(&decision, &mut marks, |_| true)
    };
    keep_tag_revisions
        .iter()
        .map(|revisions| {
            let ages = keep_younger_than.iter();
            ages.map(|age| freed(*revisions, *age)).collect()
        })
        .collect()
}
