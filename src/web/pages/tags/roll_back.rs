//! `/images/{project}/{stream}:{tag}/roll-back`: points a tag to an image of its history.

use askama::Template;
use axum::extract::RawQuery;
use axum::response::Response;
use serde::Serialize;

use crate::app::change::{Refusal, RefusalReason};
use crate::app::failure::{Failure, PageSubject};
use crate::app::images::ImageReference;
use crate::app::tags::{DifferingProperty, RollBackPreview, SeenTag, SetTagOutcome, TagPath};
use crate::i18n::{Lang, Message};
use crate::web::context::SignedIn;
use crate::web::errors::WebError;
use crate::web::extractors::ImagePath;
use crate::web::filters;
use crate::web::forms::{ConfirmationPage, Flash, FormData, SubmitError};
use crate::web::links;
use crate::web::render::{Area, Chrome};
use registry_model::{ByteSize, Digest, TagSource};

#[derive(Template, Serialize)]
#[template(path = "tags/roll_back.html")]
struct RollBackPage {
    #[serde(skip)]
    chrome: Chrome,
    #[serde(flatten)]
    view: RollBackPreview,
    #[serde(rename = "trouble")]
    submit_error: Option<SubmitError>,
}

impl RollBackPage {
    fn part_title(&self, part: DifferingProperty) -> Message {
        let lang = self.chrome.lang;
        match part {
            DifferingProperty::Built => lang.msg("differs-built"),
            DifferingProperty::Size => lang.msg("size"),
            DifferingProperty::OwnLayers => lang.msg("differs-layers"),
            DifferingProperty::Architecture => lang.msg("architecture"),
            DifferingProperty::Command => lang.msg("differs-command"),
            DifferingProperty::User => lang.msg("differs-user"),
            DifferingProperty::Directory => lang.msg("differs-directory"),
            DifferingProperty::Ports => lang.msg("differs-ports"),
            DifferingProperty::Variable => lang.msg("differs-variable"),
            DifferingProperty::Label => lang.msg("differs-label"),
        }
    }

    /// Whether the tag has no source, so that a rollback only moves it.
    fn has_no_source(&self) -> bool {
        !matches!(
            self.view.now.source,
            TagSource::External(_) | TagSource::StreamTag(_)
        )
    }

    /// The value for display: sizes with their units.
    fn display_value(&self, part: DifferingProperty, value: &str) -> String {
        match (part, value.parse()) {
            (DifferingProperty::Size, Ok(bytes)) => self.chrome.lang.format_size(ByteSize(bytes)),
            _ => value.to_owned(),
        }
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
        let title = caller.context.lang.msg("roll-back").to_string();
        let (path, to) = (path.clone(), to.clone());
        Ok(Self {
            view: caller.app().roll_back_preview(path, to).await?,
            chrome: caller.chrome(Area::Images, title),
            submit_error,
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
