//! `/images/{project}/{stream}:{tag}/roll-back`

use askama::Template;
use axum::extract::RawQuery;
use axum::response::Response;
use serde::Serialize;

use crate::app::change::{Refusal, RefusedBecause};
use crate::app::failure::{Failure, Subject};
use crate::app::images::ShownReference;
use crate::app::tags::{Part, Pointed, RollBack, Shown, TagPath};
use crate::i18n::Message;
use crate::web::context::SignedIn;
use crate::web::errors::Refused;
use crate::web::extract::OfStream;
use crate::web::filters;
use crate::web::forms::{Done, Mistakes, Sent, Trouble};
use crate::web::links;
use crate::web::render::{Area, Chrome, page_with};
use registry_model::{ByteSize, Digest, TagSource};

#[derive(Template, Serialize)]
#[template(path = "roll-back.html")]
struct RollBackPage {
    #[serde(skip)]
    chrome: Chrome,
    #[serde(flatten)]
    view: RollBack,
    trouble: Option<Trouble>,
}

impl RollBackPage {
    fn part(&self, part: Part) -> Message {
        let lang = self.chrome.lang;
        match part {
            Part::Built => lang.msg("differs-built"),
            Part::Size => lang.msg("size"),
            Part::OwnLayers => lang.msg("differs-layers"),
            Part::Architecture => lang.msg("architecture"),
            Part::Command => lang.msg("differs-command"),
            Part::User => lang.msg("differs-user"),
            Part::Directory => lang.msg("differs-directory"),
            Part::Ports => lang.msg("differs-ports"),
            Part::Variable => lang.msg("differs-variable"),
            Part::Label => lang.msg("differs-label"),
        }
    }

    /// Whether the tag is pushed to, or stays where it is: nothing is lost but its place.
    fn follows_nothing(&self) -> bool {
        !matches!(
            self.view.now.source,
            TagSource::External(_) | TagSource::StreamTag(_)
        )
    }

    /// As a person reads it: sizes in their units.
    fn value(&self, part: Part, value: &str) -> String {
        match (part, value.parse()) {
            (Part::Size, Ok(bytes)) => self.chrome.lang.size(ByteSize(bytes)),
            _ => value.to_owned(),
        }
    }
}

pub(in crate::web) async fn ask(
    who: SignedIn,
    of: OfStream,
    RawQuery(query): RawQuery,
) -> Result<Response, Refused> {
    let query = query.unwrap_or_default();
    let to = url::form_urlencoded::parse(query.as_bytes())
        .find(|(name, _)| name == "to")
        .and_then(|(_, to)| to.parse().ok());
    show(
        &who,
        path(of)?,
        to.ok_or(Failure::NotFound(Subject::Image))?,
        None,
    )
    .await
}

pub(in crate::web) async fn roll_back(
    who: SignedIn,
    of: OfStream,
    sent: Sent,
) -> Result<Response, Refused> {
    let lang = who.context.lang;
    let path = path(of)?;
    let to: Digest = sent
        .text("to")
        .parse()
        .map_err(|_| Failure::Invalid("no digest"))?;
    let seen: Option<Digest> = sent.text("seen").parse().ok();
    let refusal = match who
        .console()
        .roll_back_to(&path, &to, &Shown::Tag(seen.clone()))
        .await
    {
        Ok(Pointed::Done | Pointed::Already) => {
            let done = Done::new(
                lang.msg("tag-rolled-back")
                    .arg("tag", path.to_string())
                    .arg("digest", to.short()),
            );
            let done = match seen {
                Some(before) => done.undo(
                    links::roll_back(&path.project, &path.stream, &path.tag),
                    lang.msg("undo"),
                    &[("to", &before.to_string()), ("seen", &to.to_string())],
                ),
                None => done,
            };
            return Ok(who.done(done, &links::stream(&path.project, &path.stream)));
        }
        Ok(Pointed::Taken(_)) => Refusal::because(RefusedBecause::Stale),
        Err(failed) => failed.refusal()?,
    };
    show(&who, path, to, Some(refusal)).await
}

fn path(of: OfStream) -> Result<TagPath, Refused> {
    match of.reference {
        Some(ShownReference::Tag(tag)) => Ok(TagPath {
            project: of.project,
            stream: of.stream,
            tag,
        }),
        _ => Err(Failure::NotFound(Subject::Page).into()),
    }
}

async fn show(
    who: &SignedIn,
    path: TagPath,
    to: Digest,
    refusal: Option<Refusal>,
) -> Result<Response, Refused> {
    let view = who.console().roll_back(path, to).await?;
    let trouble = refusal.map(|refusal| Trouble::of_action(refusal, who.context.lang));
    let status = Mistakes::default().status(trouble.as_ref());
    let title = who.context.lang.msg("roll-back").to_string();
    Ok(page_with(
        status,
        &who.context,
        &RollBackPage {
            chrome: who.chrome(Area::Images, title),
            view,
            trouble,
        },
    ))
}
