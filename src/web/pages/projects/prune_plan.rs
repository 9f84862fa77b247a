//! `/projects/{project}/space/plan` and `/space/plan`: what pruning would remove from a project, or from
//! everything that the user sees, and how to prune. The page of an image stream is the same.

use askama::Template;
use axum::extract::RawQuery;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use super::ProjectFrame;
use crate::app::image_streams::StreamFacts;
use crate::app::section::Section;
use crate::app::space::{
    KeptBy, PlanRow, PlannedImages, PlannedUse, PrunePlanView, PruneQuery, SpaceQuery,
    parse_prune_age, prune_age,
};
use crate::i18n::{Lang, Message};
use crate::web::context::{ResponseFormat, SignedIn};
use crate::web::errors::WebError;
use crate::web::extractors::ProjectPath;
use crate::web::filters;
use crate::web::forms::{FieldErrors, FormData, FormField};
use crate::web::links;
use crate::web::page_header::PageHeader;
use crate::web::pages::image_streams::list::StateLink;
use crate::web::render::{Area, Chrome, render};
use crate::web::tabs::{PageFrame, ProjectTab, Tabs};
use registry_model::ProjectName;
use registry_model::prune::InvalidReferences;

/// More revisions than the API server keeps by default (`openshift.io/image-tags`).
pub(in crate::web) const MAX_REVISIONS: u32 = 1_000;

const REVISIONS: &str = "keep-tag-revisions";
const AGE: &str = "keep-younger-than";

#[derive(Template, Serialize, ToSchema)]
#[template(path = "projects/prune_plan.html")]
pub(super) struct PrunePlanPage {
    #[serde(skip)]
    chrome: Chrome,
    #[serde(flatten)]
    view: PrunePlanView,
    #[serde(skip)]
    frame: PlanFrame,
    #[serde(skip)]
    revisions: FormField,
    #[serde(skip)]
    age: FormField,
    #[serde(rename = "mistakes")]
    field_errors: FieldErrors,
}

/// What is above a plan: the header and the tabs of what it is about.
pub(in crate::web::pages) enum PlanFrame {
    Project(ProjectFrame),
    Stream(PageFrame, Option<StreamFacts>),
    /// Of a plan about everything.
    All(PageHeader),
}

impl PlanFrame {
    /// The same with the plan below the page about space in the breadcrumb.
    fn below_space(self, lang: Lang, view: &PrunePlanView) -> Self {
        let (space, plan) = (lang.msg("space"), lang.msg("prune-plan"));
        match (self, &view.project, &view.stream) {
            (Self::Project(mut frame), Some(project), _) => {
                frame.header = frame
                    .header
                    .below(links::project(project), project)
                    .below(links::project_space(project, SpaceQuery::default()), space)
                    .with_current(plan);
                Self::Project(frame)
            }
            (Self::Stream(mut frame, facts), Some(project), Some(stream)) => {
                frame.header = frame
                    .header
                    .below(links::stream(project, stream), stream)
                    .below(links::stream_space(project, stream), space)
                    .with_current(plan);
                Self::Stream(frame, facts)
            }
            (frame, _, _) => frame,
        }
    }

    fn tabs(&self) -> Option<&Tabs> {
        match self {
            Self::Project(frame) => Some(&frame.tabs),
            Self::Stream(frame, _) => Some(&frame.tabs),
            Self::All(_) => None,
        }
    }
}

/// The form with the parameters of a plan, as it was sent.
pub(in crate::web::pages) struct PlanForm {
    query: PruneQuery,
    revisions: FormField,
    age: FormField,
    errors: FieldErrors,
}

/// A cell of the table of savings.
struct SavingsLink {
    href: String,
    /// Whether these are the parameters of the page.
    is_current: bool,
}

impl PrunePlanPage {
    /// The links to all images, to those that would be removed, and to those that stay.
    fn states(&self) -> Vec<StateLink> {
        let (lang, view) = (self.chrome.lang, &self.view);
        let all = view.removed_images + view.kept_images;
        PlannedImages::CHOICES
            .into_iter()
            .map(|images| {
                let (text, count) = match images {
                    PlannedImages::All | PlannedImages::RemovedIfAny => {
                        (lang.msg("state-all"), all)
                    }
                    PlannedImages::Removed => {
                        (lang.msg("prune-would-be-removed"), view.removed_images)
                    }
                    PlannedImages::Kept => (lang.msg("prune-kept"), view.kept_images),
                };
                let query = PruneQuery {
                    images,
                    ..view.query
                };
                StateLink {
                    href: self.plan_link(query),
                    text: text.to_string(),
                    meaning: String::new(),
                    count: Some(count),
                    is_current: view.query.images == images,
                }
            })
            .collect()
    }

    /// The plan with other parameters.
    fn savings_link(&self, revisions: &u32, age: &str) -> SavingsLink {
        let query = PruneQuery {
            keep_tag_revisions: *revisions,
            keep_younger_than: parse_prune_age(age).unwrap_or_default(),
            ..self.usual_query()
        };
        SavingsLink {
            href: self.plan_link(query),
            is_current: self.usual_query() == query,
        }
    }

    /// The parameters of the plan with the images that a plan lists first.
    fn usual_query(&self) -> PruneQuery {
        PruneQuery {
            images: PlannedImages::default(),
            ..self.view.query
        }
    }

    /// Whether there is nothing to prune because nothing was pushed, as far as all images are known.
    fn is_empty(&self) -> bool {
        let view = &self.view;
        let scope = &view.scope;
        let is_known = scope.unread_images == 0 && scope.missing.is_none() && scope.malformed == 0;
        let are_all_read = view
            .projects
            .is_none_or(|projects| projects.all == Some(projects.read));
        view.removed_images + view.kept_images == 0 && is_known && are_all_read
    }

    /// Whether all images of the list have the same result, which then is not repeated in each row.
    fn has_one_result(&self) -> bool {
        self.view.query.images == PlannedImages::Removed
    }

    /// The workload that keeps an image.
    #[expect(clippy::unused_self, reason = "templates reach it through the page")]
    fn used_by<'v>(&self, row: &'v PlanRow) -> Option<&'v PlannedUse> {
        match row.kept_by.as_ref()? {
            KeptBy::UsedTag { used_by, .. } | KeptBy::UsedImage { used_by } => Some(used_by),
            _ => None,
        }
    }

    /// Whether workloads may use images without the plan knowing it.
    fn may_miss_uses(&self) -> bool {
        let scope = self.view.workloads.ready();
        scope.is_none_or(|scope| !scope.is_complete())
    }

    /// The same plan with other parameters.
    fn plan_link(&self, query: PruneQuery) -> String {
        let view = &self.view;
        match (&view.project, &view.stream) {
            (Some(project), Some(stream)) => links::stream_prune_plan(project, stream, query),
            (project, _) => links::prune_plan(project.as_ref(), query),
        }
    }

    fn form_path(&self) -> String {
        links::prune_plan_form(self.view.project.as_ref(), self.view.stream.as_ref())
    }

    /// With the same parameters.
    fn project_plan_link(&self) -> String {
        links::prune_plan(self.view.project.as_ref(), self.usual_query())
    }

    /// Whether the plan is about that project only, so that it need not be named.
    fn is_own(&self, project: &ProjectName) -> bool {
        self.view.project.as_ref() == Some(project)
    }

    /// What the commands do where a workload names an image by a reference that is not valid.
    fn invalid_references_text(&self) -> Message {
        let lang = self.chrome.lang;
        match self.view.pruner.invalid_references {
            InvalidReferences::Skipped => lang.msg("prune-invalid-skipped"),
            InvalidReferences::Stop => lang.msg("prune-invalid-stop"),
            InvalidReferences::StopUnlessIgnored => lang.msg("prune-invalid-ignorable"),
        }
    }
}

impl PlanForm {
    /// What is not valid is the default. The page lists the images that would be removed unless the
    /// query says otherwise, its JSON form all images.
    pub(in crate::web::pages) fn parse(caller: &SignedIn, query: Option<&str>) -> Self {
        let form = FormData::parse(query.unwrap_or_default().as_bytes());
        let (mut query, [revisions, age], errors) = parse_query(caller.context.lang, &form);
        if caller.context.format == ResponseFormat::Json
            && query.images == PlannedImages::RemovedIfAny
        {
            query.images = PlannedImages::All;
        }
        Self {
            query,
            revisions,
            age,
            errors,
        }
    }

    pub(in crate::web::pages) fn query(&self) -> PruneQuery {
        self.query
    }
}

/// The query of the form, its fields, and what is wrong with them. What is not valid is the default.
fn parse_query(lang: Lang, form: &FormData) -> (PruneQuery, [FormField; 2], FieldErrors) {
    let usual = PruneQuery::default();
    let (typed_revisions, typed_age) = (form.text(REVISIONS), form.text(AGE));
    let revisions = typed_revisions
        .parse()
        .ok()
        .filter(|number| *number <= MAX_REVISIONS);
    let age = parse_prune_age(typed_age);
    let mut errors = FieldErrors::default();
    if revisions.is_none() && !typed_revisions.is_empty() {
        let text = lang.msg("prune-revisions-invalid");
        let text = text
            .arg("most", MAX_REVISIONS)
            .arg("used", usual.keep_tag_revisions);
        errors.add(REVISIONS, text.to_string());
    }
    if age.is_none() && !typed_age.is_empty() {
        let text = lang.msg("prune-age-invalid");
        let text = text.arg("used", prune_age(usual.keep_younger_than));
        errors.add(AGE, text.to_string());
    }
    let query = PruneQuery {
        keep_tag_revisions: revisions.unwrap_or(usual.keep_tag_revisions),
        keep_younger_than: age.unwrap_or(usual.keep_younger_than),
        images: PlannedImages::CHOICES
            .into_iter()
            .find(|images| images.as_str() == Some(form.text("state")))
            .unwrap_or_default(),
    };
    let shown = |typed: &str, used: String| {
        if typed.is_empty() {
            used
        } else {
            typed.chars().take(40).collect()
        }
    };
    let fields = [
        FormField::new(
            REVISIONS,
            lang.msg("prune-revisions"),
            shown(typed_revisions, query.keep_tag_revisions.to_string()),
            &errors,
        )
        .with_hint(lang.msg("prune-revisions-hint")),
        FormField::new(
            AGE,
            lang.msg("prune-age"),
            shown(typed_age, prune_age(query.keep_younger_than)),
            &errors,
        )
        .with_hint(lang.msg("prune-age-hint")),
    ];
    (query, fields, errors)
}

pub(in crate::web) async fn show_prune_plan(
    caller: SignedIn,
    ProjectPath(name): ProjectPath,
    RawQuery(query): RawQuery,
) -> Result<Response, WebError> {
    let form = PlanForm::parse(&caller, query.as_deref());
    let console = caller.app();
    let (view, frame) = tokio::join!(
        Box::pin(console.prune_plan(Some(&name), None, form.query())),
        ProjectFrame::load(&caller, &name, ProjectTab::Space)
    );
    Ok(render_plan(&caller, view?, form, PlanFrame::Project(frame)))
}

pub(in crate::web) async fn show_whole_prune_plan(
    caller: SignedIn,
    RawQuery(query): RawQuery,
) -> Result<Response, WebError> {
    let lang = caller.context.lang;
    let form = PlanForm::parse(&caller, query.as_deref());
    let view = Box::pin(caller.app().prune_plan(None, None, form.query())).await?;
    let header = PageHeader::new(lang.msg("prune-plan"))
        .below(links::HOME, lang.msg("home"))
        .below(links::SPACE, lang.msg("space"));
    Ok(render_plan(&caller, view, form, PlanFrame::All(header)))
}

/// The page of a plan.
pub(in crate::web::pages) fn render_plan(
    caller: &SignedIn,
    view: PrunePlanView,
    form: PlanForm,
    frame: PlanFrame,
) -> Response {
    let lang = caller.context.lang;
    let plan = lang.msg("prune-plan");
    let (title, area) = match (&view.project, &view.stream) {
        (Some(project), Some(stream)) => (format!("{plan} · {project}/{stream}"), Area::Images),
        (Some(project), None) => (format!("{plan} · {project}"), Area::Projects),
        (None, _) => (plan.to_string(), Area::Home),
    };
    render(
        &caller.context,
        &PrunePlanPage {
            chrome: caller.chrome(area, title),
            frame: frame.below_space(lang, &view),
            view,
            revisions: form.revisions,
            age: form.age,
            field_errors: form.errors,
        },
    )
}
