//! The parameters of the operations. Their values are those that the extractors accept.

use utoipa::PartialSchema;
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};

use super::operation::ApiText;
use crate::app::activity::ActivityRange;
use crate::app::image_streams::TagSort;
use crate::app::imports::ImportState;
use crate::app::lists::{PageSize, SortOrder, StreamListSort, StreamState, UseFilter};
use crate::app::projects::ProjectListSort;
use crate::app::search::HitKind;
use crate::app::space::{PlannedImages, SpaceSort, UnusedAge};
use crate::app::tags::TagSelectionSort;
use crate::i18n::Lang;
use crate::web::links::order_value;
use crate::web::pages::projects::prune_plan::MAX_REVISIONS;
use crate::web::pages::projects::workloads::WorkloadState;
use registry_model::{Digest, ImageStreamName, ProjectName, SubjectKind, TagName};

/// A parameter of a path or a query.
pub(in crate::web) struct ApiParameter {
    pub(in crate::web) name: &'static str,
    pub(in crate::web) values: ParameterValues,
    pub(in crate::web) description: ApiText,
    /// Whether it can be given several times.
    pub(in crate::web) repeats: bool,
    /// Whether a request needs it.
    pub(super) is_required: bool,
}

impl ApiParameter {
    const fn new(name: &'static str, values: ParameterValues, description: ApiText) -> Self {
        Self {
            name,
            values,
            description,
            repeats: false,
            is_required: false,
        }
    }

    /// A parameter that a request needs.
    const fn required(self) -> Self {
        Self {
            is_required: true,
            ..self
        }
    }

    pub(super) fn schema(&self) -> RefOr<Schema> {
        let schema = self.values.schema();
        if self.repeats {
            ArrayBuilder::new().items(schema).into()
        } else {
            schema
        }
    }
}

/// What values a parameter has.
pub(in crate::web) enum ParameterValues {
    /// Text of at most so many characters.
    Text { max_length: usize },
    /// Text that a type describes, such as a name.
    Typed(fn() -> RefOr<Schema>),
    /// A fixed word.
    OneOf {
        words: fn() -> Vec<&'static str>,
        default: Option<&'static str>,
    },
    /// A whole number.
    Number {
        min: usize,
        max: Option<usize>,
        default: Option<usize>,
    },
    /// One of these numbers.
    OneNumberOf {
        numbers: fn() -> Vec<usize>,
        default: usize,
    },
    /// `true` or, by default, `false`.
    Flag,
}

impl ParameterValues {
    /// The values for readers, and the default. There are no values for text that the description
    /// of the parameter explains.
    pub(in crate::web) fn shown(&self, lang: Lang) -> (Vec<String>, Option<String>) {
        match self {
            Self::Text { max_length } => {
                let text = lang.msg("api-text-up-to").arg("max", *max_length);
                (vec![text.to_string()], None)
            }
            Self::Typed(_) => (Vec::new(), None),
            Self::OneOf { words, default } => (
                words().into_iter().map(str::to_owned).collect(),
                default.map(str::to_owned),
            ),
            Self::Number { min, max, default } => {
                let range = match max {
                    Some(max) => lang
                        .msg("api-number-range")
                        .arg("min", *min)
                        .arg("max", *max),
                    None => lang.msg("api-number-from").arg("min", *min),
                };
                (
                    vec![range.to_string()],
                    default.map(|number| number.to_string()),
                )
            }
            Self::OneNumberOf { numbers, default } => (
                numbers().iter().map(ToString::to_string).collect(),
                Some(default.to_string()),
            ),
            Self::Flag => (
                vec![true.to_string(), false.to_string()],
                Some(false.to_string()),
            ),
        }
    }

    fn schema(&self) -> RefOr<Schema> {
        let object = |kind| ObjectBuilder::new().schema_type(kind);
        match self {
            Self::Text { max_length } => object(Type::String).max_length(Some(*max_length)).into(),
            Self::Typed(schema) => schema(),
            Self::OneOf { words, default } => object(Type::String)
                .enum_values(Some(words()))
                .default(default.map(Into::into))
                .into(),
            Self::Number { min, max, default } => object(Type::Integer)
                .minimum(Some(*min))
                .maximum(*max)
                .default(default.map(Into::into))
                .into(),
            Self::OneNumberOf { numbers, default } => object(Type::Integer)
                .enum_values(Some(numbers()))
                .default(Some((*default).into()))
                .into(),
            Self::Flag => object(Type::Boolean).default(Some(false.into())).into(),
        }
    }
}

/// The name in a path that an operation writes in braces.
pub(super) fn path_parameter(name: &str) -> Option<&'static ApiParameter> {
    PATH_PARAMETERS
        .iter()
        .find(|parameter| parameter.name == name)
}

/// Longer than any name of a user or group in a directory.
const MAX_NAME_CHARS: usize = 1_000;

const PATH_PARAMETERS: &[ApiParameter] = &[
    ApiParameter::new(
        "project",
        ParameterValues::Typed(ProjectName::schema),
        |lang| lang.msg("api-path-project"),
    ),
    ApiParameter::new(
        "stream",
        ParameterValues::Typed(ImageStreamName::schema),
        |lang| lang.msg("api-path-stream"),
    ),
    ApiParameter::new("tag", ParameterValues::Typed(TagName::schema), |lang| {
        lang.msg("api-path-tag")
    }),
    ApiParameter::new("digest", ParameterValues::Typed(Digest::schema), |lang| {
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

pub(in crate::web) const SPACE_SORT: ApiParameter = ApiParameter::new(
    "sort",
    ParameterValues::OneOf {
        words: || SpaceSort::ALL.map(SpaceSort::as_str).to_vec(),
        default: Some("total"),
    },
    |lang| lang.msg("api-query-sort"),
);

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
    ApiParameter::new("history", ParameterValues::Typed(TagName::schema), |lang| {
        lang.msg("api-query-history")
    });

pub(in crate::web) const HISTORY_TAG: ApiParameter =
    ApiParameter::new("tag", ParameterValues::Typed(TagName::schema), |lang| {
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

pub(in crate::web) const SUBJECT_KIND: ApiParameter = ApiParameter::new(
    "kind",
    ParameterValues::Typed(SubjectKind::schema),
    |lang| lang.msg("api-query-subject-kind"),
);

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

pub(in crate::web) const PROJECT_NAME: ApiParameter = ApiParameter::new(
    "project",
    ParameterValues::Typed(ProjectName::schema),
    |lang| lang.msg("api-query-project"),
);

pub(in crate::web) const IMAGE_STREAM: ApiParameter = ApiParameter::new(
    "image",
    ParameterValues::Typed(ImageStreamName::schema),
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

pub(in crate::web) const KEEP_TAG_REVISIONS: ApiParameter = ApiParameter::new(
    "keep-tag-revisions",
    ParameterValues::Number {
        min: 0,
        max: Some(MAX_REVISIONS as usize),
        default: Some(3),
    },
    |lang| lang.msg("api-query-keep-tag-revisions"),
);

pub(in crate::web) const KEEP_YOUNGER_THAN: ApiParameter = ApiParameter::new(
    "keep-younger-than",
    ParameterValues::Text { max_length: 40 },
    |lang| lang.msg("api-query-keep-younger-than"),
);

pub(in crate::web) const PLANNED_IMAGES: ApiParameter = ApiParameter::new(
    "state",
    ParameterValues::OneOf {
        words: || {
            PlannedImages::CHOICES
                .into_iter()
                .filter_map(PlannedImages::as_str)
                .collect()
        },
        default: None,
    },
    |lang| lang.msg("api-query-planned-images"),
);

pub(in crate::web) const UNUSED_DAYS: ApiParameter = ApiParameter::new(
    "unused",
    ParameterValues::OneNumberOf {
        numbers: || {
            UnusedAge::ALL
                .map(|age| usize::try_from(age.days()).unwrap_or_default())
                .to_vec()
        },
        default: 90,
    },
    |lang| lang.msg("api-query-unused-days"),
);

pub(in crate::web) const WAIT: ApiParameter = ApiParameter::new(
    "wait",
    ParameterValues::OneOf {
        words: || ["long"].to_vec(),
        default: None,
    },
    |lang| lang.msg("api-query-wait"),
);

pub(in crate::web) const KEEP_TAGS: ApiParameter = ApiParameter::new(
    "keep",
    ParameterValues::Number {
        min: 0,
        max: None,
        default: None,
    },
    |lang| lang.msg("api-query-keep"),
);

pub(in crate::web) const OLDER_DAYS: ApiParameter = ApiParameter::new(
    "days",
    ParameterValues::Number {
        min: 0,
        max: None,
        default: None,
    },
    |lang| lang.msg("api-query-days"),
);

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

pub(in crate::web) const SELECTED_TAG: ApiParameter = ApiParameter {
    repeats: true,
    ..ApiParameter::new("tag", ParameterValues::Typed(TagName::schema), |lang| {
        lang.msg("api-query-selected-tag")
    })
};

pub(super) const FORMAT: ApiParameter = ApiParameter::new(
    "format",
    ParameterValues::OneOf {
        words: || ["json", "csv"].to_vec(),
        default: Some("json"),
    },
    |lang| lang.msg("api-query-format"),
);

pub(in crate::web) const FORCE: ApiParameter =
    ApiParameter::new("force", ParameterValues::Flag, |lang| {
        lang.msg("api-query-force")
    });

pub(in crate::web) const EXPECTED_DIGEST: ApiParameter = ApiParameter::new(
    "expected_digest",
    ParameterValues::Typed(Digest::schema),
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

pub(in crate::web) const MEMBER_KIND: ApiParameter = ApiParameter::new(
    "kind",
    ParameterValues::Typed(SubjectKind::schema),
    |lang| lang.msg("api-query-member-kind"),
)
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
