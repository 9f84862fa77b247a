//! `/images/{project}/{stream}:{tag}/roll-back`

use askama::Template;
use axum::extract::RawQuery;
use axum::response::Response;
use serde::Serialize;

use crate::app::change::{Refusal, RefusalReason};
use crate::app::failure::{Failure, PageSubject};
use crate::app::images::ImageReference;
use crate::app::tags::{DifferingProperty, RollBackPreview, SeenTag, SetTagOutcome, TagPath};
use crate::i18n::Message;
use crate::web::context::SignedIn;
use crate::web::errors::WebError;
use crate::web::extractors::ImagePath;
use crate::web::filters;
use crate::web::forms::{FieldErrors, Flash, FormData, SubmitError};
use crate::web::links;
use crate::web::render::{Area, Chrome, render_with_status};
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

    /// Whether the tag is pushed to, or stays where it is: nothing is lost but its place.
    fn has_no_source(&self) -> bool {
        !matches!(
            self.view.now.source,
            TagSource::External(_) | TagSource::StreamTag(_)
        )
    }

    /// As a person reads it: sizes in their units.
    fn display_value(&self, part: DifferingProperty, value: &str) -> String {
        match (part, value.parse()) {
            (DifferingProperty::Size, Ok(bytes)) => self.chrome.lang.format_size(ByteSize(bytes)),
            _ => value.to_owned(),
        }
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
    render_confirmation(
        &caller,
        tag_path(path)?,
        to.ok_or(Failure::NotFound(PageSubject::Image))?,
        None,
    )
    .await
}

pub(in crate::web) async fn roll_back(
    caller: SignedIn,
    path: ImagePath,
    form: FormData,
) -> Result<Response, WebError> {
    let lang = caller.context.lang;
    let path = tag_path(path)?;
    let to: Digest = form
        .text("to")
        .parse()
        .map_err(|_| Failure::Invalid("no digest"))?;
    let seen: Option<Digest> = form.text("seen").parse().ok();
    let refusal = match caller
        .app()
        .roll_back_tag(&path, &to, &SeenTag::Tag(seen.clone()))
        .await
    {
        Ok(SetTagOutcome::Done | SetTagOutcome::Unchanged) => {
            let done = Flash::new(
                lang.msg("tag-rolled-back")
                    .arg("tag", path.to_string())
                    .arg("digest", to.short()),
            );
            let done = match seen {
                Some(before) => done.with_undo(
                    links::roll_back(&path.project, &path.stream, &path.tag),
                    lang.msg("undo"),
                    &[("to", &before.to_string()), ("seen", &to.to_string())],
                ),
                None => done,
            };
            return Ok(
                caller.redirect_with_flash(done, &links::stream(&path.project, &path.stream))
            );
        }
        Ok(SetTagOutcome::Conflict(_)) => Refusal::from_reason(RefusalReason::Stale),
        Err(failed) => failed.into_refusal()?,
    };
    render_confirmation(&caller, path, to, Some(refusal)).await
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

async fn render_confirmation(
    caller: &SignedIn,
    path: TagPath,
    to: Digest,
    refusal: Option<Refusal>,
) -> Result<Response, WebError> {
    let view = caller.app().roll_back_preview(path, to).await?;
    let submit_error = refusal
        .map(|refusal| SubmitError::from_change_error_without_fields(refusal, caller.context.lang));
    let status = FieldErrors::default().status(submit_error.as_ref());
    let title = caller.context.lang.msg("roll-back").to_string();
    Ok(render_with_status(
        status,
        &caller.context,
        &RollBackPage {
            chrome: caller.chrome(Area::Images, title),
            view,
            submit_error,
        },
    ))
}
