//! Pages about space.

use super::{order_value, project, stream, with_query};
use crate::app::space::{OverviewQuery, PruneQuery, SpaceQuery, SpaceSort, UnusedAge, prune_age};
use registry_model::{ImageStreamName, ProjectName};

/// The space of everything that the user sees.
pub const SPACE: &str = "/space";

/// The same with these parameters. Default values are left out, so that each list has one URL.
#[must_use]
pub fn space(query: OverviewQuery) -> String {
    let days = query.unused.days().to_string();
    let mut pairs = order_pairs(query.order);
    if query.unused != UnusedAge::default() {
        pairs.push(("unused", days.as_str()));
    }
    if query.waits {
        pairs.push(("wait", "long"));
    }
    with_query(SPACE, &pairs)
}

/// The same projects, sorted by `sort`, or in the opposite order if they already are.
#[must_use]
pub fn space_sorted(query: OverviewQuery, sort: SpaceSort) -> String {
    let order = sorted(query.order, sort);
    space(OverviewQuery { order, ..query })
}

/// The space of a project. Default values are left out, so that each list has one URL.
#[must_use]
pub fn project_space(name: &ProjectName, query: SpaceQuery) -> String {
    with_query(&format!("{}/space", project(name)), &order_pairs(query))
}

/// The same image streams, sorted by `sort`, or in the opposite order if they already are.
#[must_use]
pub fn project_space_sorted(name: &ProjectName, query: SpaceQuery, sort: SpaceSort) -> String {
    project_space(name, sorted(query, sort))
}

fn order_pairs(query: SpaceQuery) -> Vec<(&'static str, &'static str)> {
    let mut pairs = Vec::new();
    if query.sort != SpaceQuery::default().sort {
        pairs.push(("sort", query.sort.as_str()));
    }
    if query.order != query.sort.default_order() {
        pairs.push(("order", order_value(query.order)));
    }
    pairs
}

/// The order by `sort`, or the opposite order if it is that already.
fn sorted(query: SpaceQuery, sort: SpaceSort) -> SpaceQuery {
    let order = if query.sort == sort {
        query.order.reversed()
    } else {
        sort.default_order()
    };
    SpaceQuery { sort, order }
}

/// The space of an image stream.
#[must_use]
pub fn stream_space(project: &ProjectName, name: &ImageStreamName) -> String {
    format!("{}/space", stream(project, name))
}

/// What pruning would remove from a project, or from everything. Default values are left out.
#[must_use]
pub fn prune_plan(name: Option<&ProjectName>, query: PruneQuery) -> String {
    plan_with_query(&prune_plan_form(name, None), query)
}

/// What pruning would remove from an image stream. Default values are left out.
#[must_use]
pub fn stream_prune_plan(
    project: &ProjectName,
    name: &ImageStreamName,
    query: PruneQuery,
) -> String {
    plan_with_query(&prune_plan_form(Some(project), Some(name)), query)
}

fn plan_with_query(path: &str, query: PruneQuery) -> String {
    let (usual, revisions) = (PruneQuery::default(), query.keep_tag_revisions.to_string());
    let age = prune_age(query.keep_younger_than);
    let mut pairs = Vec::new();
    if query.keep_tag_revisions != usual.keep_tag_revisions {
        pairs.push(("keep-tag-revisions", revisions.as_str()));
    }
    if query.keep_younger_than != usual.keep_younger_than {
        pairs.push(("keep-younger-than", &age));
    }
    pairs.extend(query.images.as_str().map(|images| ("state", images)));
    with_query(path, &pairs)
}

/// Where the form with the parameters of a plan leads to (GET): of a project, of one of its image
/// streams, or of everything.
#[must_use]
pub fn prune_plan_form(
    name: Option<&ProjectName>,
    image_stream: Option<&ImageStreamName>,
) -> String {
    match (name, image_stream) {
        (Some(name), Some(image_stream)) => format!("{}/plan", stream_space(name, image_stream)),
        (Some(name), None) => format!("{}/space/plan", project(name)),
        (None, _) => format!("{SPACE}/plan"),
    }
}
