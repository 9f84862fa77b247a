//! `/images/{project}/{stream}:{tag}/delete` and `…/restore`: removes a tag, and undoes it.

use askama::Template;
use axum::response::Response;
use serde::Serialize;

use crate::app::failure::Failure;
use crate::app::images::ImageReference;
use crate::app::jobs::TagJobKind;
use crate::app::tags::{TagPath, TagRemoval};
use crate::app::usage::TagChange;
use crate::i18n::Lang;
use crate::web::context::SignedIn;
use crate::web::errors::WebError;
use crate::web::extractors::ImagePath;
use crate::web::filters;
use crate::web::forms::{ConfirmationPage, Flash, FormData, SubmitError};
use crate::web::links;
use crate::web::page_header::PageHeader;
use crate::web::pages::tags::remove_many::{
    form_values, render_outcome, restore_many, tag_submit_error,
};
use crate::web::render::{Area, Chrome};
use crate::web::usage::{ImpactSection, load_impact};
use registry_model::{ImageStreamName, ProjectName, TagName, TagSpec, TagSpecSource};

/// The longest tag spec, in bytes, that fits into the cookie of the flash message.
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
    impact: ImpactSection,
}

impl RemoveTagPage {
    /// The tag and its image as displayed: a tag that points to another image by now is not removed.
    fn form_value(&self) -> String {
        form_values::format_seen_tag(&self.view.tag, self.view.image.as_ref())
    }

    fn header(&self) -> PageHeader {
        let (lang, view) = (self.chrome.lang, &self.view);
        let reference = ImageReference::Tag(view.tag.clone());
        let name = format!("{}:{}", view.stream, view.tag);
        PageHeader::new(lang.msg("remove-tag-question").arg("tag", name))
            .below_image(lang, &view.project, &view.stream, &reference)
            .with_current(lang.msg("remove-tag-step"))
    }

    /// Whether an image is lost: no other tag refers to it, and the tag cannot be restored.
    fn is_irreversible(&self) -> bool {
        let loses_image = self.view.image.is_some() && !self.view.held && !self.view.restorable;
        loses_image || self.view.history_images_lost > 0
    }

    /// The first of the other tags of the image.
    fn other_tags(&self) -> impl Iterator<Item = &TagName> {
        self.view.same_image.iter().take(8)
    }
}

impl ConfirmationPage for RemoveTagPage {
    type Target = TagPath;

    async fn load(
        caller: &SignedIn,
        TagPath {
            project,
            stream,
            tag,
        }: &TagPath,
        submit_error: Option<SubmitError>,
    ) -> Result<Self, WebError> {
        let title = caller.context.lang.msg("remove-tag-title");
        let title = title
            .arg("tag", tag)
            .arg("stream", format!("{project}/{stream}"));
        let app = caller.app();
        let (view, impact) = tokio::join!(
            app.tag_removal(project, stream, tag),
            load_impact(
                caller,
                project,
                stream,
                TagChange::Remove(vec![tag.clone()])
            )
        );
        Ok(Self {
            view: view?,
            chrome: caller.chrome(Area::Images, title),
            submit_error,
            impact,
        })
    }
}

pub(in crate::web) async fn confirm_remove_tag(
    caller: &SignedIn,
    path: TagPath,
) -> Result<Response, WebError> {
    caller.confirm::<RemoveTagPage>(&path).await
}

pub(in crate::web) async fn remove_tag(
    caller: &SignedIn,
    path: TagPath,
    form: &FormData,
) -> Result<Response, WebError> {
    let lang = caller.context.lang;
    let TagPath {
        project,
        stream,
        tag,
    } = &path;
    // The undo needs the tag's spec, which can be read only before the removal.
    let before = caller.app().tag_removal(project, stream, tag).await;
    let seen = form_values::parse_one_seen_tag(form, tag);
    let outcome = caller.app().remove_tag(project, stream, &seen).await;
    let flash = Flash::new(
        lang.msg("tag-removed")
            .arg("tag", tag)
            .arg("stream", format!("{project}/{stream}")),
    );
    let cannot_be_restored = before.as_ref().is_ok_and(|before| !before.restorable);
    let spec = before
        .ok()
        .filter(|before| before.restorable)
        .and_then(|before| before.spec?.to_text(MAX_SPEC_BYTES));
    let flash = match spec {
        Some(spec) => flash.with_undo(
            links::restore_tag(project, stream, tag),
            lang.msg("undo"),
            &[("spec", &spec)],
        ),
        None if cannot_be_restored => Flash {
            details: vec![lang.msg("tag-not-restorable").to_string()],
            ..flash
        },
        None => flash,
    };
    caller
        .redirect_or_confirm::<RemoveTagPage>(
            &path,
            outcome,
            flash,
            &links::stream(project, stream),
        )
        .await
}

/// Restores a removed tag, or, without a tag in the path, the tags that were removed together.
pub(in crate::web) async fn restore_tags(
    caller: SignedIn,
    path: ImagePath,
    form: FormData,
) -> Result<Response, WebError> {
    let Some(ImageReference::Tag(tag)) = &path.reference else {
        return restore_many(&caller, path, &form).await;
    };
    let (project, stream) = (&path.project, &path.stream);
    let lang = caller.context.lang;
    let spec = TagSpec::from_text(form.text("spec")).ok_or(Failure::Invalid("no spec of a tag"))?;
    match caller.app().restore_tag(project, stream, tag, &spec).await {
        Ok(()) => {
            let flash = Flash::new(restored_text(tag, &spec, lang));
            Ok(caller.redirect_with_flash(flash, &links::stream(project, stream)))
        }
        Err(error) => {
            let kind = TagJobKind::RestoreTags;
            let error = tag_submit_error(error.into_refusal()?, kind, lang);
            let status = error.status();
            // The page of the image stream may be as unavailable as the change was.
            let flash = not_restored_flash((project, stream, tag), error, form.text("spec"), lang);
            Ok(render_outcome(
                &caller, project, stream, kind, flash, status,
            ))
        }
    }
}

/// The message about a tag that was not restored, with the form that tries it again.
fn not_restored_flash(
    (project, stream, tag): (&ProjectName, &ImageStreamName, &TagName),
    error: SubmitError,
    spec: &str,
    lang: Lang,
) -> Flash {
    let mut details = vec![error.hint];
    if !error.detail.is_empty() {
        details.push(error.detail);
    }
    let text = lang.msg("tag-not-restored").arg("tag", tag);
    let flash = Flash {
        unfinished: true,
        details,
        ..Flash::new(text.arg("said", error.title))
    };
    flash.with_undo(
        links::restore_tag(project, stream, tag),
        lang.msg("try-again"),
        &[("spec", spec)],
    )
}

/// What was restored, and how it differs from the tag that was removed.
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
    let mut text = vec![
        lang.msg("tag-restored").arg("tag", tag).to_string(),
        set_to.to_string(),
    ];
    if spec.without_annotations {
        text.push(lang.msg("tag-restored-without-annotations").to_string());
    }
    text.join(lang.sentence_separator())
}
