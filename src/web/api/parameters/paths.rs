//! The names in paths.

use crate::web::api::parameter::{ApiParameter, ParameterValues};
use registry_model::{Digest, ImageStreamName, ProjectName, TagName};

/// The name in a path that an operation writes in braces.
pub(in crate::web::api) fn path_parameter(name: &str) -> Option<&'static ApiParameter> {
    PATH_PARAMETERS
        .iter()
        .find(|parameter| parameter.name == name)
}

/// Longer than any name of a user or group in a directory.
const MAX_NAME_CHARS: usize = 1_000;

const PATH_PARAMETERS: &[ApiParameter] = &[
    ApiParameter::new("project", ParameterValues::typed::<ProjectName>(), |lang| {
        lang.msg("api-path-project")
    }),
    ApiParameter::new(
        "stream",
        ParameterValues::typed::<ImageStreamName>(),
        |lang| lang.msg("api-path-stream"),
    ),
    ApiParameter::new("tag", ParameterValues::typed::<TagName>(), |lang| {
        lang.msg("api-path-tag")
    }),
    ApiParameter::new("digest", ParameterValues::typed::<Digest>(), |lang| {
        lang.msg("api-path-digest")
    }),
    ApiParameter::new(
        "user",
        ParameterValues::Text {
            max_length: MAX_NAME_CHARS,
        },
        |lang| lang.msg("api-path-user"),
    ),
    ApiParameter::new(
        "group",
        ParameterValues::Text {
            max_length: MAX_NAME_CHARS,
        },
        |lang| lang.msg("api-path-group"),
    ),
    ApiParameter::new("job", ParameterValues::Text { max_length: 64 }, |lang| {
        lang.msg("api-path-job")
    }),
    ApiParameter::new("name", ParameterValues::Text { max_length: 63 }, |lang| {
        lang.msg("api-path-credential")
    }),
];
