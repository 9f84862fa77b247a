//! Extractors: typed paths and lenient queries.

mod paths;

pub(super) use paths::{GroupMemberPath, ImagePath, ProjectPath, UserOrGroupPath};

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use super::context::RequestContext;
use crate::app::activity::ActivityRange;
use crate::app::image_streams::{HistoryQuery, TagQuery, TagSort};
use crate::app::lists::{
    PageSize, RowLimit, SortOrder, StreamListQuery, StreamListSort, StreamState, UseFilter,
    WHOLE_LIST,
};
use crate::app::projects::{ProjectListQuery, ProjectListSort};
use crate::app::search::{HitKind, SearchQuery};
use crate::app::space::{OverviewQuery, SpaceQuery, SpaceSort, UnusedAge};
use registry_model::safe_text::{self, Character};
use registry_model::{ProjectName, Subject, SubjectKind, TagName, is_path_segment_name};

/// The query of a list. Invalid parameters are ignored.
#[derive(Debug, Default)]
pub(super) struct ListParams {
    text: String,
    project: Option<ProjectName>,
    sort: String,
    order: String,
    kind: String,
    tag: String,
    state: String,
    usage: Option<UseFilter>,
    history: Option<TagName>,
    changed: String,
    project_text: String,
    system: String,
    unused: UnusedAge,
    waits: bool,
    page_size: PageSize,
    page: usize,
}

impl<S: Sync> FromRequestParts<S> for ListParams {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let mut params = Self::default();
        for (name, value) in
            url::form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes())
        {
            match &*name {
                "q" => params.text = value.trim().chars().take(200).collect(),
                "project" => {
                    params.project = value.parse().ok();
                    params.project_text = value.trim().chars().take(200).collect();
                }
                "changed" => params.changed = value.into_owned(),
                "system" => params.system = value.into_owned(),
                "per_page" => {
                    params.page_size = PageSize::from_entries(value.parse().unwrap_or_default());
                }
                "sort" => params.sort = value.into_owned(),
                "order" => params.order = value.into_owned(),
                "kind" => params.kind = value.into_owned(),
                "tag" => params.tag = value.chars().take(200).collect(),
                "state" => params.state = value.into_owned(),
                "use" => params.usage = UseFilter::from_text(&value),
                "history" => params.history = value.parse().ok(),
                "unused" => params.unused = UnusedAge::from_days(&value).unwrap_or_default(),
                "wait" => params.waits = value == "long",
                "page" => params.page = parse_page(&value),
                _ => {}
            }
        }
        if is_export(parts) {
            params.page = WHOLE_LIST;
        }
        Ok(params)
    }
}

/// The number of a page in a query, from 1.
pub(super) fn parse_page(text: &str) -> usize {
    let page = text.parse::<u64>().ok();
    // A page past the end is the last one.
    let page = page.map(|page| page.min(u32::MAX.into()));
    page.and_then(|page| page.try_into().ok())
        .unwrap_or(1)
        .max(1)
}

impl<S: Sync> FromRequestParts<S> for RowLimit {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(if is_export(parts) {
            Self::WholeList
        } else {
            Self::Page
        })
    }
}

/// Whether the request asks for the whole list.
pub(super) fn is_export(parts: &Parts) -> bool {
    let context = parts.extensions.get::<RequestContext>();
    context.is_some_and(|context| context.csv.is_some())
}

impl ListParams {
    /// The text to find, and the page.
    pub(super) fn text_and_page(self) -> (String, usize) {
        (self.text, self.page.max(1))
    }

    /// How far back the activity reaches, and the page.
    pub(super) fn activity_range_and_page(&self) -> (ActivityRange, usize) {
        let range = ActivityRange::from_days(&self.changed).unwrap_or_default();
        (range, self.page.max(1))
    }

    /// The project that a filter form sends as a field.
    pub(super) fn project(&self) -> Option<&ProjectName> {
        self.project.as_ref()
    }

    /// The state that a list is reduced to, as in the address. Untrusted.
    pub(super) fn state(&self) -> &str {
        &self.state
    }

    /// The initial tag name of a form. Untrusted.
    pub(super) fn into_tag_name(self) -> String {
        self.tag
    }

    pub(super) fn into_list_query(self, project: Option<ProjectName>) -> StreamListQuery {
        let sort = match self.sort.as_str() {
            "pushed" => StreamListSort::Pushed,
            "tags" => StreamListSort::Tags,
            _ => StreamListSort::Name,
        };
        let order = parse_order(&self.order, sort.default_order());
        let state = StreamState::ALL
            .into_iter()
            .find(|state| state.as_str() == self.state);
        StreamListQuery {
            text: self.text,
            project_text: match project {
                Some(_) => String::new(),
                None => self.project_text,
            },
            project,
            state,
            usage: self.usage,
            sort,
            order,
            page: self.page.max(1),
            page_size: self.page_size,
        }
    }

    /// `with_system` is whether projects of the cluster itself are listed if the query does not
    /// say.
    pub(super) fn into_project_list_query(self, with_system: bool) -> ProjectListQuery {
        let sort = match self.sort.as_str() {
            "streams" => ProjectListSort::Streams,
            "pushed" => ProjectListSort::Pushed,
            _ => ProjectListSort::Name,
        };
        ProjectListQuery {
            text: self.text,
            sort,
            order: parse_order(&self.order, sort.default_order()),
            with_system: match self.system.as_str() {
                "show" => true,
                "hide" => false,
                _ => with_system,
            },
            page: self.page.max(1),
        }
    }

    /// The order of the image streams or projects of a page about space.
    pub(super) fn space_query(&self) -> SpaceQuery {
        let sort = SpaceSort::ALL
            .into_iter()
            .find(|sort| sort.as_str() == self.sort)
            .unwrap_or(SpaceQuery::default().sort);
        SpaceQuery {
            sort,
            order: parse_order(&self.order, sort.default_order()),
        }
    }

    pub(super) fn overview_query(&self) -> OverviewQuery {
        OverviewQuery {
            order: self.space_query(),
            unused: self.unused,
            waits: self.waits,
            limit: RowLimit::Page,
        }
    }

    pub(super) fn into_search_query(self) -> SearchQuery {
        let kind = HitKind::ALL
            .into_iter()
            .find(|kind| kind.as_str() == self.kind);
        SearchQuery {
            text: self.text,
            kind,
            page: self.page.max(1),
        }
    }

    /// The history of the tag `?history=`, which was a part of the page of the image stream.
    pub(super) fn former_history_query(&self) -> Option<HistoryQuery> {
        Some(HistoryQuery {
            tag: Some(self.history.clone()?),
            page: 1,
        })
    }

    pub(super) fn into_history_query(self) -> HistoryQuery {
        HistoryQuery {
            tag: self.tag.parse().ok(),
            page: self.page.max(1),
        }
    }

    pub(super) fn into_tag_query(self) -> TagQuery {
        let sort = if self.sort == "name" {
            TagSort::Name
        } else {
            TagSort::Updated
        };
        let order = parse_order(&self.order, sort.default_order());
        TagQuery {
            text: self.text,
            usage: self.usage,
            sort,
            order,
            page_size: self.page_size,
            history: self.history,
            page: self.page.max(1),
        }
    }
}

/// The subject of an access review: `?who=` and `?kind=`, as typed.
#[derive(Debug, Default)]
pub(super) struct SubjectQuery {
    pub(super) name: String,
    pub(super) kind: Option<SubjectKind>,
}

impl<S: Sync> FromRequestParts<S> for SubjectQuery {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let mut query = Self::default();
        for (name, value) in
            url::form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes())
        {
            match &*name {
                "who" => value.trim().clone_into(&mut query.name),
                "kind" => query.kind = Some(value.parse().unwrap_or(SubjectKind::User)),
                _ => {}
            }
        }
        Ok(query)
    }
}

impl SubjectQuery {
    /// The subject with that name. Service accounts belong to `project` unless another one is typed
    /// before them (`project:name`). Names that no path of the API can contain, and those with
    /// invisible characters (S32), yield `None`.
    pub(super) fn subject(&self, project: &ProjectName) -> Option<Subject> {
        let name = self.name.as_str();
        let readable = name.chars().count() <= 253
            && safe_text::characters(name)
                .all(|c| matches!(c, Character::Plain(c) if !c.is_control()));
        if !readable || !is_path_segment_name(name) {
            return None;
        }
        let kind = self.kind.unwrap_or(SubjectKind::User);
        match name.strip_prefix("system:serviceaccount:") {
            Some(account) if kind != SubjectKind::Group => account
                .contains(':')
                .then(|| Subject::parse(SubjectKind::ServiceAccount, account, project).ok())
                .flatten(),
            _ => Subject::parse(kind, name, project).ok(),
        }
    }
}

fn parse_order(text: &str, usual: SortOrder) -> SortOrder {
    match text {
        "asc" => SortOrder::Ascending,
        "desc" => SortOrder::Descending,
        _ => usual,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn service_account_is_known_by_its_user_name() {
        let subject = |kind, name: &str| {
            let query = SubjectQuery {
                name: name.to_owned(),
                kind,
            };
            query.subject(&"team-a".parse().unwrap())
        };
        let builder = Subject::service_account("team-b", "builder");
        let user_name = "system:serviceaccount:team-b:builder";
        for kind in [
            None,
            Some(SubjectKind::User),
            Some(SubjectKind::ServiceAccount),
        ] {
            assert_eq!(subject(kind, user_name).as_ref(), Some(&builder));
            assert_eq!(subject(kind, "system:serviceaccount:builder"), None);
        }
        let group = Some(SubjectKind::Group);
        assert_eq!(subject(group, user_name), Some(Subject::group(user_name)));
        assert_eq!(
            subject(Some(SubjectKind::ServiceAccount), "builder"),
            Some(Subject::service_account("team-a", "builder"))
        );
        for bad in ["", "~", "..", "a/b", "a%2fb", "a\u{202e}b"] {
            assert_eq!(subject(None, bad), None, "{bad:?}");
        }
        for bad in ["-a", ".a", "a..b", "A"] {
            assert_eq!(
                subject(Some(SubjectKind::ServiceAccount), bad),
                None,
                "{bad}"
            );
        }
    }
}
