//! Which lists have a form in CSV, and the columns of each. Programs rely on the names: columns are
//! added at the end, never renamed or removed.

use crate::web::links;

/// A list with a form in CSV.
#[derive(Debug)]
pub(in crate::web) struct CsvTable {
    /// The pattern of the page's route.
    pub(super) path: &'static str,
    /// The members of the JSON form that lead to the rows. Lists on the way are iterated over.
    pub(super) rows: &'static [&'static str],
    pub(super) columns: &'static [CsvColumn],
    /// The member with the number of entries that are not on the page, of a list without pages.
    pub(super) further: Option<&'static str>,
}

#[derive(Debug)]
pub(super) struct CsvColumn {
    pub(super) name: &'static str,
    /// The value, as a JSON Pointer (RFC 6901).
    pub(super) pointer: &'static str,
    pub(super) origin: ColumnOrigin,
}

/// What the pointer of a column begins at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ColumnOrigin {
    Row,
    /// The item of the enclosing list.
    EnclosingList,
}

impl CsvColumn {
    pub(super) const fn new(name: &'static str, pointer: &'static str) -> Self {
        Self {
            name,
            pointer,
            origin: ColumnOrigin::Row,
        }
    }

    /// A value of the item of the enclosing list.
    pub(super) const fn of_list(name: &'static str, pointer: &'static str) -> Self {
        Self {
            origin: ColumnOrigin::EnclosingList,
            ..Self::new(name, pointer)
        }
    }
}

impl CsvTable {
    /// The table of the page at `path`, by the pattern of its route.
    pub(in crate::web) fn of_route(pattern: &str, path: &str) -> Option<&'static Self> {
        let page = pattern.strip_prefix(links::API_ROOT)?;
        // An image is no list.
        let is_image = page == STREAM_PATH && path.contains([':', '@', '%']);
        let mut tables = CSV_TABLES.iter().filter(|_| !is_image);
        tables.find(|table| table.path == page)
    }
}

/// The page of an image stream, or of an image.
const STREAM_PATH: &str = "/images/{project}/{image}";

const STREAM_COLUMNS: &[CsvColumn] = &[
    CsvColumn::new("project", "/project"),
    CsvColumn::new("stream", "/name"),
    CsvColumn::new("tags", "/tag_count"),
    CsvColumn::new("last_push", "/last_push"),
    CsvColumn::new("importing", "/importing"),
    CsvColumn::new("failing_tags", "/trouble/tags"),
    CsvColumn::new("failure_reason", "/trouble/failure/kind"),
    CsvColumn::new("failure_message", "/trouble/message"),
    CsvColumn::new("registries", "/registries"),
];

const SPACE_COLUMNS: &[CsvColumn] = &[
    CsvColumn::new("project", "/project"),
    CsvColumn::new("stream", "/stream"),
    CsvColumn::new("images", "/images"),
    CsvColumn::new("total_bytes", "/total/bytes"),
    CsvColumn::new("own_bytes", "/own/bytes"),
    CsvColumn::new("own_history_bytes", "/own_history/bytes"),
    CsvColumn::new("imported_bytes", "/total/imported"),
    CsvColumn::new("at_least", "/total/at_least"),
];

const MEMBER_COLUMNS: &[CsvColumn] = &[
    CsvColumn::of_list("kind", "/who/kind"),
    CsvColumn::of_list("name", "/who/name"),
    CsvColumn::of_list("account_project", "/who/project"),
    CsvColumn::new("role", "/role"),
    CsvColumn::new("binding", "/binding"),
    CsvColumn::new("cluster_role", "/cluster_role"),
];

const CSV_TABLES: &[CsvTable] = &[
    CsvTable {
        path: "/images",
        rows: &["rows"],
        columns: STREAM_COLUMNS,
        further: None,
    },
    CsvTable {
        path: "/images/{project}",
        rows: &["rows"],
        columns: STREAM_COLUMNS,
        further: None,
    },
    CsvTable {
        path: STREAM_PATH,
        rows: &["tags"],
        columns: &[
            CsvColumn::new("tag", "/name"),
            CsvColumn::new("digest", "/digest"),
            CsvColumn::new("updated", "/updated"),
            CsvColumn::new("source_kind", "/source/kind"),
            CsvColumn::new("source", "/source/name"),
            CsvColumn::new("scheduled", "/scheduled"),
            CsvColumn::new("insecure", "/insecure"),
            CsvColumn::new("import_mode", "/import_mode"),
            CsvColumn::new("import_failure", "/import_failure/reason"),
            CsvColumn::new("use", "/usage"),
        ],
        further: None,
    },
    CsvTable {
        path: "/images/{project}/{image}/history",
        rows: &["events"],
        columns: &[
            CsvColumn::new("tag", "/tag"),
            CsvColumn::new("created", "/created"),
            CsvColumn::new("kind", "/kind"),
            CsvColumn::new("digest", "/image"),
            CsvColumn::new("previous_digest", "/previous"),
            CsvColumn::new("current", "/current"),
            CsvColumn::new("pull_spec", "/pull_spec"),
        ],
        further: None,
    },
    CsvTable {
        path: "/images/{project}/{image}/used-by",
        rows: &["projects", "workloads"],
        columns: &[
            CsvColumn::of_list("project", "/project"),
            CsvColumn::new("kind", "/workload/kind"),
            CsvColumn::new("name", "/workload/name"),
            CsvColumn::new("paused", "/is_paused"),
            CsvColumn::new("replicas", "/replicas"),
        ],
        further: Some("more_workloads"),
    },
    CsvTable {
        path: "/images/{project}/{image}/space",
        rows: &["tags"],
        columns: &[
            CsvColumn::new("tag", "/tag"),
            CsvColumn::new("current_bytes", "/current/bytes"),
            CsvColumn::new("total_bytes", "/total/bytes"),
            CsvColumn::new("own_bytes", "/own/bytes"),
        ],
        further: Some("more_tags"),
    },
    CsvTable {
        path: links::IMPORTS,
        rows: &["groups", "rows"],
        columns: &[
            CsvColumn::of_list("registry", "/host"),
            CsvColumn::new("project", "/project"),
            CsvColumn::new("stream", "/stream"),
            CsvColumn::new("tag", "/tag"),
            CsvColumn::new("source", "/from"),
            CsvColumn::new("state", "/state"),
            CsvColumn::new("imported", "/imported"),
            CsvColumn::new("scheduled", "/scheduled"),
            CsvColumn::new("insecure", "/insecure"),
            CsvColumn::new("import_mode", "/import_mode"),
            CsvColumn::new("failure_reason", "/failure/reason"),
            CsvColumn::new("failure_message", "/failure/message"),
        ],
        further: None,
    },
    CsvTable {
        path: links::PROJECTS,
        rows: &["rows"],
        columns: &[
            CsvColumn::new("project", "/project/name"),
            CsvColumn::new("display_name", "/project/display_name"),
            CsvColumn::new("requester", "/project/requester"),
            CsvColumn::new("created", "/project/created"),
            CsvColumn::new("access", "/access"),
            CsvColumn::new("streams", "/streams"),
            CsvColumn::new("last_push", "/last_push"),
        ],
        further: None,
    },
    CsvTable {
        path: "/projects/{project}/activity",
        rows: &["activity", "days", "events"],
        columns: &[
            CsvColumn::new("at", "/at"),
            CsvColumn::new("kind", "/kind"),
            CsvColumn::new("project", "/project"),
            CsvColumn::new("stream", "/stream"),
            CsvColumn::new("tag", "/tag"),
            CsvColumn::new("from_digest", "/from/digest"),
            CsvColumn::new("to_digest", "/to/digest"),
        ],
        further: None,
    },
    CsvTable {
        path: "/projects/{project}/workloads",
        rows: &["rows", "images"],
        columns: &[
            CsvColumn::of_list("kind", "/workload/kind"),
            CsvColumn::of_list("name", "/workload/name"),
            CsvColumn::new("part", "/part/name"),
            CsvColumn::new("reference", "/reference"),
            CsvColumn::new("stream", "/stream"),
            CsvColumn::new("tag", "/tag"),
            CsvColumn::new("digest", "/digest"),
            CsvColumn::new("newer_digest", "/newer"),
            CsvColumn::new("pullability", "/pullability"),
            CsvColumn::new("pods", "/pods"),
            CsvColumn::new("since", "/since"),
        ],
        further: Some("more_rows"),
    },
    CsvTable {
        path: "/projects/{project}/access",
        rows: &["members", "roles"],
        columns: MEMBER_COLUMNS,
        further: Some("more_members"),
    },
    CsvTable {
        path: "/projects/{project}/members",
        rows: &["members", "roles"],
        columns: MEMBER_COLUMNS,
        further: Some("more_members"),
    },
    CsvTable {
        path: "/projects/{project}/space",
        rows: &["streams"],
        columns: SPACE_COLUMNS,
        further: Some("more_streams"),
    },
    CsvTable {
        path: "/projects/{project}/logins",
        rows: &["logins"],
        columns: &[
            CsvColumn::new("name", "/name"),
            CsvColumn::new("may", "/may"),
            CsvColumn::new("days", "/days"),
            CsvColumn::new("created", "/created"),
            CsvColumn::new("granted", "/granted"),
        ],
        further: None,
    },
    CsvTable {
        path: links::SPACE,
        rows: &["projects"],
        columns: SPACE_COLUMNS,
        further: Some("more_projects"),
    },
    CsvTable {
        path: links::USERS,
        rows: &["rows"],
        columns: &[
            CsvColumn::new("user", "/user/name"),
            CsvColumn::new("full_name", "/user/full_name"),
            CsvColumn::new("created", "/user/created"),
            CsvColumn::new("identities", "/user/identities"),
            CsvColumn::new("groups", "/groups"),
        ],
        further: None,
    },
    CsvTable {
        path: links::GROUPS,
        rows: &["rows"],
        columns: &[
            CsvColumn::new("group", "/name"),
            CsvColumn::new("users", "/users"),
            CsvColumn::new("more_users", "/more_users"),
            CsvColumn::new("synced", "/synced"),
        ],
        further: None,
    },
    CsvTable {
        path: "/groups/{group}",
        rows: &["members"],
        columns: &[CsvColumn::new("user", "")],
        further: None,
    },
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::web::routes::ROUTES;

    #[test]
    fn each_table_is_of_a_route_and_names_each_column_once() {
        for table in CSV_TABLES {
            assert!(
                ROUTES.iter().any(|route| route.path() == table.path),
                "{}",
                table.path
            );
            let names: BTreeSet<&str> = table.columns.iter().map(|column| column.name).collect();
            assert_eq!(names.len(), table.columns.len(), "{}", table.path);
        }
    }
}
