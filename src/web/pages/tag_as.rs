//! `/images/{project}/{stream}:{tag}/tag-as` and `…@{digest}/tag-as`

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;

use crate::app::change::{Refusal, RefusedBecause};
use crate::app::failure::{Failure, Subject};
use crate::app::images::ShownReference;
use crate::app::shell_command::ShellCommand;
use crate::app::tags::{Pointed, Shown, TagNow, TagPath, TagSubject};
use crate::i18n::Lang;
use crate::web::context::SignedIn;
use crate::web::errors::Refused;
use crate::web::extract::OfStream;
use crate::web::filters;
use crate::web::forms::{Done, Field, Mistakes, Sent, Trouble};
use crate::web::links;
use crate::web::render::{Area, Chrome, page_with};
use registry_model::{Digest, ProjectName};

#[derive(Template, Serialize)]
#[template(path = "tag-as.html")]
struct TagAsPage {
    #[serde(skip)]
    chrome: Chrome,
    #[serde(flatten)]
    view: TagSubject,
    /// Where the person may give it tags.
    projects: Vec<ProjectName>,
    #[serde(skip)]
    project: Field,
    #[serde(skip)]
    stream: Field,
    #[serde(skip)]
    tag: Field,
    follow: bool,
    mistakes: Mistakes,
    trouble: Option<Trouble>,
    /// The tag is there already and would be moved: asked once more.
    taken: Option<TagNow>,
    oc: Option<ShellCommand>,
}

impl TagAsPage {
    /// Whether the tag could follow another one: an image by digest is nobody's.
    fn source_tag(&self) -> Option<String> {
        match &self.view.reference {
            ShownReference::Tag(tag) => Some(format!("{}:{tag}", self.view.stream)),
            ShownReference::Digest(_) => None,
        }
    }

    /// The tag that was typed, by its whole name.
    fn target(&self) -> String {
        format!(
            "{}/{}:{}",
            self.project.value, self.stream.value, self.tag.value
        )
    }

    fn action(&self) -> String {
        links::tag_as(&self.view.project, &self.view.stream, &self.view.reference)
    }

    fn back(&self) -> String {
        links::image_by(&self.view.project, &self.view.stream, &self.view.reference)
    }
}

/// Asks for the new name.
pub(in crate::web) async fn ask(who: SignedIn, of: OfStream) -> Result<Response, Refused> {
    let subject = subject(&who, of).await?;
    let projects = who.console().projects_for_tags().await?;
    // Who may not tag here is here to take the image elsewhere: only one such place needs no
    // choice.
    let project = match projects.as_slice() {
        [only] => only.to_string(),
        all if all.is_empty() || all.contains(&subject.project) => subject.project.to_string(),
        _ => String::new(),
    };
    let typed = Typed {
        project,
        stream: subject.stream.to_string(),
        tag: String::new(),
        follow: false,
    };
    Ok(show(
        &who,
        subject,
        typed,
        Said {
            projects,
            ..Said::default()
        },
    ))
}

/// Gives the image the tag.
pub(in crate::web) async fn tag(
    who: SignedIn,
    of: OfStream,
    sent: Sent,
) -> Result<Response, Refused> {
    let lang = who.context.lang;
    let subject = subject(&who, of).await?;
    let typed = Typed::of(&sent);
    let mut mistakes = Mistakes::default();
    let Some(to) = typed.path(&mut mistakes, lang) else {
        return again(
            &who,
            subject,
            typed,
            Said {
                mistakes,
                ..Said::default()
            },
        )
        .await;
    };
    // OpenShift carries changes on only within a stream: a tag of another would stay where it is
    // (origin, `updateTrackingTags`).
    if typed.follow && (&to.project, &to.stream) != (&subject.project, &subject.stream) {
        mistakes.add("stream", lang.msg("tag-follow-same-stream"));
        return again(
            &who,
            subject,
            typed,
            Said {
                mistakes,
                ..Said::default()
            },
        )
        .await;
    }
    // What was shown is what gets the tag: the tag that it was asked for by may have moved on
    // since.
    let shown: Option<Digest> = sent.text("image").parse().ok();
    if !typed.follow && shown.is_some_and(|shown| shown != subject.digest) {
        let trouble = Trouble::of(
            Refusal::because(RefusedBecause::Stale),
            lang,
            &[],
            &mut mistakes,
        );
        return again(
            &who,
            subject,
            typed,
            Said {
                mistakes,
                trouble: Some(trouble),
                ..Said::default()
            },
        )
        .await;
    }
    match who
        .console()
        .tag_as(&subject, &to, typed.follow, &seen(&sent, &to))
        .await
    {
        Ok(Pointed::Done) => Ok(who.done(
            Done::new(lang.msg("tag-pointed").arg("tag", to.to_string())),
            &links::stream(&to.project, &to.stream),
        )),
        Ok(Pointed::Already) => Ok(who.done(
            Done::new(lang.msg("tag-pointed-already").arg("tag", to.to_string())),
            &links::stream(&to.project, &to.stream),
        )),
        Ok(Pointed::Taken(now)) => {
            again(
                &who,
                subject,
                typed,
                Said {
                    taken: Some(now),
                    ..Said::default()
                },
            )
            .await
        }
        Err(failed) => {
            let trouble = Trouble::of(
                failed.refusal()?,
                lang,
                &[("metadata.name", "tag"), ("tag", "tag")],
                &mut mistakes,
            );
            again(
                &who,
                subject,
                typed,
                Said {
                    mistakes,
                    trouble: Some(trouble),
                    ..Said::default()
                },
            )
            .await
        }
    }
}

/// What the form said of the tag that is there already. Said of another tag than the one that is
/// typed now, it counts for nothing.
fn seen(sent: &Sent, to: &TagPath) -> Shown {
    if sent.text("seen-tag") == to.to_string() {
        Shown::Tag(sent.text("seen").parse().ok())
    } else {
        Shown::NoTag
    }
}

/// What stands in the form.
struct Typed {
    project: String,
    stream: String,
    tag: String,
    follow: bool,
}

impl Typed {
    fn of(sent: &Sent) -> Self {
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
    fn oc(&self, view: &TagSubject) -> Option<ShellCommand> {
        if !self.follow {
            let of = format!("{}/{}@{}", view.project, view.stream, view.digest);
            let to = format!("{}/{}:{}", self.project, self.stream, self.tag);
            return Some(ShellCommand::new("oc tag").operand(of).operand(to));
        }
        let to = self.path(&mut Mistakes::default(), Lang::default())?;
        let is_own = (&to.project, &to.stream) == (&view.project, &view.stream);
        is_own.then(|| ShellCommand::tag_alias(&view.reference, &to))
    }

    fn path(&self, mistakes: &mut Mistakes, lang: Lang) -> Option<TagPath> {
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

async fn subject(who: &SignedIn, of: OfStream) -> Result<TagSubject, Refused> {
    let reference = of.reference.ok_or(Failure::NotFound(Subject::Page))?;
    Ok(who
        .console()
        .tag_subject(&of.project, &of.stream, reference)
        .await?)
}

/// What the form says besides its fields.
#[derive(Default)]
struct Said {
    projects: Vec<ProjectName>,
    mistakes: Mistakes,
    trouble: Option<Trouble>,
    taken: Option<TagNow>,
}

/// The form once more, with what was typed.
async fn again(
    who: &SignedIn,
    view: TagSubject,
    typed: Typed,
    said: Said,
) -> Result<Response, Refused> {
    let projects = who.console().projects_for_tags().await?;
    Ok(show(who, view, typed, Said { projects, ..said }))
}

fn show(who: &SignedIn, view: TagSubject, typed: Typed, said: Said) -> Response {
    let lang = who.context.lang;
    let Said {
        projects,
        mistakes,
        trouble,
        taken,
    } = said;
    let asked_again = trouble.is_none() && taken.is_some();
    let status = if asked_again {
        StatusCode::CONFLICT
    } else {
        mistakes.status(trouble.as_ref())
    };
    let oc = Some(&typed)
        .filter(|typed| !typed.tag.is_empty())
        .and_then(|typed| typed.oc(&view));
    let page = TagAsPage {
        chrome: who.chrome(Area::Images, lang.msg("tag-as").to_string()),
        project: Field::new("project", lang.msg("project"), typed.project, &mistakes).required(),
        stream: Field::new("stream", lang.msg("image-stream"), typed.stream, &mistakes)
            .hint(lang.msg("tag-as-stream-hint"))
            .required(),
        tag: Field::new("tag", lang.msg("tag"), typed.tag, &mistakes)
            .hint(lang.msg("tag-name-rule"))
            .required(),
        follow: typed.follow,
        view,
        projects,
        mistakes,
        trouble,
        taken,
        oc,
    };
    page_with(status, &who.context, &page)
}
