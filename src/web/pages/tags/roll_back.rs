//! `/images/{project}/{stream}:{tag}/roll-back`: points a tag to an image of its history.

use askama::Template;
use axum::extract::RawQuery;
use axum::response::Response;
use serde::Serialize;

use crate::app::change::{Refusal, RefusalReason};
use crate::app::compare::{LayerOwner, Outcome, Side, TagOfImage};
use crate::app::failure::{Failure, PageSubject};
use crate::app::images::{ContentKind, ImageReference};
use crate::app::section::Section;
use crate::app::tags::{RollBackPreview, SeenTag, SetTagOutcome, TagPath};
use crate::app::usage::TagChange;
use crate::i18n::{Lang, Message};
use crate::web::comparison::ComparisonLabels;
use crate::web::context::SignedIn;
use crate::web::errors::WebError;
use crate::web::extractors::ImagePath;
use crate::web::filters;
use crate::web::forms::{ConfirmationPage, Flash, FormData, SubmitError};
use crate::web::links;
use crate::web::page_header::PageHeader;
use crate::web::render::{Area, Chrome};
use crate::web::usage::{ImpactSection, load_impact};
use registry_model::{Digest, TagSource};

#[derive(Template, Serialize)]
#[template(path = "tags/roll_back.html")]
struct RollBackPage {
    #[serde(skip)]
    chrome: Chrome,
    #[serde(flatten)]
    view: RollBackPreview,
    #[serde(rename = "trouble")]
    submit_error: Option<SubmitError>,
    impact: ImpactSection,
}

impl RollBackPage {
    fn header(&self) -> PageHeader {
        let (lang, path) = (self.chrome.lang, &self.view.path);
        let reference = ImageReference::Tag(path.tag.clone());
        PageHeader::new(roll_back_title(
            lang,
            format!("{}:{}", path.stream, path.tag),
        ))
        .below_image(lang, &path.project, &path.stream, &reference)
        .with_current(lang.msg("roll-back"))
    }

    /// The names of the two images, and what to link to.
    fn labels(&self) -> Option<ComparisonLabels> {
        let (lang, path) = (self.chrome.lang, &self.view.path);
        let labels = ComparisonLabels::new(&path.project, &path.stream, self.view.pair.as_ref()?);
        let at = |since, is_current| TagOfImage {
            tag: path.tag.clone(),
            since,
            is_current,
        };
        let (now, then) = (
            at(self.view.now.since, true),
            at(self.view.back_then, false),
        );
        let labels = labels.with_tags(lang, Some(&now), Some(&then));
        Some(labels.with_roles(lang.msg("roll-back-now"), lang.msg("roll-back-then")))
    }

    /// What the rollback does.
    fn sentence(&self) -> Message {
        let (lang, view) = (self.chrome.lang, &self.view);
        let image = match view.back_then {
            Some(then) => lang
                .msg("roll-back-image-of")
                .arg("digest", view.to.short())
                .arg("when", lang.date_time(then)),
            None => lang.msg("roll-back-image").arg("digest", view.to.short()),
        };
        lang.msg("roll-back-sentence")
            .arg("tag", view.path.tag.as_str())
            .arg("image", image.to_string())
    }

    /// Whether the tag has no source, so that a rollback only moves it.
    fn has_no_source(&self) -> bool {
        !matches!(
            self.view.now.source,
            TagSource::External(_) | TagSource::StreamTag(_)
        )
    }
}

impl ConfirmationPage for RollBackPage {
    /// The tag, and the image that it is to point to.
    type Target = (TagPath, Digest);

    async fn load(
        caller: &SignedIn,
        (path, to): &Self::Target,
        submit_error: Option<SubmitError>,
    ) -> Result<Self, WebError> {
        let title = roll_back_title(caller.context.lang, path.to_string());
        let (app, change) = (caller.app(), TagChange::Move(vec![path.tag.clone()]));
        let (view, impact) = tokio::join!(
            app.roll_back_preview(path.clone(), to.clone()),
            load_impact(caller, &path.project, &path.stream, change)
        );
        Ok(Self {
            view: view?,
            chrome: caller.chrome(Area::Images, title),
            submit_error,
            impact,
        })
    }
}

pub(in crate::web) async fn confirm_roll_back(
    caller: SignedIn,
    path: ImagePath,
    RawQuery(query): RawQuery,
) -> Result<Response, WebError> {
    let query = query.unwrap_or_default();
    let to = url::form_urlencoded::parse(query.as_bytes())
        .find(|(name, _)| name == "to")
        .and_then(|(_, to)| to.parse().ok());
    let to = to.ok_or(Failure::NotFound(PageSubject::Image))?;
    caller.confirm::<RollBackPage>(&(tag_path(path)?, to)).await
}

pub(in crate::web) async fn roll_back(
    caller: SignedIn,
    path: ImagePath,
    form: FormData,
) -> Result<Response, WebError> {
    let path = tag_path(path)?;
    let to: Digest = form
        .text("to")
        .parse()
        .map_err(|_| Failure::Invalid("no digest"))?;
    let seen: Option<Digest> = form.text("seen").parse().ok();
    let outcome = caller
        .app()
        .roll_back_tag(&path, &to, &SeenTag::Tag(seen.clone()))
        .await
        .and_then(|outcome| match outcome {
            SetTagOutcome::Done | SetTagOutcome::Unchanged => Ok(()),
            SetTagOutcome::Conflict(_) => Err(Refusal::from_reason(RefusalReason::Stale).into()),
        });
    let flash = rolled_back_flash(&path, &to, seen.as_ref(), caller.context.lang);
    let stream = links::stream(&path.project, &path.stream);
    caller
        .redirect_or_confirm::<RollBackPage>(&(path, to), outcome, flash, &stream)
        .await
}

fn roll_back_title(lang: Lang, tag: String) -> String {
    lang.msg("roll-back-of").arg("tag", tag).to_string()
}

/// The undo rolls the tag back to `seen`, the image that it pointed to.
fn rolled_back_flash(path: &TagPath, to: &Digest, seen: Option<&Digest>, lang: Lang) -> Flash {
    let flash = Flash::new(
        lang.msg("tag-rolled-back")
            .arg("tag", path.to_string())
            .arg("digest", to.short()),
    );
    match seen {
        Some(seen) => flash.with_undo(
            links::roll_back(&path.project, &path.stream, &path.tag),
            lang.msg("undo"),
            &[("to", &seen.to_string()), ("seen", &to.to_string())],
        ),
        None => flash,
    }
}

fn tag_path(path: ImagePath) -> Result<TagPath, WebError> {
    match path.reference {
        Some(ImageReference::Tag(tag)) => Ok(TagPath {
            project: path.project,
            stream: path.stream,
            tag,
        }),
        _ => Err(Failure::NotFound(PageSubject::Page).into()),
    }
}
