//! The values of the forms that change the access to a project.

use serde::Serialize;

use super::subject::parse_subject;
use crate::app::members::is_registry_role;
use crate::app::shell_command::ShellCommand;
use crate::i18n::{Lang, Message};
use crate::web::forms::FormData;
use registry_model::{ProjectName, Subject, SubjectKind};

/// What the forms of the page contain: what was sent, or what a link filled in.
#[derive(Debug, Default)]
pub(in crate::web::pages) struct AccessForms {
    /// The form that adds a member, if it is to be open.
    pub(in crate::web::pages) add: Option<NewMember>,
    /// The project in the form that allows another project to pull.
    pub(in crate::web::pages) puller: String,
    /// The selected access policy.
    pub(in crate::web::pages) policy: Option<String>,
    /// Whether one of the forms was sent.
    pub(in crate::web::pages) is_sent: bool,
}

/// A member to add, as typed.
#[derive(Debug)]
pub(in crate::web::pages) struct NewMember {
    pub(in crate::web::pages) kind: String,
    pub(in crate::web::pages) name: String,
    pub(in crate::web::pages) role: String,
}

impl Default for NewMember {
    fn default() -> Self {
        Self {
            kind: "user".to_owned(),
            name: String::new(),
            role: "registry-viewer".to_owned(),
        }
    }
}

impl AccessForms {
    /// The form that adds a member.
    pub(in crate::web::pages) fn from_new_member(form: &FormData) -> Self {
        let or = |name: &str, usual: String| {
            if form.has(name) {
                form.text(name).to_owned()
            } else {
                usual
            }
        };
        let usual = NewMember::default();
        Self {
            add: Some(NewMember {
                kind: or("kind", usual.kind),
                name: or("name", usual.name),
                role: or("role", usual.role),
            }),
            is_sent: true,
            ..Self::default()
        }
    }

    /// The form that allows another project to pull.
    pub(in crate::web::pages) fn from_puller(form: &FormData) -> Self {
        Self {
            puller: form.text("puller").to_owned(),
            is_sent: true,
            ..Self::default()
        }
    }

    /// The form of the access policy.
    pub(in crate::web::pages) fn from_policy(value: &str) -> Self {
        Self {
            policy: Some(value.to_owned()),
            is_sent: true,
            ..Self::default()
        }
    }

    /// The values in the query: `add`, `kind` and `role`, as [`crate::web::links::grant_role`]
    /// writes them.
    pub(in crate::web::pages) fn from_query(query: &str) -> Self {
        let value = |wanted: &str| {
            url::form_urlencoded::parse(query.as_bytes())
                .find(|(name, _)| name == wanted)
                .map(|(_, value)| value.trim().to_owned())
        };
        let usual = NewMember::default();
        Self {
            add: value("add").map(|name| NewMember {
                kind: value("kind").unwrap_or(usual.kind),
                name,
                role: value("role").unwrap_or(usual.role),
            }),
            ..Self::default()
        }
    }
}

impl NewMember {
    /// The command that adds the member, with a placeholder if there is no valid name yet.
    pub(in crate::web::pages) fn command(&self, project: &ProjectName) -> ShellCommand {
        let subject = parse_subject(&self.kind, &self.name, project).unwrap_or_else(|| Subject {
            kind: self.kind.parse().unwrap_or(SubjectKind::User),
            name: "NAME".to_owned(),
            project: None,
        });
        let role = Some(self.role.as_str()).filter(|role| is_registry_role(role));
        ShellCommand::add_role(project, &subject, role.unwrap_or("registry-viewer"))
    }
}

/// The field that confirms a name that does not exist in the cluster. For a member, the value is
/// that of [`confirmation_value`].
pub(in crate::web::pages) const UNKNOWN_NAME_FIELD: &str = "unknown-name";

/// The value that confirms a name. It includes the kind, so that confirming a user does not confirm
/// a group.
pub(in crate::web::pages) fn confirmation_value(kind: SubjectKind, name: &str) -> String {
    format!("{kind} {name}")
}

/// A name in one of the forms that does not exist in the cluster.
#[derive(Serialize)]
pub(in crate::web::pages) enum UnknownName {
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

    /// Whether it is the name of a project.
    pub(in crate::web::pages) fn is_project(&self) -> bool {
        matches!(self, Self::Project { .. })
    }

    /// The value of [`UNKNOWN_NAME_FIELD`] that confirms it.
    pub(in crate::web::pages) fn confirmation_value(&self) -> String {
        match self {
            Self::Member { kind, name } => confirmation_value(*kind, name),
            Self::Project { name } => name.to_string(),
        }
    }

    /// Title and hint of the notice.
    pub(in crate::web::pages) fn messages(&self, lang: Lang) -> (Message, Message) {
        let (title, hint) = match self {
            Self::Project { .. } => (lang.msg("unknown-project"), lang.msg("unknown-puller-hint")),
            Self::Member { kind, .. } => {
                let title = match kind {
                    SubjectKind::User => lang.msg("unknown-user"),
                    SubjectKind::Group => lang.msg("unknown-group"),
                    SubjectKind::ServiceAccount => lang.msg("unknown-service-account"),
                };
                (title, lang.msg("unknown-member-hint"))
            }
        };
        (title.arg("name", self.name()), hint)
    }
}
