//! The API operations of the space of all projects.

use super::overview::SpaceOverviewPage;
use crate::web::api::parameters::{ORDER, SPACE_SORT, UNUSED_DAYS, WAIT};
use crate::web::api::{ApiContent, ApiOperation, ApiTag};

pub(in crate::web) const GET_SPACE: ApiOperation = ApiOperation {
    id: "getSpace",
    path: "/space",
    tag: ApiTag::Space,
    summary: |lang| lang.msg("api-get-space"),
    parameters: &[&SPACE_SORT, &ORDER, &UNUSED_DAYS, &WAIT],
    answer: Some(ApiContent::json::<SpaceOverviewPage>()),
    ..ApiOperation::READ
};
