//! `/images/{project}/{stream}:{tag}/delete` and `…/restore`

use askama::Template;
use axum::response::Response;
use serde::Serialize;

use crate::app::change::{Refusal, RefusalReason};
use crate::app::failure::Failure;
use crate::app::images::ImageReference;
use crate::app::tags::TagRemoval;
use crate::i18n::{Lang, Message};
use crate::web::context::SignedIn;
use crate::web::errors::WebError;
use crate::web::extractors::ImagePath;
use crate::web::filters;
use crate::web::forms::{FieldErrors, Flash, FormData, SubmitError};
use crate::web::links;
use crate::web::pages::tags::remove_many::form_values;
use crate::web::render::{Area, Chrome, render_with_status};
use registry_model::{ImageStreamName, ProjectName, TagName, TagSpec, TagSpecSource};

/// The longest spec of a tag, in bytes, that fits into the cookie of the button that puts it back.
const MAX_SPEC_BYTES: usize = 1_200;

#[derive(Template, Serialize)]
#[template(path = "tags/remove.html")]
struct RemoveTagPage {
    #[serde(skip)]
    chrome: Chrome,
    #[serde(flatten)]
    view: TagRemoval,
    #[serde(rename = "trouble")]
    submit_error: Option<SubmitError>,
}

impl RemoveTagPage {
    /// What the form says of the tag, so that one that has moved on since is left alone.
    fn form_value(&self) -> String {
        form_values::format_seen_tag(&self.view.tag, self.view.image.as_ref())
    }

    /// As many of the tags that stay as fit into a line.
    fn other_tags(&self) -> impl Iterator<Item = &TagName> {
        self.view.same_image.iter().take(8)
    }
}

/// Says what goes and what stays.
pub(in crate::web) async fn confirm_remove_tag(
    caller: &SignedIn,
    project: &ProjectName,
    stream: &ImageStreamName,
    tag: &TagName,
) -> Result<Response, WebError> {
    render_confirmation(caller, project, stream, tag, None).await
}

pub(in crate::web) async fn remove_tag(
    caller: &SignedIn,
    project: &ProjectName,
    stream: &ImageStreamName,
    tag: &TagName,
    form: &FormData,
) -> Result<Response, WebError> {
    let lang = caller.context.lang;
    // What the tag points at is known only before: it is what the way back needs.
    let before = caller.app().tag_removal(project, stream, tag).await;
    match caller
        .app()
        .remove_tag(project, stream, &form_values::parse_one_seen_tag(form, tag))
        .await
    {
        Ok(()) => {
            let done = Flash::new(
                lang.msg("tag-removed")
                    .arg("tag", tag)
                    .arg("stream", format!("{project}/{stream}")),
            );
            let spec = before
                .ok()
                .filter(|before| before.restorable)
                .and_then(|before| before.spec?.to_text(MAX_SPEC_BYTES));
            let done = match spec {
                Some(spec) => done.with_undo(
                    links::restore_tag(project, stream, tag),
                    lang.msg("undo"),
                    &[("spec", &spec)],
                ),
                None => done,
            };
            Ok(caller.redirect_with_flash(done, &links::stream(project, stream)))
        }
        Err(failed) => {
            render_confirmation(caller, project, stream, tag, Some(failed.into_refusal()?)).await
        }
    }
}

/// Puts a removed tag back; of a whole stream, those that were removed together.
pub(in crate::web) async fn restore_tags(
    caller: SignedIn,
    path: ImagePath,
    form: FormData,
) -> Result<Response, WebError> {
    let Some(ImageReference::Tag(tag)) = &path.reference else {
        return crate::web::pages::tags::remove_many::restore_many(&caller, path, &form).await;
    };
    let (project, stream) = (&path.project, &path.stream);
    let lang = caller.context.lang;
    let spec = TagSpec::from_text(form.text("spec")).ok_or(Failure::Invalid("no spec of a tag"))?;
    let done = match caller.app().restore_tag(project, stream, tag, &spec).await {
        Ok(()) => Flash::new(restored_text(tag, &spec, lang)),
        Err(failed) => Flash {
            unfinished: true,
            ..Flash::new(not_restored_message(tag, failed.into_refusal()?, lang))
        },
    };
    Ok(caller.redirect_with_flash(done, &links::stream(project, stream)))
}

/// What was put back, and how it differs from the tag that was removed.
fn restored_text(tag: &TagName, spec: &TagSpec, lang: Lang) -> String {
    let set_to = match &spec.from {
        TagSpecSource::Image(_, _, digest) => {
            lang.msg("tag-restored-image").arg("digest", digest.short())
        }
        TagSpecSource::Tag(project, stream, tag) => lang
            .msg("tag-restored-source")
            .arg("source", format!("{project}/{stream}:{tag}")),
        TagSpecSource::External(name) => {
            lang.msg("tag-restored-source").arg("source", name.clone())
        }
    };
    let mut said = vec![
        lang.msg("tag-restored").arg("tag", tag).to_string(),
        set_to.to_string(),
    ];
    if spec.without_annotations {
        said.push(lang.msg("tag-restored-without-annotations").to_string());
    }
    said.join(" ")
}

fn not_restored_message(tag: &TagName, refusal: Refusal, lang: Lang) -> Message {
    if refusal.why == RefusalReason::Exists {
        return lang.msg("tag-not-restored-exists").arg("tag", tag);
    }
    if refusal.why == RefusalReason::Invalid {
        return lang
            .msg("tag-not-restored")
            .arg("tag", tag)
            .arg("said", lang.msg("tag-image-missing").to_string());
    }
    let said = if refusal.detail.is_empty() {
        lang.msg("refused-uncertain").to_string()
    } else {
        refusal.detail
    };
    lang.msg("tag-not-restored")
        .arg("tag", tag)
        .arg("said", said)
}

async fn render_confirmation(
    caller: &SignedIn,
    project: &ProjectName,
    stream: &ImageStreamName,
    tag: &TagName,
    refusal: Option<Refusal>,
) -> Result<Response, WebError> {
    let view = caller.app().tag_removal(project, stream, tag).await?;
    let submit_error = refusal
        .map(|refusal| SubmitError::from_change_error_without_fields(refusal, caller.context.lang));
    let status = FieldErrors::default().status(submit_error.as_ref());
    let title = caller.context.lang.msg("remove-tag").to_string();
    Ok(render_with_status(
        status,
        &caller.context,
        &RemoveTagPage {
            chrome: caller.chrome(Area::Images, title),
            view,
            submit_error,
        },
    ))
}
