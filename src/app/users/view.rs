//! The users of the cluster, for users who may see them.

use serde::Serialize;
use utoipa::ToSchema;

use crate::app::AppForUser;
use crate::app::failure::{Failure, PageSubject};
use crate::app::lists::Paging;
use crate::app::members::project_roles::{ProjectRole, subject_roles};
use crate::app::section::{Section, optional};
use crate::openshift::AccessRight;
use registry_model::{Group, Subject, SubjectKind, UserAccount, version_order};

pub(in crate::app) const USERS_PER_PAGE: usize = 50;

/// A page of the list of users.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct UserList {
    /// Only users whose name, full name, identity or group contains this. Empty: all.
    pub text: String,
    /// The users of this page.
    pub rows: Vec<UserRow>,
    /// The position of the page among all matches.
    pub paging: Paging,
}

/// A user in the list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct UserRow {
    pub user: UserAccount,
    /// The names of their groups.
    pub groups: Section<Vec<String>>,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct UserView {
    pub user: UserAccount,
    /// The resource version of the user object: a change can name it.
    pub resource_version: String,
    /// The names of the user's groups.
    pub groups: Section<Vec<String>>,
    /// The groups to which the user can be added.
    #[serde(skip)]
    pub other_groups: Vec<String>,
    /// The user's roles in projects, as far as the signed-in user may see them.
    pub roles: Section<Vec<ProjectRole>>,
    /// What the signed-in user may change.
    pub offers: AccountRights,
}

/// What the signed-in user may change of a user or group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct AccountRights {
    /// The object itself; for a group also its members.
    pub edit: bool,
    pub delete: bool,
    /// The members of groups.
    pub join: bool,
    pub give: bool,
}

impl AppForUser<'_> {
    /// The users of the cluster.
    ///
    /// # Errors
    ///
    /// The failure to list them: forbidden for most users.
    pub async fn user_list(&self, text: &str, page: usize) -> Result<UserList, Failure> {
        let (users, groups) = tokio::join!(
            self.api_server.list_users(),
            optional(self.api_server.list_groups())
        );
        let mut users =
            users.map_err(|error| Failure::from_api_error(error, PageSubject::Users))?;
        let words: Vec<String> = text.split_whitespace().map(str::to_lowercase).collect();
        let all_groups = groups.ready().map_or(&[][..], Vec::as_slice);
        users.retain(|user| {
            let user_groups = groups_of_user(all_groups, &user.name);
            let texts = [
                user.name.as_str(),
                user.full_name.as_deref().unwrap_or_default(),
            ];
            all_words_match(
                texts
                    .into_iter()
                    .chain(user.identities.iter().map(String::as_str))
                    .chain(user_groups),
                &words,
            )
        });
        users.sort_by(|a, b| version_order::compare(&a.name, &b.name));
        let (shown, paging) = Paging::paginate(users, page, USERS_PER_PAGE);
        let rows = shown.into_iter().map(|user| UserRow {
            groups: groups
                .clone()
                .map(|groups| group_names_of_user(&groups, &user.name)),
            user,
        });
        Ok(UserList {
            text: text.to_owned(),
            rows: rows.collect(),
            paging,
        })
    }

    /// One user with groups and roles.
    ///
    /// # Errors
    ///
    /// The failure to read the user.
    pub async fn user_view(&self, name: &str) -> Result<UserView, Failure> {
        let rights = [
            AccessRight::for_users("update"),
            AccessRight::for_users("delete"),
            AccessRight::for_groups("update"),
            AccessRight::update_all_role_bindings(),
        ];
        let (user, groups, bindings, [edit, delete, join, give]) = tokio::join!(
            self.api_server.get_user(name),
            optional(self.api_server.list_groups()),
            self.bindings_by_project(),
            self.review_access(rights),
        );
        let found = user.map_err(|error| Failure::from_api_error(error, PageSubject::User))?;
        let user = found.account().clone();
        let all: Vec<String> = groups
            .ready()
            .into_iter()
            .flatten()
            .map(|group| group.name.clone())
            .collect();
        let groups = groups.map(|groups| group_names_of_user(&groups, name));
        let user_groups: Vec<String> = groups.ready().cloned().unwrap_or_default();
        let roles =
            bindings.map(|bindings| subject_roles(&user_subject(name), &user_groups, &bindings));
        let other_groups = all
            .into_iter()
            .filter(|group| !user_groups.contains(group))
            .collect();
        Ok(UserView {
            resource_version: found.resource_version().to_owned(),
            user,
            groups,
            other_groups,
            roles,
            offers: AccountRights {
                edit,
                delete,
                join,
                give,
            },
        })
    }
}

/// A user as a subject of bindings.
pub(in crate::app) fn user_subject(name: &str) -> Subject {
    Subject {
        kind: SubjectKind::User,
        name: name.to_owned(),
        project: None,
    }
}

fn groups_of_user<'g>(groups: &'g [Group], user: &'g str) -> impl Iterator<Item = &'g str> {
    groups
        .iter()
        .filter(move |group| group.users.iter().any(|member| member == user))
        .map(|group| group.name.as_str())
}

pub(in crate::app) fn group_names_of_user(groups: &[Group], user: &str) -> Vec<String> {
    let mut names: Vec<String> = groups_of_user(groups, user).map(str::to_owned).collect();
    names.sort_by(|a, b| version_order::compare(a, b));
    names
}

/// Whether each of the words is in one of the texts.
pub(in crate::app) fn all_words_match<'t>(
    texts: impl Iterator<Item = &'t str>,
    words: &[String],
) -> bool {
    let texts: Vec<String> = if words.is_empty() {
        Vec::new()
    } else {
        texts.map(str::to_lowercase).collect()
    };
    words
        .iter()
        .all(|word| texts.iter().any(|text| text.contains(word)))
}
