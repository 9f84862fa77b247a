//! The API operations of the doctor.

use super::show::DoctorPage;
use crate::web::api::{ApiContent, ApiOperation, ApiTag};

pub(in crate::web) const GET_FINDINGS: ApiOperation = ApiOperation {
    id: "getDoctorFindings",
    path: "/doctor",
    tag: ApiTag::Registry,
    summary: |lang| lang.msg("api-get-findings"),
    answer: Some(ApiContent::json::<DoctorPage>()),
    ..ApiOperation::READ
};
