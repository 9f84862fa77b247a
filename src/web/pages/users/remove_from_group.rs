//! `/groups/{group}/remove`: removes a user from a group.

use askama::Template;
use axum::extract::RawQuery;
use axum::response::Response;
use serde::Serialize;

use crate::app::change::Refusal;
use crate::app::failure::{Failure, PageSubject};
use crate::app::shell_command::ShellCommand;
use crate::app::users::{ChangeStep, GroupView};
use crate::i18n::Lang;
use crate::web::context::SignedIn;
use crate::web::errors::WebError;
use crate::web::extractors::UserOrGroupPath;
use crate::web::filters;
use crate::web::forms::{ConfirmationPage, FieldErrors, Flash, FormData, SubmitError};
use crate::web::links;
use crate::web::page_header::PageHeader;
use crate::web::pages::users::common::{cluster_submit_error, with_subject_name};
use crate::web::render::{Area, Chrome};

#[derive(Template, Serialize)]
#[template(path = "users/remove_from_group.html")]
struct RemoveFromGroupPage {
    #[serde(skip)]
    chrome: Chrome,
    #[serde(flatten)]
    view: GroupView,
    /// The member to remove.
    user: String,
    #[serde(rename = "trouble")]
    submit_error: Option<SubmitError>,
    oc: Vec<ShellCommand>,
}

impl RemoveFromGroupPage {
    fn header(&self) -> PageHeader {
        let lang = self.chrome.lang;
        PageHeader::new(&self.chrome.title)
            .with_current(lang.msg("leave-group"))
            .below_group(lang, &self.view.group.name)
    }
}

impl ConfirmationPage for RemoveFromGroupPage {
    /// The group, and its member.
    type Target = (String, String);

    async fn load(
        caller: &SignedIn,
        (group, user): &Self::Target,
        submit_error: Option<SubmitError>,
    ) -> Result<Self, WebError> {
        let view = with_subject_name(caller.app().group_view(group, "", 1).await, group)?;
        if !view.group.users.contains(user) {
            return Err(Failure::NotFound(PageSubject::Page).into());
        }
        let step = ChangeStep::LeaveGroup {
            user: user.clone(),
            group: group.clone(),
        };
        let title = caller
            .context
            .lang
            .msg("leave-group-title")
            .arg("user", user)
            .arg("group", &view.group.name)
            .to_string();
        Ok(Self {
            chrome: caller.chrome(Area::Administration, title),
            view,
            user: user.clone(),
            submit_error,
            oc: step.commands(),
        })
    }

    fn submit_error(refusal: Refusal, lang: Lang) -> SubmitError {
        cluster_submit_error(refusal, lang, &mut FieldErrors::default())
    }
}

pub(in crate::web) async fn confirm_remove_from_group(
    caller: SignedIn,
    UserOrGroupPath(group): UserOrGroupPath,
    RawQuery(query): RawQuery,
) -> Result<Response, WebError> {
    let query = query.unwrap_or_default();
    // Without a user in the query, the member is not found.
    let user = url::form_urlencoded::parse(query.as_bytes())
        .find(|(name, _)| name == "user")
        .map_or_else(String::new, |(_, value)| value.into_owned());
    caller.confirm::<RemoveFromGroupPage>(&(group, user)).await
}

pub(in crate::web) async fn remove_from_group(
    caller: SignedIn,
    UserOrGroupPath(group): UserOrGroupPath,
    form: FormData,
) -> Result<Response, WebError> {
    let lang = caller.context.lang;
    let user = form.text("user").to_owned();
    let outcome = caller
        .app()
        .remove_members(&group, std::slice::from_ref(&user))
        .await
        .map(|_| ());
    let path = links::group(&group);
    let flash = Flash::new(
        lang.msg("group-left")
            .arg("user", &user)
            .arg("group", &group),
    )
    .with_undo(
        path.clone(),
        lang.msg("undo"),
        &[("do", "add"), ("members", user.as_str())],
    );
    caller
        .redirect_or_confirm::<RemoveFromGroupPage>(&(group, user), outcome, flash, &path)
        .await
}
