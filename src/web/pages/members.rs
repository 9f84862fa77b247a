//! `/projects/{project}/members`

mod who;

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;

pub(super) use self::who::{is_proper, kind_word, long_name, parse_who};
use super::remove_member::{change_role, take_back};
use crate::app::change::Refusal;
use crate::app::members::{Members, NameCheck, PULLER, is_registry_role};
use crate::app::projects::{Member, MemberRole};
use crate::app::shell_command::ShellCommand;
use crate::i18n::Message;
use crate::web::context::SignedIn;
use crate::web::errors::Refused;
use crate::web::extract::InProject;
use crate::web::filters;
use crate::web::forms::{Done, Field, Mistakes, Sent, Trouble};
use crate::web::links;
use crate::web::render::{Area, Chrome, page_with};
use registry_model::{ProjectName, Subject as Who, SubjectKind};

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
    oc_add: ShellCommand,
    #[serde(skip)]
    oc_pull: ShellCommand,
    /// A name that nothing has: the form that holds it is to be sent again if it is meant.
    unknown: Option<UnknownName>,
    trouble: Option<Trouble>,
    mistakes: Mistakes,
}

/// The field of the forms that repeats a name that nothing has, to say that it is meant: of a
/// member as [`confirmed`] writes it.
pub(super) const UNKNOWN: &str = "unknown-name";

/// What confirms a name: that of a user is none of a group.
pub(super) fn confirmed(kind: SubjectKind, name: &str) -> String {
    format!("{} {name}", kind_word(kind))
}

/// A name in one of the forms that nothing in the cluster has.
#[derive(Serialize)]
enum UnknownName {
    Member { kind: SubjectKind, name: String },
    Project { name: ProjectName },
}

impl UnknownName {
    fn name(&self) -> &str {
        match self {
            Self::Member { name, .. } => name,
            Self::Project { name } => name.as_str(),
        }
    }

    fn confirmed(&self) -> String {
        match self {
            Self::Member { kind, name } => confirmed(*kind, name),
            Self::Project { name } => name.to_string(),
        }
    }
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

    /// Whether the form that puts another role in the place of this one stands there.
    fn may_change(&self, member: &Member, role: &MemberRole) -> bool {
        self.view.allowed && self.view.may_go(member, role) && is_registry_role(&role.role)
    }

    /// The roles to choose from, and what people call them.
    fn roles(&self) -> [(&'static str, Message); 3] {
        let lang = self.chrome.lang;
        [
            ("registry-viewer", lang.msg("member-pull")),
            ("registry-editor", lang.msg("member-push")),
            ("registry-admin", lang.msg("member-admin")),
        ]
    }

    /// What is asked about a name that nothing has: the title, and what to do.
    fn question(&self, unknown: &UnknownName) -> (Message, Message) {
        let lang = self.chrome.lang;
        let (title, hint) = match unknown {
            UnknownName::Project { .. } => {
                (lang.msg("unknown-project"), lang.msg("unknown-puller-hint"))
            }
            UnknownName::Member { kind, .. } => {
                let title = match kind {
                    SubjectKind::User => lang.msg("unknown-user"),
                    SubjectKind::Group => lang.msg("unknown-group"),
                    SubjectKind::ServiceAccount => lang.msg("unknown-service-account"),
                };
                (title, lang.msg("unknown-member-hint"))
            }
        };
        (title.arg("name", unknown.name()), hint)
    }

    fn kind_word(&self, member: &Member) -> &'static str {
        kind_word(member.who.kind)
    }

    fn long_name(&self, member: &Member) -> String {
        long_name(&member.who)
    }

    fn puller_removal(&self, who: &Who) -> Option<String> {
        self.view.allowed.then(|| self.removal_of(who, PULLER))
    }

    fn removal_of(&self, who: &Who, role: &str) -> String {
        links::member_removal(
            &self.view.project,
            kind_word(who.kind),
            &long_name(who),
            role,
        )
    }

    async fn load(
        who: &SignedIn,
        project: &ProjectName,
        sent: &Sent,
        mistakes: Mistakes,
        trouble: Option<Trouble>,
    ) -> Result<Self, Refused> {
        let lang = who.context.lang;
        let view = who.console().members(project).await?;
        let or = |name: &str, usual: &str| {
            if sent.has(name) {
                sent.text(name).to_owned()
            } else {
                usual.to_owned()
            }
        };
        let (kind, name, role, puller) = (
            or("kind", "user"),
            or("name", ""),
            or("role", "registry-viewer"),
            or("puller", ""),
        );
        let example = parse_who(&kind, if name.is_empty() { "NAME" } else { &name }, project);
        let example = example.unwrap_or_else(|| Who::user("NAME"));
        Ok(Self {
            oc_add: ShellCommand::give_role(
                project,
                &example,
                if is_registry_role(&role) {
                    &role
                } else {
                    "registry-viewer"
                },
            ),
            oc_pull: ShellCommand::let_pull(
                project,
                if puller.is_empty() {
                    "PROJECT"
                } else {
                    &puller
                },
            ),
            kind: Field::new("kind", lang.msg("member-kind"), kind, &mistakes),
            name: Field::new("name", lang.msg("member"), name, &mistakes)
                .hint(lang.msg("member-name-hint"))
                .required(),
            role: Field::new("role", lang.msg("member-role"), role, &mistakes),
            puller: Field::new("puller", lang.msg("project"), puller, &mistakes)
                .hint(lang.msg("puller-hint"))
                .required(),
            chrome: who.chrome(Area::Projects, lang.msg("members").to_string()),
            view,
            unknown: None,
            trouble,
            mistakes,
        })
    }
}

/// Who belongs to the project, and forms to change that.
pub(in crate::web) async fn members(
    who: SignedIn,
    InProject(project): InProject,
) -> Result<Response, Refused> {
    show(&who, &project, &Sent::default(), Mistakes::default(), None).await
}

/// Does what one of the forms wants: adds a role, takes it back, puts another in its place, lets
/// another project pull.
pub(in crate::web) async fn change_members(
    who: SignedIn,
    InProject(project): InProject,
    sent: Sent,
) -> Result<Response, Refused> {
    match sent.text("do") {
        "remove" => take_back(&who, &project, &sent).await,
        "change" => change_role(&who, &project, &sent).await,
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
    let check = who.console().check_member(&member).await;
    if check == NameCheck::Missing && sent.text(UNKNOWN) != confirmed(member.kind, name) {
        return show_asking(
            who,
            project,
            sent,
            UnknownName::Member {
                kind: member.kind,
                name: name.to_owned(),
            },
        )
        .await;
    }
    match who.console().give_role(project, &member, role).await {
        Ok(()) => {
            let not_checked = check == NameCheck::NotChecked;
            let text = if not_checked {
                lang.msg("member-added-not-checked")
            } else {
                lang.msg("member-added")
            };
            let done = Done::new(text.arg("name", name).arg("role", role));
            let back = [
                ("do", "remove"),
                ("kind", kind_word(member.kind)),
                ("name", name),
                ("role", role),
            ];
            Ok(who.done(
                done.undo(links::members(project), lang.msg("undo"), &back),
                &links::members(project),
            ))
        }
        Err(failed) => show(who, project, sent, mistakes, Some(failed.refusal()?)).await,
    }
}

async fn let_pull(who: &SignedIn, project: &ProjectName, sent: &Sent) -> Result<Response, Refused> {
    let lang = who.context.lang;
    let mut mistakes = Mistakes::default();
    let other = sent
        .text("puller")
        .parse::<ProjectName>()
        .ok()
        .filter(|other| other != project);
    let Some(other) = other else {
        mistakes.add("puller", lang.msg("puller-invalid"));
        return show(who, project, sent, mistakes, None).await;
    };
    let check = who.console().check_project(&other).await;
    if check == NameCheck::Missing && sent.text(UNKNOWN) != other.as_str() {
        return show_asking(who, project, sent, UnknownName::Project { name: other }).await;
    }
    let not_checked = check == NameCheck::NotChecked;
    let text = if not_checked {
        lang.msg("puller-added-not-checked")
    } else {
        lang.msg("puller-added")
    };
    match who.console().let_pull(project, &other).await {
        Ok(()) => Ok(who.done(
            Done::new(text.arg("project", &other)),
            &links::members(project),
        )),
        Err(failed) => show(who, project, sent, mistakes, Some(failed.refusal()?)).await,
    }
}

pub(super) async fn show(
    who: &SignedIn,
    project: &ProjectName,
    sent: &Sent,
    mut mistakes: Mistakes,
    refusal: Option<Refusal>,
) -> Result<Response, Refused> {
    let trouble = refusal.map(|refusal| Trouble::of(refusal, who.context.lang, &[], &mut mistakes));
    let status = mistakes.status(trouble.as_ref());
    Ok(page_with(
        status,
        &who.context,
        &MembersPage::load(who, project, sent, mistakes, trouble).await?,
    ))
}

/// Shows the form again and asks whether a name that nothing has is meant.
async fn show_asking(
    who: &SignedIn,
    project: &ProjectName,
    sent: &Sent,
    unknown: UnknownName,
) -> Result<Response, Refused> {
    let page = MembersPage::load(who, project, sent, Mistakes::default(), None).await?;
    Ok(page_with(
        StatusCode::UNPROCESSABLE_ENTITY,
        &who.context,
        &MembersPage {
            unknown: Some(unknown),
            ..page
        },
    ))
}
