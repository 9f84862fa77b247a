//! `/projects/{project}/access`

use askama::Template;
use axum::response::Response;
use serde::Serialize;

use crate::app::access::ProjectAccess;
use crate::app::change::Refusal;
use crate::app::shell_command::ShellCommand;
use crate::i18n::Message;
use crate::web::context::SignedIn;
use crate::web::errors::WebError;
use crate::web::extractors::ProjectPath;
use crate::web::filters;
use crate::web::forms::{FieldErrors, Flash, FormData, FormField, SubmitError};
use crate::web::links;
use crate::web::render::{Area, Chrome, render_with_status};
use registry_model::{AccessPolicy, ProjectName};

#[derive(Template, Serialize)]
#[template(path = "projects/access.html")]
struct ProjectAccessPage {
    #[serde(skip)]
    chrome: Chrome,
    #[serde(flatten)]
    view: ProjectAccess,
    #[serde(skip)]
    policy: FormField,
    /// Open to everybody was chosen, without saying that one knows what that means.
    unsure: bool,
    trouble: Option<SubmitError>,
    mistakes: FieldErrors,
}

impl ProjectAccessPage {
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
    fn allows_only_anonymous(&self) -> bool {
        self.view.policy.ready() == Some(&AccessPolicy::OnlyAnonymous)
    }
}

/// A policy, by the word that forms have for it.
pub(in crate::web::pages) fn parse_policy(word: &str) -> Option<AccessPolicy> {
    [
        AccessPolicy::Private,
        AccessPolicy::Shared,
        AccessPolicy::Anonymous,
    ]
    .into_iter()
    .find(|policy| policy_value(*policy) == word)
}

/// The word that forms have for a policy. They do not offer the one that leaves out the people who
/// have signed in.
pub(in crate::web::pages) fn policy_value(policy: AccessPolicy) -> &'static str {
    match policy {
        AccessPolicy::Private => "private",
        AccessPolicy::Shared => "shared",
        AccessPolicy::Anonymous => "anonymous",
        AccessPolicy::OnlyAnonymous => "only-anonymous",
    }
}

/// Who may pull from the project.
pub(in crate::web) async fn show_project_access(
    who: SignedIn,
    ProjectPath(project): ProjectPath,
) -> Result<Response, WebError> {
    render_form(
        &who,
        &project,
        &FormData::default(),
        FieldErrors::default(),
        None,
    )
    .await
}

pub(in crate::web) async fn update_project_access(
    who: SignedIn,
    ProjectPath(project): ProjectPath,
    sent: FormData,
) -> Result<Response, WebError> {
    let lang = who.context.lang;
    let (policy, word) = match sent.text("policy") {
        "private" => (AccessPolicy::Private, lang.msg("access-private")),
        "shared" => (AccessPolicy::Shared, lang.msg("access-shared")),
        "anonymous" => (AccessPolicy::Anonymous, lang.msg("access-anonymous")),
        _ => {
            let mut mistakes = FieldErrors::default();
            mistakes.add("policy", lang.msg("access-choose"));
            return render_form(&who, &project, &sent, mistakes, None).await;
        }
    };
    if policy == AccessPolicy::Anonymous && !sent.has("open") {
        let mut mistakes = FieldErrors::default();
        mistakes.add("open", lang.msg("access-anonymous-unconfirmed"));
        return render_form(&who, &project, &sent, mistakes, None).await;
    }
    match who.app().set_project_access(&project, policy).await {
        Ok(()) => {
            let text = lang
                .msg("access-changed")
                .arg("project", &project)
                .arg("policy", word.to_string());
            Ok(who.redirect_with_flash(Flash::new(text), &links::project(&project)))
        }
        Err(failed) => {
            render_form(
                &who,
                &project,
                &sent,
                FieldErrors::default(),
                Some(failed.into_refusal()?),
            )
            .await
        }
    }
}

async fn render_form(
    who: &SignedIn,
    project: &ProjectName,
    sent: &FormData,
    mut mistakes: FieldErrors,
    refusal: Option<Refusal>,
) -> Result<Response, WebError> {
    let lang = who.context.lang;
    let view = who.app().project_access(project).await?;
    let trouble =
        refusal.map(|refusal| SubmitError::from_change_error(refusal, lang, &[], &mut mistakes));
    let status = mistakes.status(trouble.as_ref());
    let current = view
        .policy
        .ready()
        .map_or("", |policy| policy_value(*policy));
    let value = if sent.has("policy") {
        sent.text("policy")
    } else {
        current
    };
    let policy = FormField::new("policy", lang.msg("access"), value, &mistakes);
    let chrome = who.chrome(Area::Projects, lang.msg("access").to_string());
    let unsure = mistakes.get("open").is_some();
    Ok(render_with_status(
        status,
        &who.context,
        &ProjectAccessPage {
            chrome,
            view,
            policy,
            unsure,
            trouble,
            mistakes,
        },
    ))
}
