//! The API operations of jobs.

use super::show::TagJobPage;
use crate::web::api::parameters::PAGE;
use crate::web::api::{ApiContent, ApiOperation, ApiTag};
use crate::web::pages::imports::job::ImportJobPage;

pub(in crate::web) const GET_JOB: ApiOperation = ApiOperation {
    id: "getJob",
    path: "/jobs/{job}",
    tag: ApiTag::Imports,
    summary: |lang| lang.msg("api-get-job"),
    parameters: &[&PAGE],
    answer: Some(ApiContent::json_one_of::<TagJobPage, ImportJobPage>()),
    ..ApiOperation::READ
};
