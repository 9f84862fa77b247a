//! The parameters and headers of changes.

use crate::web::api::parameter::{ApiParameter, ParameterValues};
use registry_model::{Digest, SubjectKind};

pub(in crate::web) const FORCE: ApiParameter =
    ApiParameter::new("force", ParameterValues::Flag, |lang| {
        lang.msg("api-query-force")
    });

pub(in crate::web) const EXPECTED_DIGEST: ApiParameter = ApiParameter::new(
    "expected_digest",
    ParameterValues::typed::<Digest>(),
    |lang| lang.msg("api-query-expected-digest"),
);

/// Longer than `sha512:` and its 128 digits in quotation marks.
const MAX_ENTITY_TAG_CHARS: usize = 200;

pub(in crate::web) const IF_MATCH: ApiParameter = ApiParameter::new(
    "If-Match",
    ParameterValues::Text {
        max_length: MAX_ENTITY_TAG_CHARS,
    },
    |lang| lang.msg("api-header-if-match"),
);

pub(in crate::web) const IF_NONE_MATCH: ApiParameter = ApiParameter::new(
    "If-None-Match",
    ParameterValues::OneOf {
        words: || vec!["*"],
        default: None,
    },
    |lang| lang.msg("api-header-if-none-match"),
);

pub(in crate::web) const MEMBER_KIND: ApiParameter =
    ApiParameter::new("kind", ParameterValues::typed::<SubjectKind>(), |lang| {
        lang.msg("api-query-member-kind")
    })
    .required();

pub(in crate::web) const MEMBER_NAME: ApiParameter =
    ApiParameter::new("name", ParameterValues::Text { max_length: 253 }, |lang| {
        lang.msg("api-query-member-name")
    })
    .required();

pub(in crate::web) const MEMBER_ROLE: ApiParameter =
    ApiParameter::new("role", ParameterValues::Text { max_length: 63 }, |lang| {
        lang.msg("api-query-role")
    })
    .required();

pub(in crate::web) const DRY_RUN: ApiParameter =
    ApiParameter::new("dry_run", ParameterValues::Flag, |lang| {
        lang.msg("api-query-dry-run")
    });

pub(in crate::web) const DELETE_IDENTITIES: ApiParameter =
    ApiParameter::new("delete_identities", ParameterValues::Flag, |lang| {
        lang.msg("api-query-delete-identities")
    });
