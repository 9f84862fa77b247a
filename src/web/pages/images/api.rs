//! The API operations of images.

use super::absent::AbsentImagePage;
use super::compare::ComparePage;
use super::show::ImagePage;
use crate::web::api::parameters::{COMPARE_FROM, COMPARE_TO, PLATFORM};
use crate::web::api::{ApiContent, ApiOperation, ApiTag};

pub(in crate::web) const GET_TAGGED_IMAGE: ApiOperation = ApiOperation {
    id: "getTaggedImage",
    path: "/images/{project}/{stream}:{tag}",
    tag: ApiTag::Images,
    summary: |lang| lang.msg("api-get-tagged-image"),
    answer: Some(ApiContent::json_one_of::<ImagePage, AbsentImagePage>()),
    ..ApiOperation::READ
};

pub(in crate::web) const GET_IMAGE: ApiOperation = ApiOperation {
    id: "getImage",
    path: "/images/{project}/{stream}@{digest}",
    tag: ApiTag::Images,
    summary: |lang| lang.msg("api-get-image"),
    answer: Some(ApiContent::json_one_of::<ImagePage, AbsentImagePage>()),
    ..ApiOperation::READ
};

pub(in crate::web) const COMPARE_IMAGES: ApiOperation = ApiOperation {
    id: "compareImages",
    path: "/images/{project}/{stream}/compare",
    tag: ApiTag::Images,
    summary: |lang| lang.msg("api-compare-images"),
    parameters: &[&COMPARE_FROM, &COMPARE_TO, &PLATFORM],
    answer: Some(ApiContent::json::<ComparePage>()),
    ..ApiOperation::READ
};
