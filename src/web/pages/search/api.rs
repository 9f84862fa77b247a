//! The API operations of the search.

use super::show::SearchPage;
use crate::web::api::parameters::{HIT_KIND, PAGE, TEXT};
use crate::web::api::{ApiContent, ApiOperation, ApiTag};

pub(in crate::web) const SEARCH: ApiOperation = ApiOperation {
    id: "search",
    path: "/search",
    tag: ApiTag::Overview,
    summary: |lang| lang.msg("api-search"),
    parameters: &[&TEXT, &HIT_KIND, &PAGE],
    answer: Some(ApiContent::json::<SearchPage>()),
    ..ApiOperation::READ
};
