//! `/images/{project}/{stream}:{tag}/tag-as` and `…@{digest}/tag-as`

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;

use crate::app::change::{Refusal, RefusalReason};
use crate::app::failure::{Failure, PageSubject};
use crate::app::images::ImageReference;
use crate::app::shell_command::ShellCommand;
use crate::app::tags::{CurrentTag, SeenTag, SetTagOutcome, TagPath, TagSourceImage};
use crate::i18n::Lang;
use crate::web::context::SignedIn;
use crate::web::errors::WebError;
use crate::web::extractors::ImagePath;
use crate::web::filters;
use crate::web::forms::{FieldErrors, Flash, FormData, FormField, SubmitError};
use crate::web::links;
use crate::web::render::{Area, Chrome, render_with_status};
use registry_model::{Digest, ProjectName};

#[derive(Template, Serialize)]
#[template(path = "tags/tag_as.html")]
struct TagAsPage {
    #[serde(skip)]
    chrome: Chrome,
    #[serde(flatten)]
    view: TagSourceImage,
    /// Where the person may give it tags.
    projects: Vec<ProjectName>,
    #[serde(skip)]
    project: FormField,
    #[serde(skip)]
    stream: FormField,
    #[serde(skip)]
    tag: FormField,
    follow: bool,
    mistakes: FieldErrors,
    trouble: Option<SubmitError>,
    /// The tag is there already and would be moved: asked once more.
    taken: Option<CurrentTag>,
    oc: Option<ShellCommand>,
}

impl TagAsPage {
    /// Whether the tag could follow another one: an image by digest is nobody's.
    fn source_tag(&self) -> Option<String> {
        match &self.view.reference {
            ImageReference::Tag(tag) => Some(format!("{}:{tag}", self.view.stream)),
            ImageReference::Digest(_) => None,
        }
    }

    /// The tag that was typed, by its whole name.
    fn target_tag(&self) -> String {
        format!(
            "{}/{}:{}",
            self.project.value, self.stream.value, self.tag.value
        )
    }

    fn action(&self) -> String {
        links::tag_as(&self.view.project, &self.view.stream, &self.view.reference)
    }

    fn back(&self) -> String {
        links::image_by_reference(&self.view.project, &self.view.stream, &self.view.reference)
    }
}

/// Asks for the new name.
pub(in crate::web) async fn tag_as_form(
    who: SignedIn,
    of: ImagePath,
) -> Result<Response, WebError> {
    let subject = load_tag_subject(&who, of).await?;
    let projects = who.app().projects_allowing_tags().await?;
    // Who may not tag here is here to take the image elsewhere: only one such place needs no
    // choice.
    let project = match projects.as_slice() {
        [only] => only.to_string(),
        all if all.is_empty() || all.contains(&subject.project) => subject.project.to_string(),
        _ => String::new(),
    };
    let typed = TagAsFields {
        project,
        stream: subject.stream.to_string(),
        tag: String::new(),
        follow: false,
    };
    Ok(render_form(
        &who,
        subject,
        typed,
        TagAsMessages {
            projects,
            ..TagAsMessages::default()
        },
    ))
}

/// Gives the image the tag.
pub(in crate::web) async fn tag_image(
    who: SignedIn,
    of: ImagePath,
    sent: FormData,
) -> Result<Response, WebError> {
    let lang = who.context.lang;
    let subject = load_tag_subject(&who, of).await?;
    let typed = TagAsFields::from_form(&sent);
    let mut mistakes = FieldErrors::default();
    let Some(to) = typed.parse_path(&mut mistakes, lang) else {
        return render_form_again(
            &who,
            subject,
            typed,
            TagAsMessages {
                field_errors: mistakes,
                ..TagAsMessages::default()
            },
        )
        .await;
    };
    // OpenShift carries changes on only within a stream: a tag of another would stay where it is
    // (origin, `updateTrackingTags`).
    if typed.follow && (&to.project, &to.stream) != (&subject.project, &subject.stream) {
        mistakes.add("stream", lang.msg("tag-follow-same-stream"));
        return render_form_again(
            &who,
            subject,
            typed,
            TagAsMessages {
                field_errors: mistakes,
                ..TagAsMessages::default()
            },
        )
        .await;
    }
    // What was shown is what gets the tag: the tag that it was asked for by may have moved on
    // since.
    let shown: Option<Digest> = sent.text("image").parse().ok();
    if !typed.follow && shown.is_some_and(|shown| shown != subject.digest) {
        let trouble = SubmitError::from_change_error(
            Refusal::from_reason(RefusalReason::Stale),
            lang,
            &[],
            &mut mistakes,
        );
        return render_form_again(
            &who,
            subject,
            typed,
            TagAsMessages {
                field_errors: mistakes,
                submit_error: Some(trouble),
                ..TagAsMessages::default()
            },
        )
        .await;
    }
    match who
        .app()
        .set_tag(&subject, &to, typed.follow, &seen_tag(&sent, &to))
        .await
    {
        Ok(SetTagOutcome::Done) => Ok(who.redirect_with_flash(
            Flash::new(lang.msg("tag-pointed").arg("tag", to.to_string())),
            &links::stream(&to.project, &to.stream),
        )),
        Ok(SetTagOutcome::Unchanged) => Ok(who.redirect_with_flash(
            Flash::new(lang.msg("tag-pointed-already").arg("tag", to.to_string())),
            &links::stream(&to.project, &to.stream),
        )),
        Ok(SetTagOutcome::Conflict(now)) => {
            render_form_again(
                &who,
                subject,
                typed,
                TagAsMessages {
                    existing_tag: Some(now),
                    ..TagAsMessages::default()
                },
            )
            .await
        }
        Err(failed) => {
            let trouble = SubmitError::from_change_error(
                failed.into_refusal()?,
                lang,
                &[("metadata.name", "tag"), ("tag", "tag")],
                &mut mistakes,
            );
            render_form_again(
                &who,
                subject,
                typed,
                TagAsMessages {
                    field_errors: mistakes,
                    submit_error: Some(trouble),
                    ..TagAsMessages::default()
                },
            )
            .await
        }
    }
}

/// What the form said of the tag that is there already. Said of another tag than the one that is
/// typed now, it counts for nothing.
fn seen_tag(sent: &FormData, to: &TagPath) -> SeenTag {
    if sent.text("seen-tag") == to.to_string() {
        SeenTag::Tag(sent.text("seen").parse().ok())
    } else {
        SeenTag::NoTag
    }
}

/// What stands in the form.
struct TagAsFields {
    project: String,
    stream: String,
    tag: String,
    follow: bool,
}

impl TagAsFields {
    fn from_form(sent: &FormData) -> Self {
        let text = |name| sent.text(name).chars().take(300).collect();
        Self {
            project: text("project"),
            stream: text("stream"),
            tag: text("tag"),
            follow: sent.has("follow"),
        }
    }

    /// The same in a terminal. A tag can only follow one of its own image stream: no command does
    /// what such a form asks for.
    fn command(&self, view: &TagSourceImage) -> Option<ShellCommand> {
        if !self.follow {
            let of = format!("{}/{}@{}", view.project, view.stream, view.digest);
            let to = format!("{}/{}:{}", self.project, self.stream, self.tag);
            return Some(
                ShellCommand::new("oc tag")
                    .with_operand(of)
                    .with_operand(to),
            );
        }
        let to = self.parse_path(&mut FieldErrors::default(), Lang::default())?;
        let is_own = (&to.project, &to.stream) == (&view.project, &view.stream);
        is_own.then(|| ShellCommand::tag_alias(&view.reference, &to))
    }

    fn parse_path(&self, mistakes: &mut FieldErrors, lang: Lang) -> Option<TagPath> {
        let (project, stream, tag) = (self.project.parse(), self.stream.parse(), self.tag.parse());
        if project.is_err() {
            mistakes.add("project", lang.msg("project-name-rule"));
        }
        if stream.is_err() {
            mistakes.add("stream", lang.msg("stream-name-rule"));
        }
        if tag.is_err() {
            mistakes.add("tag", lang.msg("tag-name-rule"));
        }
        Some(TagPath {
            project: project.ok()?,
            stream: stream.ok()?,
            tag: tag.ok()?,
        })
    }
}

async fn load_tag_subject(who: &SignedIn, of: ImagePath) -> Result<TagSourceImage, WebError> {
    let reference = of.reference.ok_or(Failure::NotFound(PageSubject::Page))?;
    Ok(who
        .app()
        .tag_source_image(&of.project, &of.stream, reference)
        .await?)
}

/// What the form says besides its fields.
#[derive(Default)]
struct TagAsMessages {
    projects: Vec<ProjectName>,
    field_errors: FieldErrors,
    submit_error: Option<SubmitError>,
    existing_tag: Option<CurrentTag>,
}

/// The form once more, with what was typed.
async fn render_form_again(
    who: &SignedIn,
    view: TagSourceImage,
    typed: TagAsFields,
    said: TagAsMessages,
) -> Result<Response, WebError> {
    let projects = who.app().projects_allowing_tags().await?;
    Ok(render_form(
        who,
        view,
        typed,
        TagAsMessages { projects, ..said },
    ))
}

fn render_form(
    who: &SignedIn,
    view: TagSourceImage,
    typed: TagAsFields,
    said: TagAsMessages,
) -> Response {
    let lang = who.context.lang;
    let TagAsMessages {
        projects,
        field_errors: mistakes,
        submit_error: trouble,
        existing_tag: taken,
    } = said;
    let asked_again = trouble.is_none() && taken.is_some();
    let status = if asked_again {
        StatusCode::CONFLICT
    } else {
        mistakes.status(trouble.as_ref())
    };
    let oc = Some(&typed)
        .filter(|typed| !typed.tag.is_empty())
        .and_then(|typed| typed.command(&view));
    let page = TagAsPage {
        chrome: who.chrome(Area::Images, lang.msg("tag-as").to_string()),
        project: FormField::new("project", lang.msg("project"), typed.project, &mistakes)
            .with_required(),
        stream: FormField::new("stream", lang.msg("image-stream"), typed.stream, &mistakes)
            .with_hint(lang.msg("tag-as-stream-hint"))
            .with_required(),
        tag: FormField::new("tag", lang.msg("tag"), typed.tag, &mistakes)
            .with_hint(lang.msg("tag-name-rule"))
            .with_required(),
        follow: typed.follow,
        view,
        projects,
        mistakes,
        trouble,
        taken,
        oc,
    };
    render_with_status(status, &who.context, &page)
}
