//! The parameters that select tags to remove.

use crate::app::tags::TagSelectionSort;
use crate::web::api::parameter::{ApiParameter, ParameterValues};
use registry_model::TagName;

pub(in crate::web) const REMOVAL_SORT: ApiParameter = ApiParameter::new(
    "sort",
    ParameterValues::OneOf {
        words: || {
            [
                TagSelectionSort::Oldest,
                TagSelectionSort::Newest,
                TagSelectionSort::Name,
                TagSelectionSort::NameDescending,
            ]
            .map(TagSelectionSort::as_str)
            .to_vec()
        },
        default: Some("oldest"),
    },
    |lang| lang.msg("api-query-sort"),
);

pub(in crate::web) const KEEP_TAGS: ApiParameter = ApiParameter::new(
    "keep",
    ParameterValues::Number {
        min: 0,
        max: None,
        default: None,
    },
    |lang| lang.msg("api-query-keep"),
)
.checked_by_page();

pub(in crate::web) const OLDER_DAYS: ApiParameter = ApiParameter::new(
    "days",
    ParameterValues::Number {
        min: 0,
        max: None,
        default: None,
    },
    |lang| lang.msg("api-query-days"),
)
.checked_by_page();

pub(in crate::web) const PATTERN: ApiParameter = ApiParameter::new(
    "pattern",
    ParameterValues::Text { max_length: 200 },
    |lang| lang.msg("api-query-pattern"),
);

pub(in crate::web) const UNUSED_TAGS: ApiParameter = ApiParameter::new(
    "unused",
    ParameterValues::OneOf {
        words: || ["1"].to_vec(),
        default: None,
    },
    |lang| lang.msg("api-query-unused"),
);

pub(in crate::web) const SELECTED_TAG: ApiParameter =
    ApiParameter::new("tag", ParameterValues::typed::<TagName>(), |lang| {
        lang.msg("api-query-selected-tag")
    })
    .repeated();
