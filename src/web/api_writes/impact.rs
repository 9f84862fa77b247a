//! Refuses changes that affect workloads, unless the client says that it knows.

use axum::http::StatusCode;

use crate::app::usage::{ChangeImpact, ImpactGroup, TagChange, USAGE_SECTION_TIMEOUT};
use crate::web::context::SignedIn;
use crate::web::errors::{AffectedBy, Problem};
use registry_model::{ImageStreamName, ProjectName};

/// Refuses the change if workloads would be affected, as far as the user may list them and they can be
/// read within the time of a page's section.
pub(super) async fn refuse_if_used(
    caller: &SignedIn,
    project: &ProjectName,
    stream: &ImageStreamName,
    change: TagChange,
) -> Result<(), Problem> {
    let app = caller.app();
    // Boxed, because a request polls it deep in its stack.
    let impact = Box::pin(app.change_impact(project, stream, &change, USAGE_SECTION_TIMEOUT));
    let Ok(impact) = impact.await else {
        return Ok(());
    };
    let (workloads, more) = affected_workloads(&impact);
    if workloads.is_empty() {
        return Ok(());
    }
    let lang = caller.context.lang;
    Err(Problem {
        workloads,
        more_workloads: Some(more),
        ..Problem::new(
            StatusCode::CONFLICT,
            "in-use",
            lang.msg("api-in-use"),
            lang.msg("api-in-use-hint"),
        )
    })
}

/// The workloads that a change breaks, or that run something else afterwards, and how many more there
/// are. Those that can pull their image as before are left out.
pub(super) fn affected_workloads(impact: &ChangeImpact) -> (Vec<AffectedBy>, usize) {
    let groups: [(&ImpactGroup, &'static str); 5] = [
        (&impact.broken, "broken"),
        (&impact.redeploys, "redeploys"),
        (&impact.rebuilds, "rebuilds"),
        (&impact.at_next_start, "other-image-at-next-start"),
        (&impact.earlier_revisions, "rollback-fails"),
    ];
    let workloads = groups.iter().flat_map(|(group, effect)| {
        let workloads = group.workloads.iter();
        workloads.map(|affected| AffectedBy::new(affected, effect))
    });
    let more = groups.iter().map(|(group, _)| group.more).sum();
    (workloads.collect(), more)
}
