//! The parameters of space and of prune plans.

use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};

use crate::app::space::{PlannedImages, SpaceSort, UnusedAge, parse_prune_age};
use crate::web::api::parameter::{ApiParameter, ParameterValues};
use crate::web::pages::projects::prune_plan::MAX_REVISIONS;

pub(in crate::web) const SPACE_SORT: ApiParameter = ApiParameter::new(
    "sort",
    ParameterValues::OneOf {
        words: || SpaceSort::ALL.map(SpaceSort::as_str).to_vec(),
        default: Some("total"),
    },
    |lang| lang.msg("api-query-sort"),
);

pub(in crate::web) const UNUSED_DAYS: ApiParameter = ApiParameter::new(
    "unused",
    ParameterValues::OneNumberOf {
        numbers: || {
            UnusedAge::ALL
                .map(|age| usize::try_from(age.days()).unwrap_or_default())
                .to_vec()
        },
        default: 90,
    },
    |lang| lang.msg("api-query-unused-days"),
);

pub(in crate::web) const WAIT: ApiParameter = ApiParameter::new(
    "wait",
    ParameterValues::OneOf {
        words: || ["long"].to_vec(),
        default: None,
    },
    |lang| lang.msg("api-query-wait"),
);

pub(in crate::web) const KEEP_TAG_REVISIONS: ApiParameter = ApiParameter::new(
    "keep-tag-revisions",
    ParameterValues::Number {
        min: 0,
        max: Some(MAX_REVISIONS as usize),
        default: Some(3),
    },
    |lang| lang.msg("api-query-keep-tag-revisions"),
);

pub(in crate::web) const KEEP_YOUNGER_THAN: ApiParameter = ApiParameter::new(
    "keep-younger-than",
    ParameterValues::Typed {
        schema: prune_age_schema,
        is_valid: |text| parse_prune_age(text).is_some(),
    },
    |lang| lang.msg("api-query-keep-younger-than"),
);

pub(in crate::web) const PLANNED_IMAGES: ApiParameter = ApiParameter::new(
    "state",
    ParameterValues::OneOf {
        words: || {
            PlannedImages::CHOICES
                .into_iter()
                .filter_map(PlannedImages::as_str)
                .collect()
        },
        default: None,
    },
    |lang| lang.msg("api-query-planned-images"),
);

/// A time as `oc adm prune images` takes it, also in days.
fn prune_age_schema() -> RefOr<Schema> {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .pattern(Some("^(0|([0-9]+[dhms])+)$"))
        .default(Some("60m".into()))
        .into()
}
