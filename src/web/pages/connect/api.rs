//! The API operations of using the registry with a client.

use super::show::ConnectPage;
use crate::web::api::parameters::{IMAGE_STREAM, PROJECT_NAME};
use crate::web::api::{ApiContent, ApiOperation, ApiTag};

pub(in crate::web) const GET_CONNECT: ApiOperation = ApiOperation {
    id: "getConnectInstructions",
    path: "/connect",
    tag: ApiTag::Registry,
    summary: |lang| lang.msg("api-get-connect"),
    parameters: &[&PROJECT_NAME, &IMAGE_STREAM],
    answer: Some(ApiContent::json::<ConnectPage>()),
    ..ApiOperation::READ
};
