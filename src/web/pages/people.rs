//! What the pages about users and groups share.

use crate::app::change::{ChangeFailed, Refusal, RefusedBecause};
use crate::app::failure::{Failure, Subject};
use crate::app::members::{NameCheck, is_registry_role};
use crate::app::shell_command::ShellCommand;
use crate::app::users::{Step, Unfinished};
use crate::i18n::Lang;
use crate::web::context::SignedIn;
use crate::web::errors::Refused;
use crate::web::forms::{Done, Field, Mistakes, Sent, Trouble};
use crate::web::links;
use registry_model::{ProjectName, Subject as Who, SubjectKind};

/// What the master calls the fields of the forms. It says `user` of the members that it finds in
/// `users`.
const FIELDS: [(&str, &str); 5] = [
    ("metadata.name", "name"),
    ("fullName", "full-name"),
    ("identit", "identities"),
    ("provider", "identities"),
    ("user[", "members"),
];

/// Says who it is that does not exist.
pub(super) fn named<T>(found: Result<T, Failure>, name: &str) -> Result<T, Refused> {
    found.map_err(|failure| match failure {
        Failure::NotFound(subject @ (Subject::User | Subject::Group)) => {
            Refused::NoSuch(subject, name.to_owned())
        }
        failure => failure.into(),
    })
}

/// A refused change: whom to ask is another than in a project.
pub(super) fn trouble_of(refusal: Refusal, lang: Lang, mistakes: &mut Mistakes) -> Trouble {
    let refused = refusal.why == RefusedBecause::NotAllowed;
    let mut trouble = Trouble::of(refusal, lang, &FIELDS, mistakes);
    if refused {
        trouble.hint = lang.msg("people-refused-hint").to_string();
    }
    trouble
}

/// A change that stopped: where something was done, the same form finishes it.
pub(super) fn trouble_half_way(
    unfinished: &Unfinished,
    lang: Lang,
    mistakes: &mut Mistakes,
) -> Trouble {
    let taken = unfinished.refusal.why == RefusedBecause::Exists;
    if let (true, Some(Step::AttachIdentity { identity, .. })) = (taken, unfinished.left.first()) {
        mistakes.add(
            "identities",
            lang.msg("identity-taken").arg("identity", identity),
        );
    }
    let mut trouble = trouble_of(unfinished.refusal.clone(), lang, mistakes);
    if !unfinished.done.is_empty() {
        trouble.hint = lang.msg("people-unfinished").to_string();
    }
    trouble
}

/// The form that gives a role in a project.
pub(super) struct Giving {
    pub(super) project: Field,
    pub(super) role: Field,
    pub(super) oc: ShellCommand,
}

impl Giving {
    /// As it was sent, or empty.
    pub(super) fn new(lang: Lang, whom: &Who, sent: &Sent, mistakes: &Mistakes) -> Self {
        let (project, role) = (sent.text("project"), sent.text("role"));
        let role = if is_registry_role(role) {
            role
        } else {
            "registry-viewer"
        };
        let example: ProjectName = project
            .parse()
            .unwrap_or_else(|_| "project".parse().expect("a valid name"));
        Self {
            project: Field::new("project", lang.msg("project"), project, mistakes).required(),
            role: Field::new("role", lang.msg("member-role"), role, mistakes),
            oc: ShellCommand::give_role(&example, whom, role),
        }
    }
}

/// Gives the role that the form names. Nothing: it makes no sense, and `mistakes` say why.
pub(super) async fn give(
    who: &SignedIn,
    whom: &Who,
    sent: &Sent,
    mistakes: &mut Mistakes,
) -> Option<Result<Done, ChangeFailed>> {
    let lang = who.context.lang;
    let role = sent.text("role");
    let project: Option<ProjectName> = sent.text("project").parse().ok();
    if project.is_none() {
        mistakes.add("project", lang.msg("stream-mistake-project"));
    }
    if !is_registry_role(role) {
        mistakes.add("role", lang.msg("member-role-missing"));
    }
    let project = project.filter(|_| mistakes.is_empty())?;
    // Unlike a member, a project has to be there: the binding is kept in it.
    if who.console().check_project(&project).await == NameCheck::Missing {
        mistakes.add("project", lang.msg("stream-mistake-project"));
        return None;
    }
    Some(
        who.console()
            .give_role(&project, whom, role)
            .await
            .map(|()| {
                let kind = if whom.kind == SubjectKind::Group {
                    "group"
                } else {
                    "user"
                };
                let back = [
                    ("do", "remove"),
                    ("kind", kind),
                    ("name", whom.name.as_str()),
                    ("role", role),
                ];
                let text = lang
                    .msg("role-given")
                    .arg("name", &whom.name)
                    .arg("role", role)
                    .arg("project", &project);
                Done::new(text).undo(links::members(&project), lang.msg("undo"), &back)
            }),
    )
}

/// Names that were typed, one a line: a name may hold commas.
pub(super) fn names_in(text: &str) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for name in text.lines().map(str::trim).filter(|name| !name.is_empty()) {
        if !names.iter().any(|known| known == name) {
            names.push(name.to_owned());
        }
    }
    names
}
