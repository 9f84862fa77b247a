//! `/images/{project}/{stream}/new-tag`

mod typed;

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;

use crate::app::change::ChangeFailed;
use crate::app::failure::{Failure, Subject};
use crate::app::image_streams::{
    FollowedTag, ImportAdvice, ImportOutcome, ImportResult, StreamSource,
};
use crate::app::shell_command::ShellCommand;
use crate::app::tags::{FollowedNow, NewTag, Pointed, Shown, TagNow, TagPath};
use crate::i18n::{Lang, Message};
use crate::web::context::SignedIn;
use crate::web::errors::Refused;
use crate::web::extract::{Asked, OfStream};
use crate::web::filters;
use crate::web::forms::{Done, Field, Mistakes, Sent, Trouble, import_mode};
use crate::web::links;
use crate::web::render::{Area, Chrome, page_with};
use registry_model::ImportMode;
use typed::{Typed, Wanted};

/// What the master calls the fields, and what the form calls them.
const FIELDS: [(&str, &str); 6] = [
    ("metadata.name", "tag"),
    ("spec.images", "from"),
    ("tag.from", "here"),
    ("spec.tags", "here"),
    ("tag.name", "tag"),
    ("tag", "tag"),
];

/// As much of the master's words as the page after the form says: the stream's page has all of it.
const LONGEST_REASON: usize = 300;

#[derive(Template, Serialize)]
#[template(path = "new-tag.html")]
struct NewTagPage {
    #[serde(skip)]
    chrome: Chrome,
    #[serde(flatten)]
    view: NewTag,
    typed: Typed,
    #[serde(flatten)]
    said: Said,
    oc: Option<ShellCommand>,
}

/// What the form says besides its fields.
#[derive(Default, Serialize)]
struct Said {
    mistakes: Mistakes,
    trouble: Option<Trouble>,
    /// What is where the tag would point: nothing was changed.
    found: Option<Vec<ImportResult>>,
    /// The tag is there already and would be moved: asked once more.
    taken: Option<TagNow>,
}

impl NewTagPage {
    fn field(&self, name: &'static str) -> Field {
        let (lang, typed) = (self.chrome.lang, &self.typed);
        let new =
            |label, value: &String| Field::new(name, label, value.clone(), &self.said.mistakes);
        match name {
            "tag" => new(lang.msg("new-tag-name"), &typed.tag)
                .hint(lang.msg("tag-name-rule"))
                .required(),
            "source" => new(lang.msg("new-tag-source"), &typed.source),
            "here" => {
                new(lang.msg("new-tag-here"), &typed.here).hint(lang.msg("new-tag-here-hint"))
            }
            "from" => {
                new(lang.msg("new-tag-from"), &typed.from).hint(lang.msg("new-tag-from-hint"))
            }
            "import-mode" => new(lang.msg("import-mode"), &typed.import_mode),
            _ => new(lang.msg("new-tag-policy"), &typed.policy),
        }
    }

    fn advised_results(&self) -> Option<Vec<(&ImportResult, Option<ImportAdvice>)>> {
        let results = self.said.found.as_ref()?;
        Some(ImportAdvice::on_results(
            results,
            self.view.project.as_str(),
            |_| Some(&self.typed.from),
        ))
    }

    /// Whether the import of what was found would lose platforms.
    fn drops_platforms(&self) -> bool {
        let has_platforms = self
            .said
            .found
            .iter()
            .flatten()
            .any(ImportResult::has_platforms);
        has_platforms && import_mode(&self.typed.import_mode) == ImportMode::Legacy
    }

    /// The tag that was typed, by its whole name.
    fn target(&self) -> String {
        format!(
            "{}/{}:{}",
            self.view.project, self.view.stream, self.typed.tag
        )
    }

    fn may_any(&self) -> bool {
        self.view.may_point || self.view.may_import
    }
}

/// Asks where the tag is to point.
pub(in crate::web) async fn ask(
    who: SignedIn,
    of: OfStream,
    asked: Asked,
) -> Result<Response, Refused> {
    let view = view(&who, of).await?;
    let source = if view.may_point { "here" } else { "elsewhere" };
    let typed = Typed {
        tag: asked.into_tag(),
        source: source.to_owned(),
        policy: "source".to_owned(),
        import_mode: ImportMode::PreserveOriginal.as_str().to_owned(),
        ..Typed::default()
    };
    Ok(show(&who, view, typed, Said::default()))
}

/// Adds the tag, or with `look`, says what it would point at.
pub(in crate::web) async fn add(
    who: SignedIn,
    of: OfStream,
    sent: Sent,
) -> Result<Response, Refused> {
    let view = view(&who, of).await?;
    let typed = Typed::of(&sent);
    let mut mistakes = Mistakes::default();
    let Some((to, wanted)) = typed.wanted(&view, &mut mistakes, who.context.lang) else {
        return Ok(show(
            &who,
            view,
            typed,
            Said {
                mistakes,
                ..Said::default()
            },
        ));
    };
    let outcome = if sent.has("look") {
        look(&who, &to, &wanted).await
    } else {
        point(&who, &to, &wanted, &sent).await
    };
    let said = match outcome {
        Ok(Outcome::Done(done)) => {
            return Ok(who.done(*done, &links::stream(&to.project, &to.stream)));
        }
        Ok(Outcome::Found(found)) => Said {
            found: Some(found),
            ..Said::default()
        },
        Ok(Outcome::Taken(now)) => Said {
            taken: Some(now),
            ..Said::default()
        },
        Err(ChangeFailed::Failure(Failure::NotFound(_) | Failure::Forbidden(..)))
            if matches!(wanted, Wanted::Here { .. }) =>
        {
            mistakes.add("here", who.context.lang.msg("new-tag-no-such-image"));
            Said {
                mistakes,
                ..Said::default()
            }
        }
        Err(failed) => {
            let trouble = Trouble::of(failed.refusal()?, who.context.lang, &FIELDS, &mut mistakes);
            Said {
                mistakes,
                trouble: Some(trouble),
                ..Said::default()
            }
        }
    };
    Ok(show(&who, view, typed, said))
}

/// What became of the form.
enum Outcome {
    Done(Box<Done>),
    Found(Vec<ImportResult>),
    Taken(TagNow),
}

async fn look(who: &SignedIn, to: &TagPath, wanted: &Wanted) -> Result<Outcome, ChangeFailed> {
    let console = who.console();
    Ok(Outcome::Found(match wanted {
        Wanted::Here {
            project,
            stream,
            reference,
            ..
        } => {
            let subject = console
                .tag_subject(project, stream, reference.clone())
                .await?;
            vec![ImportResult {
                tag: to.tag.to_string(),
                outcome: ImportOutcome::Found {
                    digest: Some(subject.digest),
                    platforms: Vec::new(),
                    architecture: None,
                },
            }]
        }
        Wanted::Elsewhere(from) => {
            console
                .look_at(
                    &to.project,
                    &to.stream,
                    &StreamSource::Tags(vec![from.clone()]),
                )
                .await?
        }
    }))
}

async fn point(
    who: &SignedIn,
    to: &TagPath,
    wanted: &Wanted,
    sent: &Sent,
) -> Result<Outcome, ChangeFailed> {
    let (console, lang) = (who.console(), who.context.lang);
    let seen = if sent.text("seen-tag") == to.to_string() {
        Shown::Tag(sent.text("seen").parse().ok())
    } else {
        Shown::NoTag
    };
    match wanted {
        Wanted::Here {
            project,
            stream,
            reference,
            follow,
        } => {
            let subject = console
                .tag_subject(project, stream, reference.clone())
                .await?;
            Ok(match console.tag_as(&subject, to, *follow, &seen).await? {
                Pointed::Done => Outcome::Done(Box::new(Done::new(
                    lang.msg("tag-pointed").arg("tag", to.to_string()),
                ))),
                Pointed::Already => Outcome::Done(Box::new(Done::new(
                    lang.msg("tag-pointed-already").arg("tag", to.to_string()),
                ))),
                Pointed::Taken(now) => Outcome::Taken(now),
            })
        }
        Wanted::Elsewhere(from) => Ok(match console.follow_elsewhere(to, from, &seen).await? {
            FollowedNow::Done(results) => {
                Outcome::Done(Box::new(imported(lang, to, from, &results)))
            }
            FollowedNow::Taken(now) => Outcome::Taken(now),
        }),
    }
}

/// How the import went, in a sentence.
fn imported(lang: Lang, to: &TagPath, from: &FollowedTag, results: &[ImportResult]) -> Done {
    let named = |text: Message| text.arg("tag", to.to_string()).arg("from", &from.from);
    match results.first().map(|result| &result.outcome) {
        Some(ImportOutcome::Failed { message, .. }) => {
            let said: String = message.chars().take(LONGEST_REASON).collect();
            Done {
                unfinished: true,
                ..Done::new(named(lang.msg("new-tag-import-failed")).arg("said", said))
            }
        }
        Some(ImportOutcome::Found {
            digest: Some(digest),
            ..
        }) => Done::new(named(lang.msg("new-tag-imported")).arg("digest", digest.short())),
        _ => Done::new(named(lang.msg("new-tag-follows"))),
    }
}

async fn view(who: &SignedIn, of: OfStream) -> Result<NewTag, Refused> {
    if of.reference.is_some() {
        return Err(Failure::NotFound(Subject::Page).into());
    }
    Ok(who.console().new_tag(&of.project, &of.stream).await?)
}

fn show(who: &SignedIn, view: NewTag, typed: Typed, said: Said) -> Response {
    let asked_again = said.trouble.is_none() && said.taken.is_some();
    let status = if asked_again {
        StatusCode::CONFLICT
    } else {
        said.mistakes.status(said.trouble.as_ref())
    };
    let oc = typed
        .wanted(&view, &mut Mistakes::default(), who.context.lang)
        .map(|(to, wanted)| wanted.oc(&to));
    let chrome = who.chrome(Area::Images, who.context.lang.msg("new-tag").to_string());
    page_with(
        status,
        &who.context,
        &NewTagPage {
            chrome,
            view,
            typed,
            said,
            oc,
        },
    )
}
