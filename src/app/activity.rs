//! What changed in image streams: the events of the tags' histories and failed imports, newest
//! first, by day.

mod arrival;
mod range;
mod scan;

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use utoipa::ToSchema;

pub use range::{ActivityRange, PushesPerDay};

use super::AppForUser;
use super::failure::Failure;
use super::image_streams::FailureReason;
use super::lists::outage::StaleData;
use super::lists::paging::Paging;
use super::live::PageRevision;
use super::projects::{ProjectCounts, ProjectFacts};
use super::section::Section;
use crate::index::Snapshot;
use crate::openshift::AccessRight;
use registry_model::{AccessPolicy, Digest, ImageStreamName, Project, ProjectName, TagName};

/// How many events the page of one project shows.
const EVENTS_PER_PAGE: usize = 50;

/// What changed within a range, and the pushes of the last 30 days.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Activity {
    /// How many days back.
    #[serde(rename = "changed")]
    #[schema(value_type = u8)]
    pub range: ActivityRange,
    /// The events of this page, newest first.
    pub days: Vec<ActivityDay>,
    /// The position of the page among all events of the range.
    pub paging: Paging,
    /// How many images were pushed on each of the last 30 days.
    pub pushes: PushesPerDay,
    /// The projects with the most events in the range, at most five.
    pub busiest: Vec<BusyProject>,
}

/// The events of one day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ActivityDay {
    /// The day, in UTC.
    #[schema(value_type = String, format = Date)]
    pub date: NaiveDate,
    pub events: Vec<ActivityEvent>,
}

/// How many events a project has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct BusyProject {
    pub project: ProjectName,
    pub events: usize,
}

/// A change of a tag.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ActivityEvent {
    /// When it happened.
    #[schema(value_type = String, format = DateTime)]
    pub at: DateTime<Utc>,
    pub kind: ActivityKind,
    pub project: ProjectName,
    pub stream: ImageStreamName,
    pub tag: TagName,
    /// The image that the tag pointed to before.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub from: Option<ActivityImage>,
    /// The image that the tag pointed to from then on.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub to: Option<ActivityImage>,
    /// Why the import failed. Untrusted.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub message: Option<String>,
    /// The same in few words.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub failure: Option<FailureReason>,
    /// How many other tags of the image stream failed in the range and have no event of their own.
    pub other_tags: usize,
    /// Whether the tag still points to the image that it was moved to, and the user may move it
    /// back.
    pub may_roll_back: bool,
    /// Whether the import failed, and the user may repeat it.
    pub may_import: bool,
}

/// An image of an event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ActivityImage {
    pub digest: Digest,
    /// Another tag of the image stream that points to it now. Only for tags that were moved.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub tag: Option<TagName>,
}

/// What happened to a tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ActivityKind {
    /// An image was pushed to a tag that had one before.
    Pushed,
    /// Another image was imported.
    Imported,
    /// The tag was set to another image, or the tag that it follows was.
    Moved,
    /// The tag points to an image for the first time.
    NewTag,
    /// The import of the tag failed.
    ImportFailed,
}

/// Which failed imports are events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::app) enum FailureEvents {
    /// Each one.
    OfEachTag,
    /// The latest of each image stream, for a few image streams: beside a list of what fails now,
    /// and so that an outage of a registry does not take the place of everything else.
    LatestOfStream,
}

/// A tag whose import fails.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct FailingTag {
    pub project: ProjectName,
    pub stream: ImageStreamName,
    pub tag: TagName,
    /// Since when.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub since: Option<DateTime<Utc>>,
    /// The beginning of the API server's message. Untrusted.
    pub message: String,
    /// The same in few words.
    pub failure: FailureReason,
    /// Whether the user may repeat the import.
    pub may_import: bool,
}

/// The activity of one project.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ProjectActivity {
    pub project: Project,
    /// Who may pull from it.
    pub access: Section<AccessPolicy>,
    pub activity: Section<Activity>,
    /// How many image streams and tags it has.
    pub streams: usize,
    pub tags: usize,
    /// What the header shows.
    #[serde(skip)]
    pub facts: ProjectFacts,
    /// The revision that the page shows, from which its live updates start. `None` without an
    /// index.
    #[serde(skip)]
    pub page_revision: Option<PageRevision>,
    /// How old the values are. Set only where the API server could not be reached.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub stale: Option<StaleData>,
}

impl ActivityEvent {
    /// The images between which the tag changed.
    #[must_use]
    pub fn images(&self) -> Option<(&Digest, &Digest)> {
        Some((&self.from.as_ref()?.digest, &self.to.as_ref()?.digest))
    }
}

impl Activity {
    /// A page of the events of `snapshot` within the range before `now`.
    pub(in crate::app) fn from_snapshot(
        snapshot: &Snapshot,
        range: ActivityRange,
        page: usize,
        per_page: usize,
        failure_events: FailureEvents,
        now: DateTime<Utc>,
    ) -> Self {
        scan::scan(snapshot, range, page, per_page, failure_events, now)
    }

    /// Whether nothing happened in the range.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.paging.total == 0
    }

    /// How many events of the range are not on the page.
    #[must_use]
    pub fn omitted(&self) -> usize {
        let shown: usize = self.days.iter().map(|day| day.events.len()).sum();
        self.paging.total.saturating_sub(shown)
    }
}

/// The tags of `snapshot` whose import fails, the latest first, at most `most`.
pub(in crate::app) fn failing_tags(snapshot: &Snapshot, most: usize) -> Vec<FailingTag> {
    scan::failing_tags(snapshot, most)
}

impl AppForUser<'_> {
    /// Leaves to the user what the user may do with the events and the failing tags.
    pub(in crate::app) async fn review_events(
        &self,
        activity: &mut Activity,
        failing: &mut [FailingTag],
    ) {
        let events = || activity.days.iter().flat_map(|day| &day.events);
        let with_action = events().filter(|event| event.may_roll_back || event.may_import);
        let projects = with_action
            .map(|event| event.project.clone())
            .chain(failing.iter().map(|failing| failing.project.clone()))
            .collect();
        let rights = self
            .review_access_in(projects, |project| {
                [
                    AccessRight::update_tags(project),
                    AccessRight::import_streams(project),
                ]
            })
            .await;
        let of_project = |project: &ProjectName| rights.get(project).copied().unwrap_or([false; 2]);
        for event in activity.days.iter_mut().flat_map(|day| &mut day.events) {
            let [may_tag, may_import] = of_project(&event.project);
            event.may_roll_back &= may_tag;
            event.may_import &= may_import;
        }
        for failing in failing {
            [_, failing.may_import] = of_project(&failing.project);
        }
    }

    /// The activity of one project.
    ///
    /// # Errors
    ///
    /// The failure to read the project, forbidden also if it does not exist.
    pub async fn project_activity(
        &self,
        name: &ProjectName,
        range: ActivityRange,
        page: usize,
    ) -> Result<ProjectActivity, Failure> {
        let (found, access) =
            tokio::join!(self.project_with_streams(name), self.access_policy(name));
        let (project, streams) = found?;
        let visible = streams.ready();
        let counts = visible.map(|visible| ProjectCounts::from_streams(visible, name));
        let now = self.app.clock.now();
        let page_revision = visible.and_then(|visible| visible.page_revision.clone());
        let stale = visible.and_then(|visible| visible.stale);
        let mut activity = streams.map(|visible| {
            Activity::from_snapshot(
                &visible.streams,
                range,
                page,
                EVENTS_PER_PAGE,
                FailureEvents::OfEachTag,
                now,
            )
        });
        if let Some(activity) = activity.ready_mut() {
            self.review_events(activity, &mut []).await;
        }
        Ok(ProjectActivity {
            facts: ProjectFacts {
                project: project.clone(),
                access: access.clone(),
                counts,
            },
            project,
            access,
            streams: counts.unwrap_or_default().streams,
            tags: counts.unwrap_or_default().tags,
            page_revision,
            stale,
            activity,
        })
    }
}
