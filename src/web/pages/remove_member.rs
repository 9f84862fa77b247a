//! `/projects/{project}/members/remove`: a role that goes, or makes place for another.

use askama::Template;
use axum::extract::RawQuery;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Serialize;

use super::members::{self, is_proper, kind_word, long_name, parse_who};
use crate::app::change::Refusal;
use crate::app::failure::{Failure, Subject};
use crate::app::members::{MemberRemoval, PULLER, Risk, is_registry_role};
use crate::web::context::SignedIn;
use crate::web::errors::Refused;
use crate::web::extract::InProject;
use crate::web::filters;
use crate::web::forms::{Done, Mistakes, Sent, Trouble};
use crate::web::links;
use crate::web::render::{Area, Chrome, page_with};
use registry_model::{ProjectName, Subject as Who};

#[derive(Template, Serialize)]
#[template(path = "remove-member.html")]
struct RemovalPage {
    #[serde(skip)]
    chrome: Chrome,
    #[serde(flatten)]
    view: MemberRemoval,
    /// They did not say that they are sure.
    unsure: bool,
    trouble: Option<Trouble>,
}

impl RemovalPage {
    fn kind_word(&self) -> &'static str {
        kind_word(self.view.who.kind)
    }

    fn long_name(&self) -> String {
        long_name(&self.view.who)
    }
}

/// A change of role that stopped half-way: they have both roles.
#[derive(Template, Serialize)]
#[template(path = "role-unfinished.html")]
struct UnfinishedPage {
    #[serde(skip)]
    chrome: Chrome,
    project: ProjectName,
    who: Who,
    role: String,
    to: String,
    trouble: Option<Trouble>,
}

impl UnfinishedPage {
    fn kind_word(&self) -> &'static str {
        kind_word(self.who.kind)
    }

    fn long_name(&self) -> String {
        long_name(&self.who)
    }
}

/// What a form or an address wants to happen.
#[derive(Clone, Debug, Default)]
struct Wanted {
    kind: String,
    name: String,
    role: String,
    /// The role that comes in its place. Empty: none does.
    to: String,
}

impl Wanted {
    fn of(sent: &Sent) -> Self {
        let text = |name: &str| sent.text(name).to_owned();
        Self {
            kind: text("kind"),
            name: text("name"),
            role: text("role"),
            to: text("to"),
        }
    }

    fn of_query(query: &str) -> Self {
        let mut wanted = Self::default();
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            match &*name {
                "kind" => wanted.kind = value.into_owned(),
                "name" => wanted.name = value.into_owned(),
                "role" => wanted.role = value.into_owned(),
                "to" => wanted.to = value.into_owned(),
                _ => {}
            }
        }
        wanted
    }

    fn who(&self, project: &ProjectName) -> Result<Who, Failure> {
        parse_who(&self.kind, &self.name, project).ok_or(Failure::Invalid("nobody is named"))
    }

    /// Who it is about, where the address or the form says that, a role that the console takes, and
    /// for a change one that it gives.
    fn checked(&self, project: &ProjectName) -> Result<Who, Failure> {
        let is_taken = is_registry_role(&self.role) || (self.role == PULLER && self.to.is_empty());
        let is_change = self.to.is_empty() || self.to().is_some();
        if is_taken && is_change {
            self.who(project)
        } else {
            Err(Failure::NotFound(Subject::Page))
        }
    }

    /// The role that comes, where it is one that the console gives.
    fn to(&self) -> Option<&str> {
        Some(self.to.as_str()).filter(|to| is_registry_role(to))
    }

    /// The page that asks.
    fn address(&self, project: &ProjectName) -> String {
        match self.to() {
            Some(to) => links::role_change(project, &self.kind, &self.name, &self.role, to),
            None => links::member_removal(project, &self.kind, &self.name, &self.role),
        }
    }

    async fn risk(&self, who: &SignedIn, project: &ProjectName, member: &Who) -> Risk {
        who.console()
            .risk(project, member, &self.role, self.to(), who.user_name())
            .await
    }
}

/// Says what a member would lose and keep.
pub(in crate::web) async fn member_removal(
    who: SignedIn,
    InProject(project): InProject,
    RawQuery(query): RawQuery,
) -> Result<Response, Refused> {
    ask(
        &who,
        &project,
        &Wanted::of_query(&query.unwrap_or_default()),
        false,
        None,
    )
    .await
}

/// Takes the role, or puts another in its place.
pub(in crate::web) async fn remove_member(
    who: SignedIn,
    InProject(project): InProject,
    sent: Sent,
) -> Result<Response, Refused> {
    let wanted = Wanted::of(&sent);
    let member = wanted.checked(&project)?;
    let risk = wanted.risk(&who, &project, &member).await;
    if risk.asks() && !sent.has("sure") {
        return ask(&who, &project, &wanted, true, None).await;
    }
    if wanted.to().is_some() {
        return exchange(&who, &project, &wanted, &member, risk).await;
    }
    match who
        .console()
        .take_role(&project, &member, &wanted.role)
        .await
    {
        Ok(()) => Ok(gone(&who, &project, &wanted, &member, risk)),
        Err(failed) => ask(&who, &project, &wanted, false, Some(failed.refusal()?)).await,
    }
}

/// The way back from adding. Where that is no small thing it is asked about first.
pub(super) async fn take_back(
    who: &SignedIn,
    project: &ProjectName,
    sent: &Sent,
) -> Result<Response, Refused> {
    let wanted = Wanted {
        to: String::new(),
        ..Wanted::of(sent)
    };
    let member = wanted.who(project)?;
    let risk = wanted.risk(who, project, &member).await;
    if !is_registry_role(&wanted.role) || risk.asks() {
        return Ok(Redirect::to(&wanted.address(project)).into_response());
    }
    match who
        .console()
        .take_role(project, &member, &wanted.role)
        .await
    {
        Ok(()) => Ok(who.done(removed(who, &wanted), &links::members(project))),
        Err(failed) => {
            members::show(
                who,
                project,
                &Sent::default(),
                Mistakes::default(),
                Some(failed.refusal()?),
            )
            .await
        }
    }
}

/// Puts another role in the place of one, as the list of members offers it. Less of a role that is
/// one's own is asked about first.
pub(super) async fn change_role(
    who: &SignedIn,
    project: &ProjectName,
    sent: &Sent,
) -> Result<Response, Refused> {
    let wanted = Wanted::of(sent);
    let member = wanted.who(project)?;
    if !is_registry_role(&wanted.role) || wanted.to().is_none() {
        return Err(Failure::Invalid("this is no role that is given here").into());
    }
    let risk = wanted.risk(who, project, &member).await;
    if risk.asks() && !sent.has("sure") {
        return Ok(Redirect::to(&wanted.address(project)).into_response());
    }
    exchange(who, project, &wanted, &member, risk).await
}

async fn exchange(
    who: &SignedIn,
    project: &ProjectName,
    wanted: &Wanted,
    member: &Who,
    risk: Risk,
) -> Result<Response, Refused> {
    let (
        lang,
        Wanted {
            kind,
            name,
            role,
            to,
        },
    ) = (who.context.lang, wanted);
    if role == to {
        return Ok(who.done(
            Done::new(lang.msg("member-added").arg("name", name).arg("role", role)),
            &links::members(project),
        ));
    }
    match who.console().change_role(project, member, role, to).await {
        Ok(None) => {
            let done = Done::new(
                lang.msg("member-changed")
                    .arg("name", name)
                    .arg("role", role)
                    .arg("to", to),
            );
            let back = [
                ("do", "change"),
                ("kind", kind),
                ("name", name),
                ("role", to),
                ("to", role),
            ];
            // Whoever gave up the right to change members cannot take that back, and may not see
            // them either.
            let way = if risk.is_own() {
                links::project(project)
            } else {
                links::members(project)
            };
            let done = if risk.is_own() {
                done
            } else {
                done.undo(links::members(project), lang.msg("undo"), &back)
            };
            Ok(who.done(done, &way))
        }
        Ok(Some(refusal)) => Ok(unfinished(who, project, wanted, member, refusal)),
        Err(failed) => {
            members::show(
                who,
                project,
                &Sent::default(),
                Mistakes::default(),
                Some(failed.refusal()?),
            )
            .await
        }
    }
}

/// They have both roles now. This page needs no upstream to say so.
fn unfinished(
    who: &SignedIn,
    project: &ProjectName,
    wanted: &Wanted,
    member: &Who,
    refusal: Refusal,
) -> Response {
    let lang = who.context.lang;
    let mut trouble = Trouble::of_action(refusal, lang);
    trouble.hint = lang.msg("role-unfinished-hint").to_string();
    let status = trouble.status();
    let page = UnfinishedPage {
        chrome: who.chrome(
            Area::Projects,
            lang.msg("role-unfinished")
                .arg("name", &wanted.name)
                .to_string(),
        ),
        project: project.clone(),
        who: member.clone(),
        role: wanted.role.clone(),
        to: wanted.to.clone(),
        trouble: Some(trouble),
    };
    page_with(status, &who.context, &page)
}

/// Goes on after a role was taken.
fn gone(
    who: &SignedIn,
    project: &ProjectName,
    wanted: &Wanted,
    member: &Who,
    risk: Risk,
) -> Response {
    let Wanted {
        kind, name, role, ..
    } = wanted;
    let done = removed(who, wanted);
    if risk.is_own() {
        return who.done(done, links::PROJECTS);
    }
    // They had it a moment ago: whether the name exists is not asked again.
    let confirmed = members::confirmed(member.kind, name);
    let back = [
        ("do", "add"),
        ("kind", kind.as_str()),
        ("name", name),
        ("role", role),
        (members::UNKNOWN, &confirmed),
    ];
    let undoable = is_registry_role(role) && is_proper(member);
    let done = if undoable {
        done.undo(links::members(project), who.context.lang.msg("undo"), &back)
    } else {
        done
    };
    who.done(done, &links::members(project))
}

async fn ask(
    who: &SignedIn,
    project: &ProjectName,
    wanted: &Wanted,
    unsure: bool,
    refusal: Option<Refusal>,
) -> Result<Response, Refused> {
    let lang = who.context.lang;
    let member = wanted.checked(project)?;
    let view = who
        .console()
        .member_removal(project, &member, &wanted.role, wanted.to(), who.user_name())
        .await?;
    let trouble = refusal.map(|refusal| Trouble::of_action(refusal, lang));
    let fine = if unsure {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    let status = trouble.as_ref().map_or(fine, Trouble::status);
    let title = if view.to.is_some() {
        "change-role"
    } else {
        "remove-member"
    };
    let chrome = who.chrome(Area::Projects, lang.msg(title).to_string());
    Ok(page_with(
        status,
        &who.context,
        &RemovalPage {
            chrome,
            view,
            unsure,
            trouble,
        },
    ))
}

fn removed(who: &SignedIn, wanted: &Wanted) -> Done {
    Done::new(
        who.context
            .lang
            .msg("member-removed")
            .arg("name", &wanted.name)
            .arg("role", &wanted.role),
    )
}
