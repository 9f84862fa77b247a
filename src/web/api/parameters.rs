//! The parameters of the operations. Their values are those that the extractors accept.

mod changes;
mod cleanup;
mod lists;
mod paths;
mod space;

pub(in crate::web) use changes::{
    DELETE_IDENTITIES, DRY_RUN, EXPECTED_DIGEST, FORCE, IF_MATCH, IF_NONE_MATCH, MEMBER_KIND,
    MEMBER_NAME, MEMBER_ROLE,
};
pub(in crate::web) use cleanup::{
    KEEP_TAGS, OLDER_DAYS, PATTERN, REMOVAL_SORT, SELECTED_TAG, UNUSED_TAGS,
};
pub(in crate::web) use lists::{
    CHANGED, COMPARE_FROM, COMPARE_TO, FORMAT, HISTORY, HISTORY_TAG, HIT_KIND, HOST, IMAGE_STREAM,
    IMPORT_STATE, ORDER, PAGE, PER_PAGE, PLATFORM, PROJECT_FILTER, PROJECT_NAME, PROJECT_SORT,
    STREAM_SORT, STREAM_STATE, SUBJECT, SUBJECT_KIND, SYSTEM, TAG_SORT, TEXT, USE, WORKLOAD_STATE,
};
pub(super) use paths::path_parameter;
pub(in crate::web) use space::{
    KEEP_TAG_REVISIONS, KEEP_YOUNGER_THAN, PLANNED_IMAGES, SPACE_SORT, UNUSED_DAYS, WAIT,
};
