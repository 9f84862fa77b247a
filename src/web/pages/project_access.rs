//! `/projects/{project}/access`

use askama::Template;
use axum::response::Response;
use serde::Serialize;

use crate::app::access::ProjectAccess;
use crate::app::change::Refusal;
use crate::app::shell_command::ShellCommand;
use crate::i18n::Message;
use crate::web::context::SignedIn;
use crate::web::errors::Refused;
use crate::web::extract::InProject;
use crate::web::filters;
use crate::web::forms::{Done, Field, Mistakes, Sent, Trouble};
use crate::web::links;
use crate::web::render::{Area, Chrome, page_with};
use registry_model::{AccessPolicy, ProjectName};

#[derive(Template, Serialize)]
#[template(path = "project-access.html")]
struct AccessPage {
    #[serde(skip)]
    chrome: Chrome,
    #[serde(flatten)]
    view: ProjectAccess,
    #[serde(skip)]
    policy: Field,
    /// Open to everybody was chosen, without saying that one knows what that means.
    unsure: bool,
    trouble: Option<Trouble>,
    mistakes: Mistakes,
}

impl AccessPage {
    /// Each policy that takes a change, and what sets it in a terminal.
    fn commands(&self) -> Vec<(Message, Vec<ShellCommand>)> {
        let lang = self.chrome.lang;
        let all = [
            (
                lang.msg("access-private"),
                self.view.commands(AccessPolicy::Private),
            ),
            (
                lang.msg("access-shared"),
                self.view.commands(AccessPolicy::Shared),
            ),
            (
                lang.msg("access-anonymous"),
                self.view.commands(AccessPolicy::Anonymous),
            ),
        ];
        all.into_iter()
            .filter(|(_, commands)| !commands.is_empty())
            .collect()
    }

    /// Whether only requests without a token may pull.
    fn is_only_anonymous(&self) -> bool {
        self.view.policy.ready() == Some(&AccessPolicy::OnlyAnonymous)
    }
}

/// A policy, by the word that forms have for it.
pub(super) fn policy_of(word: &str) -> Option<AccessPolicy> {
    [
        AccessPolicy::Private,
        AccessPolicy::Shared,
        AccessPolicy::Anonymous,
    ]
    .into_iter()
    .find(|policy| word_of(*policy) == word)
}

/// The word that forms have for a policy. They do not offer the one that leaves out the people who
/// have signed in.
pub(super) fn word_of(policy: AccessPolicy) -> &'static str {
    match policy {
        AccessPolicy::Private => "private",
        AccessPolicy::Shared => "shared",
        AccessPolicy::Anonymous => "anonymous",
        AccessPolicy::OnlyAnonymous => "only-anonymous",
    }
}

/// Who may pull from the project.
pub(in crate::web) async fn project_access(
    who: SignedIn,
    InProject(project): InProject,
) -> Result<Response, Refused> {
    show(&who, &project, &Sent::default(), Mistakes::default(), None).await
}

pub(in crate::web) async fn change_project_access(
    who: SignedIn,
    InProject(project): InProject,
    sent: Sent,
) -> Result<Response, Refused> {
    let lang = who.context.lang;
    let (policy, word) = match sent.text("policy") {
        "private" => (AccessPolicy::Private, lang.msg("access-private")),
        "shared" => (AccessPolicy::Shared, lang.msg("access-shared")),
        "anonymous" => (AccessPolicy::Anonymous, lang.msg("access-anonymous")),
        _ => {
            let mut mistakes = Mistakes::default();
            mistakes.add("policy", lang.msg("access-choose"));
            return show(&who, &project, &sent, mistakes, None).await;
        }
    };
    if policy == AccessPolicy::Anonymous && !sent.has("open") {
        let mut mistakes = Mistakes::default();
        mistakes.add("open", lang.msg("access-anonymous-unsure"));
        return show(&who, &project, &sent, mistakes, None).await;
    }
    match who.console().set_project_access(&project, policy).await {
        Ok(()) => {
            let text = lang
                .msg("access-changed")
                .arg("project", &project)
                .arg("policy", word.to_string());
            Ok(who.done(Done::new(text), &links::project(&project)))
        }
        Err(failed) => {
            show(
                &who,
                &project,
                &sent,
                Mistakes::default(),
                Some(failed.refusal()?),
            )
            .await
        }
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
    let view = who.console().project_access(project).await?;
    let trouble = refusal.map(|refusal| Trouble::of(refusal, lang, &[], &mut mistakes));
    let status = mistakes.status(trouble.as_ref());
    let current = view.policy.ready().map_or("", |policy| word_of(*policy));
    let value = if sent.has("policy") {
        sent.text("policy")
    } else {
        current
    };
    let policy = Field::new("policy", lang.msg("access"), value, &mistakes);
    let chrome = who.chrome(Area::Projects, lang.msg("access").to_string());
    let unsure = mistakes.of("open").is_some();
    Ok(page_with(
        status,
        &who.context,
        &AccessPage {
            chrome,
            view,
            policy,
            unsure,
            trouble,
            mistakes,
        },
    ))
}
