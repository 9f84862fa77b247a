//! The parameters of lists and other pages that read.

use crate::app::activity::ActivityRange;
use crate::app::image_streams::TagSort;
use crate::app::imports::ImportState;
use crate::app::lists::{PageSize, SortOrder, StreamListSort, StreamState, UseFilter};
use crate::app::projects::ProjectListSort;
use crate::app::search::HitKind;
use crate::web::api::parameter::{ApiParameter, ParameterValues};
use crate::web::links::order_value;
use crate::web::pages::projects::workloads::WorkloadState;
use registry_model::{ImageStreamName, ProjectName, SubjectKind, TagName};

pub(in crate::web) const TEXT: ApiParameter =
    ApiParameter::new("q", ParameterValues::Text { max_length: 200 }, |lang| {
        lang.msg("api-query-text")
    });

pub(in crate::web) const PROJECT_FILTER: ApiParameter = ApiParameter::new(
    "project",
    ParameterValues::Text { max_length: 200 },
    |lang| lang.msg("api-query-project-filter"),
);

pub(in crate::web) const STREAM_STATE: ApiParameter = ApiParameter::new(
    "state",
    ParameterValues::OneOf {
        words: || StreamState::ALL.map(StreamState::as_str).to_vec(),
        default: None,
    },
    |lang| lang.msg("api-query-stream-state"),
);

pub(in crate::web) const USE: ApiParameter = ApiParameter::new(
    "use",
    ParameterValues::OneOf {
        words: || UseFilter::ALL.map(UseFilter::as_str).to_vec(),
        default: None,
    },
    |lang| lang.msg("api-query-use"),
);

pub(in crate::web) const STREAM_SORT: ApiParameter = ApiParameter::new(
    "sort",
    ParameterValues::OneOf {
        words: || {
            [
                StreamListSort::Name,
                StreamListSort::Pushed,
                StreamListSort::Tags,
            ]
            .map(StreamListSort::as_str)
            .to_vec()
        },
        default: Some("name"),
    },
    |lang| lang.msg("api-query-sort"),
);

pub(in crate::web) const TAG_SORT: ApiParameter = ApiParameter::new(
    "sort",
    ParameterValues::OneOf {
        words: || {
            [TagSort::Updated, TagSort::Name]
                .map(TagSort::as_str)
                .to_vec()
        },
        default: Some("updated"),
    },
    |lang| lang.msg("api-query-sort"),
);

pub(in crate::web) const PROJECT_SORT: ApiParameter = ApiParameter::new(
    "sort",
    ParameterValues::OneOf {
        words: || {
            [
                ProjectListSort::Name,
                ProjectListSort::Streams,
                ProjectListSort::Pushed,
            ]
            .map(ProjectListSort::as_str)
            .to_vec()
        },
        default: Some("name"),
    },
    |lang| lang.msg("api-query-sort"),
);

pub(in crate::web) const ORDER: ApiParameter = ApiParameter::new(
    "order",
    ParameterValues::OneOf {
        words: || {
            [SortOrder::Ascending, SortOrder::Descending]
                .map(order_value)
                .to_vec()
        },
        default: None,
    },
    |lang| lang.msg("api-query-order"),
);

pub(in crate::web) const PAGE: ApiParameter = ApiParameter::new(
    "page",
    ParameterValues::Number {
        min: 1,
        max: None,
        default: Some(1),
    },
    |lang| lang.msg("api-query-page"),
);

pub(in crate::web) const PER_PAGE: ApiParameter = ApiParameter::new(
    "per_page",
    ParameterValues::OneNumberOf {
        numbers: || PageSize::ALL.map(PageSize::entries).to_vec(),
        default: 50,
    },
    |lang| lang.msg("api-query-per-page"),
);

pub(in crate::web) const HISTORY: ApiParameter =
    ApiParameter::new("history", ParameterValues::typed::<TagName>(), |lang| {
        lang.msg("api-query-history")
    });

pub(in crate::web) const HISTORY_TAG: ApiParameter =
    ApiParameter::new("tag", ParameterValues::typed::<TagName>(), |lang| {
        lang.msg("api-query-history-tag")
    });

pub(in crate::web) const CHANGED: ApiParameter = ApiParameter::new(
    "changed",
    ParameterValues::OneNumberOf {
        numbers: || {
            ActivityRange::ALL
                .map(|range| usize::from(range.days()))
                .to_vec()
        },
        default: 1,
    },
    |lang| lang.msg("api-query-changed"),
);

pub(in crate::web) const SUBJECT: ApiParameter =
    ApiParameter::new("who", ParameterValues::Text { max_length: 253 }, |lang| {
        lang.msg("api-query-subject")
    });

pub(in crate::web) const SUBJECT_KIND: ApiParameter =
    ApiParameter::new("kind", ParameterValues::typed::<SubjectKind>(), |lang| {
        lang.msg("api-query-subject-kind")
    });

pub(in crate::web) const COMPARE_FROM: ApiParameter =
    ApiParameter::new("from", ParameterValues::Text { max_length: 200 }, |lang| {
        lang.msg("api-query-compare-from")
    });

pub(in crate::web) const COMPARE_TO: ApiParameter =
    ApiParameter::new("to", ParameterValues::Text { max_length: 200 }, |lang| {
        lang.msg("api-query-compare-to")
    });

pub(in crate::web) const PLATFORM: ApiParameter = ApiParameter::new(
    "platform",
    ParameterValues::Text { max_length: 200 },
    |lang| lang.msg("api-query-platform"),
);

pub(in crate::web) const PROJECT_NAME: ApiParameter =
    ApiParameter::new("project", ParameterValues::typed::<ProjectName>(), |lang| {
        lang.msg("api-query-project")
    });

pub(in crate::web) const IMAGE_STREAM: ApiParameter = ApiParameter::new(
    "image",
    ParameterValues::typed::<ImageStreamName>(),
    |lang| lang.msg("api-query-image-stream"),
);

pub(in crate::web) const HOST: ApiParameter =
    ApiParameter::new("host", ParameterValues::Text { max_length: 200 }, |lang| {
        lang.msg("api-query-host")
    });

pub(in crate::web) const IMPORT_STATE: ApiParameter = ApiParameter::new(
    "state",
    ParameterValues::OneOf {
        words: || ImportState::ALL.map(ImportState::as_str).to_vec(),
        default: None,
    },
    |lang| lang.msg("api-query-import-state"),
);

pub(in crate::web) const HIT_KIND: ApiParameter = ApiParameter::new(
    "kind",
    ParameterValues::OneOf {
        words: || HitKind::ALL.map(HitKind::as_str).to_vec(),
        default: None,
    },
    |lang| lang.msg("api-query-hit-kind"),
);

pub(in crate::web) const SYSTEM: ApiParameter = ApiParameter::new(
    "system",
    ParameterValues::OneOf {
        words: || ["show", "hide"].to_vec(),
        default: Some("show"),
    },
    |lang| lang.msg("api-query-system"),
);

pub(in crate::web) const WORKLOAD_STATE: ApiParameter = ApiParameter::new(
    "state",
    ParameterValues::OneOf {
        words: || WorkloadState::ALL.map(WorkloadState::as_str).to_vec(),
        default: None,
    },
    |lang| lang.msg("api-query-workload-state"),
);

pub(in crate::web) const FORMAT: ApiParameter = ApiParameter::new(
    "format",
    ParameterValues::OneOf {
        words: || ["json", "csv"].to_vec(),
        default: Some("json"),
    },
    |lang| lang.msg("api-query-format"),
);
