//! `/images/{project}/{stream}/used-by`, also of one tag or image: the workloads that use it.

use askama::Template;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use super::header::stream_header;
use crate::app::image_streams::{StreamActions, StreamFacts};
use crate::app::images::ImageReference;
use crate::app::lists::RowLimit;
use crate::app::usage::{ProjectUses, USAGE_PAGE_TIMEOUT, UsageTarget, UsageView};
use crate::i18n::Message;
use crate::web::context::SignedIn;
use crate::web::errors::WebError;
use crate::web::extractors::ImagePath;
use crate::web::filters;
use crate::web::page_header::PageHeader;
use crate::web::render::{Area, Chrome, render};
use crate::web::tabs::{StreamTab, Tabs};
use registry_model::{ImageStreamName, ProjectName};

#[derive(Template, Serialize, ToSchema)]
#[template(path = "image_streams/used_by.html")]
pub(super) struct UsedByPage {
    #[serde(skip)]
    chrome: Chrome,
    #[serde(flatten)]
    view: UsageView,
    #[serde(skip)]
    reference: Option<ImageReference>,
    /// Of the page of a whole image stream.
    #[serde(skip)]
    facts: Option<StreamFacts>,
    #[serde(skip)]
    actions: StreamActions,
}

impl UsedByPage {
    fn project(&self) -> &ProjectName {
        self.view.target.project()
    }

    fn stream(&self) -> &ImageStreamName {
        self.view.target.stream()
    }

    fn header(&self) -> PageHeader {
        let (lang, project, stream) = (self.chrome.lang, self.project(), self.stream());
        let Some(reference) = &self.reference else {
            return stream_header(lang, project, stream, self.actions, self.facts.as_ref());
        };
        let image = format!("{stream}{}", reference.short());
        PageHeader::new(lang.msg("used-by-title").arg("image", image))
            .below_image(lang, project, stream, reference)
            .with_current(lang.msg("used-by"))
    }

    /// The tabs of the image stream, of which this page is one unless it is about one image.
    fn tabs(&self) -> Option<Tabs> {
        let (project, stream) = (self.project(), self.stream());
        self.reference
            .is_none()
            .then(|| Tabs::for_stream(self.chrome.lang, project, stream, StreamTab::UsedBy))
    }

    /// How many workloads of how many projects use it.
    fn figures(&self) -> Message {
        let (lang, view) = (self.chrome.lang, &self.view);
        let workloads = lang
            .msg("used-by-workloads")
            .arg("count", self.count(&view.projects) + view.more_workloads);
        let using = view.projects.iter();
        let using = using.filter(|uses| self.using_count(uses) > 0);
        let projects = lang.msg("used-by-projects").arg("count", using.count());
        lang.msg("used-by-figures")
            .arg("workloads", workloads.to_string())
            .arg("projects", projects.to_string())
    }

    /// The heading of the tags that track it.
    fn tracking_title(&self) -> Message {
        let lang = self.chrome.lang;
        match self.reference {
            None => lang.msg("tracking-tags-of-stream"),
            Some(ImageReference::Tag(_)) => lang.msg("tracking-tags-of-tag"),
            Some(ImageReference::Digest(_)) => lang.msg("tracking-tags-of-image"),
        }
    }

    /// Where was searched, for a page without any workload.
    fn searched(&self) -> Message {
        let lang = self.chrome.lang;
        let scope = &self.view.scope;
        if !scope.is_complete() {
            lang.msg("usage-incomplete")
        } else if scope.whole_cluster {
            lang.msg("usage-searched-cluster")
        } else {
            lang.msg("usage-searched").arg("count", scope.searched)
        }
    }

    /// How many workloads of one project use the image.
    fn using_count(&self, uses: &ProjectUses) -> usize {
        self.count(std::slice::from_ref(uses))
    }

    /// How many workloads of `projects` use the image. Those that only make it do not.
    #[expect(clippy::unused_self, reason = "templates reach it through the page")]
    fn count(&self, projects: &[ProjectUses]) -> usize {
        let workloads = projects.iter().flat_map(|uses| &uses.workloads);
        workloads.filter(|used| !used.only_pushes()).count()
    }
}

pub(in crate::web) async fn show_used_by(
    caller: SignedIn,
    path: ImagePath,
    limit: RowLimit,
) -> Result<Response, WebError> {
    let ImagePath {
        project,
        stream,
        reference,
    } = path;
    let title = format!(
        "{} · {project}/{stream}{}",
        caller.context.lang.msg("used-by"),
        reference
            .as_ref()
            .map(ImageReference::short)
            .unwrap_or_default()
    );
    let console = caller.app();
    let usage = Box::pin(console.image_usage(
        usage_target(&project, &stream, reference.as_ref()),
        USAGE_PAGE_TIMEOUT,
        limit,
    ));
    let page = if reference.is_some() {
        UsedByPage {
            chrome: caller.chrome(Area::Images, title),
            view: usage.await?,
            reference,
            facts: None,
            actions: StreamActions::default(),
        }
    } else {
        let (view, facts, actions) = tokio::join!(
            usage,
            console.stream_facts(&project, &stream),
            console.stream_actions(&project)
        );
        UsedByPage {
            chrome: caller.chrome(Area::Images, title),
            view: view?,
            reference,
            facts: facts.ok(),
            actions,
        }
    };
    Ok(render(&caller.context, &page))
}

/// What the use is looked for of, on the page of an image stream or of one of its images.
pub(in crate::web::pages) fn usage_target(
    project: &ProjectName,
    stream: &ImageStreamName,
    reference: Option<&ImageReference>,
) -> UsageTarget {
    let (project, stream) = (project.clone(), stream.clone());
    match reference.cloned() {
        None => UsageTarget::Stream { project, stream },
        Some(ImageReference::Tag(tag)) => UsageTarget::Tag {
            project,
            stream,
            tag,
        },
        Some(ImageReference::Digest(digest)) => UsageTarget::Image {
            project,
            stream,
            digest,
        },
    }
}
