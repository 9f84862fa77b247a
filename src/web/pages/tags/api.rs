//! The API operations of tags.

use super::remove_many::CleanupPage;
use crate::web::api::parameters::{
    KEEP_TAGS, OLDER_DAYS, PAGE, PATTERN, REMOVAL_SORT, SELECTED_TAG, TEXT, UNUSED_TAGS,
};
use crate::web::api::{ApiContent, ApiOperation, ApiTag};

pub(in crate::web) const PLAN_TAG_REMOVAL: ApiOperation = ApiOperation {
    id: "planTagRemoval",
    path: "/images/{project}/{stream}/remove-tags",
    tag: ApiTag::ImageStreams,
    summary: |lang| lang.msg("api-plan-removal"),
    parameters: &[
        &TEXT,
        &KEEP_TAGS,
        &OLDER_DAYS,
        &PATTERN,
        &UNUSED_TAGS,
        &SELECTED_TAG,
        &REMOVAL_SORT,
        &PAGE,
    ],
    answer: Some(ApiContent::json::<CleanupPage>()),
    ..ApiOperation::READ
};
