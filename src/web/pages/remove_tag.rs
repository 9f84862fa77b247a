//! `/images/{project}/{stream}:{tag}/delete` and `…/restore`

use askama::Template;
use axum::response::Response;
use serde::Serialize;

use super::remove_tags::sent;
use crate::app::change::{Refusal, RefusedBecause};
use crate::app::failure::Failure;
use crate::app::images::ShownReference;
use crate::app::tags::TagRemoval;
use crate::i18n::{Lang, Message};
use crate::web::context::SignedIn;
use crate::web::errors::Refused;
use crate::web::extract::OfStream;
use crate::web::filters;
use crate::web::forms::{Done, Mistakes, Sent, Trouble};
use crate::web::links;
use crate::web::render::{Area, Chrome, page_with};
use registry_model::{ImageStreamName, ProjectName, TagName, TagSpec, TagTarget};

/// The longest spec of a tag, in bytes, that fits into the cookie of the button that puts it back.
const LONGEST_SPEC: usize = 1_200;

#[derive(Template, Serialize)]
#[template(path = "remove-tag.html")]
struct RemoveTagPage {
    #[serde(skip)]
    chrome: Chrome,
    #[serde(flatten)]
    view: TagRemoval,
    trouble: Option<Trouble>,
}

impl RemoveTagPage {
    /// What the form says of the tag, so that one that has moved on since is left alone.
    fn shown(&self) -> String {
        sent::shown(&self.view.tag, self.view.image.as_ref())
    }

    /// As many of the tags that stay as fit into a line.
    fn other_tags(&self) -> impl Iterator<Item = &TagName> {
        self.view.same_image.iter().take(8)
    }
}

/// Says what goes and what stays.
pub(super) async fn ask(
    who: &SignedIn,
    project: &ProjectName,
    stream: &ImageStreamName,
    tag: &TagName,
) -> Result<Response, Refused> {
    show(who, project, stream, tag, None).await
}

pub(super) async fn remove(
    who: &SignedIn,
    project: &ProjectName,
    stream: &ImageStreamName,
    tag: &TagName,
    sent: &Sent,
) -> Result<Response, Refused> {
    let lang = who.context.lang;
    // What the tag points at is known only before: it is what the way back needs.
    let before = who.console().tag_removal(project, stream, tag).await;
    match who
        .console()
        .remove_tag(project, stream, &sent::one(sent, tag))
        .await
    {
        Ok(()) => {
            let done = Done::new(
                lang.msg("tag-removed")
                    .arg("tag", tag)
                    .arg("stream", format!("{project}/{stream}")),
            );
            let spec = before
                .ok()
                .filter(|before| before.restorable)
                .and_then(|before| before.spec?.to_text(LONGEST_SPEC));
            let done = match spec {
                Some(spec) => done.undo(
                    links::restore_tag(project, stream, tag),
                    lang.msg("undo"),
                    &[("spec", &spec)],
                ),
                None => done,
            };
            Ok(who.done(done, &links::stream(project, stream)))
        }
        Err(failed) => show(who, project, stream, tag, Some(failed.refusal()?)).await,
    }
}

/// Puts a removed tag back; of a whole stream, those that were removed together.
pub(in crate::web) async fn restore(
    who: SignedIn,
    of: OfStream,
    sent: Sent,
) -> Result<Response, Refused> {
    let Some(ShownReference::Tag(tag)) = &of.reference else {
        return super::remove_tags::restore(&who, of, &sent).await;
    };
    let (project, stream) = (&of.project, &of.stream);
    let lang = who.context.lang;
    let spec = TagSpec::from_text(sent.text("spec")).ok_or(Failure::Invalid("no spec of a tag"))?;
    let done = match who.console().restore_tag(project, stream, tag, &spec).await {
        Ok(()) => Done::new(restored(tag, &spec, lang)),
        Err(failed) => Done {
            unfinished: true,
            ..Done::new(not_restored(tag, failed.refusal()?, lang))
        },
    };
    Ok(who.done(done, &links::stream(project, stream)))
}

/// What was put back, and how it differs from the tag that was removed.
fn restored(tag: &TagName, spec: &TagSpec, lang: Lang) -> String {
    let set_to = match &spec.from {
        TagTarget::Image(_, _, digest) => {
            lang.msg("tag-restored-image").arg("digest", digest.short())
        }
        TagTarget::Tag(project, stream, tag) => lang
            .msg("tag-restored-source")
            .arg("source", format!("{project}/{stream}:{tag}")),
        TagTarget::External(name) => lang.msg("tag-restored-source").arg("source", name.clone()),
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

fn not_restored(tag: &TagName, refusal: Refusal, lang: Lang) -> Message {
    if refusal.why == RefusedBecause::Exists {
        return lang.msg("tag-not-restored-exists").arg("tag", tag);
    }
    if refusal.why == RefusedBecause::Invalid {
        return lang
            .msg("tag-not-restored")
            .arg("tag", tag)
            .arg("said", lang.msg("tag-image-gone").to_string());
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

async fn show(
    who: &SignedIn,
    project: &ProjectName,
    stream: &ImageStreamName,
    tag: &TagName,
    refusal: Option<Refusal>,
) -> Result<Response, Refused> {
    let view = who.console().tag_removal(project, stream, tag).await?;
    let trouble = refusal.map(|refusal| Trouble::of_action(refusal, who.context.lang));
    let status = Mistakes::default().status(trouble.as_ref());
    let title = who.context.lang.msg("remove-tag").to_string();
    Ok(page_with(
        status,
        &who.context,
        &RemoveTagPage {
            chrome: who.chrome(Area::Images, title),
            view,
            trouble,
        },
    ))
}
