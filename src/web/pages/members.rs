//! `/projects/{project}/members` and `…/members/remove`

use askama::Template;
use axum::extract::RawQuery;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Serialize;

use crate::console::{Failure, Member, MemberRemoval, MemberRole, Members, Oc, PULLER, Refusal, Subject, is_registry_role};
use crate::model::{ProjectName, Subject as Who, SubjectKind};
use crate::web::context::SignedIn;
use crate::web::errors::Refused;
use crate::web::extract::InProject;
use crate::web::filters;
use crate::web::forms::{Done, Field, Mistakes, Sent, Trouble};
use crate::web::links;
use crate::web::render::{Area, Chrome, page_with};

#[derive(Template, Serialize)]
#[template(path = "members.html")]
struct MembersPage {
    #[serde(skip)]
    chrome: Chrome,
    #[serde(flatten)]
    view: Members,
    #[serde(skip)]
    kind: Field,
    #[serde(skip)]
    name: Field,
    #[serde(skip)]
    role: Field,
    #[serde(skip)]
    puller: Field,
    #[serde(skip)]
    oc_add: Oc,
    #[serde(skip)]
    oc_pull: Oc,
    trouble: Option<Trouble>,
    mistakes: Mistakes,
}

impl MembersPage {
    /// Whether they are of the system, and who.
    fn people_and_system(&self) -> Vec<(bool, Vec<&Member>)> {
        vec![(false, self.view.people()), (true, self.view.system())]
    }

    /// Where taking this role away is asked about, if the person may.
    fn removal(&self, member: &Member, role: &MemberRole) -> Option<String> {
        let offered = self.view.allowed && self.view.may_go(member, role);
        offered.then(|| self.removal_of(&member.who, &role.role))
    }

    fn puller_removal(&self, who: &Who) -> Option<String> {
        self.view.allowed.then(|| self.removal_of(who, PULLER))
    }

    fn removal_of(&self, who: &Who, role: &str) -> String {
        links::member_removal(&self.view.project, kind_word(who.kind), &long_name(who), role)
    }
}

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

/// Who belongs to the project, and forms to change that.
pub(in crate::web) async fn members(who: SignedIn, InProject(project): InProject) -> Result<Response, Refused> {
    show(&who, &project, &Sent::default(), Mistakes::default(), None).await
}

/// Does what one of the forms wants: adds a role, takes it back, lets another project pull.
pub(in crate::web) async fn change_members(who: SignedIn, InProject(project): InProject, sent: Sent) -> Result<Response, Refused> {
    match sent.text("do") {
        "remove" => take_back(&who, &project, &sent).await,
        "let-pull" => let_pull(&who, &project, &sent).await,
        _ => add(&who, &project, &sent).await,
    }
}

async fn add(who: &SignedIn, project: &ProjectName, sent: &Sent) -> Result<Response, Refused> {
    let lang = who.context.lang;
    let mut mistakes = Mistakes::default();
    let (name, role) = (sent.text("name"), sent.text("role"));
    let member = parse_who(sent.text("kind"), name, project).filter(is_proper);
    if name.is_empty() {
        mistakes.add("name", lang.msg("member-name-missing"));
    } else if member.is_none() {
        mistakes.add("name", lang.msg("member-name-invalid"));
    }
    if !is_registry_role(role) {
        mistakes.add("role", lang.msg("member-role-missing"));
    }
    let Some(member) = member.filter(|_| mistakes.is_empty()) else {
        return show(who, project, sent, mistakes, None).await;
    };
    match who.console().give_role(project, &member, role).await {
        Ok(()) => {
            let done = Done::new(lang.msg("member-added").arg("name", name).arg("role", role));
            let back = [("do", "remove"), ("kind", kind_word(member.kind)), ("name", name), ("role", role)];
            Ok(who.done(done.undo(links::members(project), lang.msg("undo"), &back), &links::members(project)))
        }
        Err(failed) => show(who, project, sent, mistakes, Some(failed.refusal()?)).await,
    }
}

/// The way back from adding. Whoever would take a role from themselves is asked first.
async fn take_back(who: &SignedIn, project: &ProjectName, sent: &Sent) -> Result<Response, Refused> {
    let (kind, name, role) = (sent.text("kind"), sent.text("name"), sent.text("role"));
    let member = parse_who(kind, name, project).ok_or(Failure::Invalid("nobody is named"))?;
    if !is_registry_role(role) || is_oneself(who, &member) {
        return Ok(Redirect::to(&links::member_removal(project, kind, name, role)).into_response());
    }
    match who.console().take_role(project, &member, role).await {
        Ok(()) => Ok(who.done(removed(who, name, role), &links::members(project))),
        Err(failed) => show(who, project, &Sent::default(), Mistakes::default(), Some(failed.refusal()?)).await,
    }
}

async fn let_pull(who: &SignedIn, project: &ProjectName, sent: &Sent) -> Result<Response, Refused> {
    let lang = who.context.lang;
    let mut mistakes = Mistakes::default();
    let other = sent.text("puller").parse::<ProjectName>().ok().filter(|other| other != project);
    let Some(other) = other else {
        mistakes.add("puller", lang.msg("puller-invalid"));
        return show(who, project, sent, mistakes, None).await;
    };
    match who.console().let_pull(project, &other).await {
        Ok(()) => Ok(who.done(Done::new(lang.msg("puller-added").arg("project", &other)), &links::members(project))),
        Err(failed) => show(who, project, sent, mistakes, Some(failed.refusal()?)).await,
    }
}

async fn show(
    who: &SignedIn,
    project: &ProjectName,
    sent: &Sent,
    mut mistakes: Mistakes,
    refusal: Option<Refusal>,
) -> Result<Response, Refused> {
    let lang = who.context.lang;
    let view = who.console().members(project).await?;
    let trouble = refusal.map(|refusal| Trouble::of(refusal, lang, &[], &mut mistakes));
    let status = mistakes.status(trouble.as_ref());
    let or = |name: &str, usual: &str| if sent.has(name) { sent.text(name).to_owned() } else { usual.to_owned() };
    let (kind, name, role, puller) = (or("kind", "user"), or("name", ""), or("role", "registry-viewer"), or("puller", ""));
    let example = parse_who(&kind, if name.is_empty() { "NAME" } else { &name }, project);
    let example = example.unwrap_or_else(|| Who::user("NAME"));
    let page = MembersPage {
        oc_add: Oc::give_role(project, &example, if is_registry_role(&role) { &role } else { "registry-viewer" }),
        oc_pull: Oc::let_pull(project, if puller.is_empty() { "PROJECT" } else { &puller }),
        kind: Field::new("kind", lang.msg("member-kind"), kind, &mistakes),
        name: Field::new("name", lang.msg("member"), name, &mistakes).hint(lang.msg("member-name-hint")).required(),
        role: Field::new("role", lang.msg("member-role"), role, &mistakes),
        puller: Field::new("puller", lang.msg("project"), puller, &mistakes).required(),
        chrome: who.chrome(Area::Projects, lang.msg("members").to_string()),
        view,
        trouble,
        mistakes,
    };
    Ok(page_with(status, &who.context, &page))
}

/// Says what a member would lose and keep.
pub(in crate::web) async fn member_removal(
    who: SignedIn,
    InProject(project): InProject,
    RawQuery(query): RawQuery,
) -> Result<Response, Refused> {
    let query = query.unwrap_or_default();
    let asked = |wanted: &str| {
        let found = url::form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == wanted);
        found.map(|(_, value)| value.into_owned()).unwrap_or_default()
    };
    ask(&who, &project, &asked("kind"), &asked("name"), &asked("role"), false, None).await
}

/// Takes the role.
pub(in crate::web) async fn remove_member(who: SignedIn, InProject(project): InProject, sent: Sent) -> Result<Response, Refused> {
    let (kind, name, role) = (sent.text("kind"), sent.text("name"), sent.text("role"));
    let member = parse_who(kind, name, &project).ok_or(Failure::Invalid("nobody is named"))?;
    if is_oneself(&who, &member) && !sent.has("sure") {
        return ask(&who, &project, kind, name, role, true, None).await;
    }
    if !is_registry_role(role) && role != PULLER {
        return Err(Failure::NotFound(Subject::Page).into());
    }
    match who.console().take_role(&project, &member, role).await {
        Ok(()) if is_oneself(&who, &member) => Ok(who.done(removed(&who, name, role), links::PROJECTS)),
        Ok(()) if is_registry_role(role) && is_proper(&member) => {
            let back = [("do", "add"), ("kind", kind), ("name", name), ("role", role)];
            let done = removed(&who, name, role).undo(links::members(&project), who.context.lang.msg("undo"), &back);
            Ok(who.done(done, &links::members(&project)))
        }
        Ok(()) => Ok(who.done(removed(&who, name, role), &links::members(&project))),
        Err(failed) => ask(&who, &project, kind, name, role, false, Some(failed.refusal()?)).await,
    }
}

async fn ask(
    who: &SignedIn,
    project: &ProjectName,
    kind: &str,
    name: &str,
    role: &str,
    unsure: bool,
    refusal: Option<Refusal>,
) -> Result<Response, Refused> {
    let lang = who.context.lang;
    let member = parse_who(kind, name, project).unwrap_or_else(|| Who::user(""));
    let view = who.console().member_removal(project, &member, role, who.user_name()).await?;
    let trouble = refusal.map(|refusal| Trouble::of_action(refusal, lang));
    let fine = if unsure { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let status = trouble.as_ref().map_or(fine, Trouble::status);
    let chrome = who.chrome(Area::Projects, lang.msg("remove-member").to_string());
    Ok(page_with(status, &who.context, &RemovalPage { chrome, view, unsure, trouble }))
}

fn removed(who: &SignedIn, name: &str, role: &str) -> Done {
    Done::new(who.context.lang.msg("member-removed").arg("name", name).arg("role", role))
}

fn is_oneself(who: &SignedIn, member: &Who) -> bool {
    member.kind == SubjectKind::User && who.user_name() == Some(member.name.as_str())
}

/// Somebody, by what a form or an address says. A service account of another project is `project:name`.
fn parse_who(kind: &str, name: &str, project: &ProjectName) -> Option<Who> {
    if name.is_empty() {
        return None;
    }
    match kind {
        "user" => Some(Who::user(name)),
        "group" => Some(Who::group(name)),
        "service-account" => {
            let (project, name) = name.split_once(':').unwrap_or((project.as_str(), name));
            Some(Who::service_account(project, name))
        }
        _ => None,
    }
}

/// The name in forms and addresses: what [`parse_who`] reads.
fn long_name(who: &Who) -> String {
    match &who.project {
        Some(project) => format!("{project}:{}", who.name),
        None => who.name.clone(),
    }
}

fn kind_word(kind: SubjectKind) -> &'static str {
    match kind {
        SubjectKind::User => "user",
        SubjectKind::Group => "group",
        SubjectKind::ServiceAccount => "service-account",
    }
}

/// Whether somebody of that name can be given a role. For users it is the old console's rule. Groups from a directory may hold spaces; the
/// master allows them no `/` and no `%`. A service account is named as other objects are.
fn is_proper(who: &Who) -> bool {
    let name = who.name.as_str();
    let inner = |c: char| c.is_ascii_alphanumeric() || "-@._:".contains(c);
    match who.kind {
        SubjectKind::User => name.chars().all(inner) && !name.starts_with(['-', '@', ':']) && !name.ends_with(['-', '@']),
        SubjectKind::Group => !name.chars().any(|c| c.is_control() || "/%^".contains(c)),
        SubjectKind::ServiceAccount => {
            let lawful = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-.".contains(c);
            let project = who.project.as_deref().is_some_and(|project| project.parse::<ProjectName>().is_ok());
            project && !name.is_empty() && name.chars().all(lawful) && !name.starts_with(['-', '.']) && !name.ends_with(['-', '.'])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proper(kind: &str, name: &str) -> bool {
        parse_who(kind, name, &"team-a".parse().unwrap()).is_some_and(|who| is_proper(&who))
    }

    #[test]
    fn a_name_is_taken_or_refused_as_in_the_old_console() {
        for good in ["foo@bar.com", "system:janitor:default", "Dev", "_a", ".a", "a", "0"] {
            assert!(proper("user", good), "{good}");
        }
        for bad in ["foo ^ bar", "", "-a", "a-", ":a", "@a", "a@", "<b>", "a/b"] {
            assert!(!proper("user", bad), "{bad}");
        }
        assert!(proper("group", "Domain Users") && !proper("group", "a/b") && !proper("nobody", "a"));
        assert!(proper("service-account", "builder") && proper("service-account", "team-b:builder"));
        assert!(!proper("service-account", "No:builder") && !proper("service-account", "a:b:c") && !proper("service-account", "a:"));
    }
}
