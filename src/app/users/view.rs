//! The users of the cluster, for those who may see them.

use serde::Serialize;

use crate::app::AsUser;
use crate::app::failure::{Failure, Subject, Upstream};
use crate::app::lists::Paging;
use crate::app::members::project_roles::{ProjectRole, roles_of};
use crate::app::section::{EXTRA_PATIENCE, Section, within};
use crate::openshift::Access;
use registry_model::{Account, Group, Subject as Who, SubjectKind, version_order};

pub(in crate::app) const PER_PAGE: usize = 50;

/// A page of the list of users.
#[derive(Clone, Debug, Serialize)]
pub struct UserList {
    /// Only users whose name, full name, identity or group contains this. Empty: all.
    pub text: String,
    /// The users of this page.
    pub rows: Vec<UserRow>,
    /// Where the page stands among all that match.
    pub paging: Paging,
}

/// A user in the list.
#[derive(Clone, Debug, Serialize)]
pub struct UserRow {
    pub user: Account,
    /// The names of their groups.
    pub groups: Section<Vec<String>>,
}

#[derive(Clone, Debug, Serialize)]
pub struct UserView {
    pub user: Account,
    /// The names of their groups.
    pub groups: Section<Vec<String>>,
    /// The groups that they could be put into.
    #[serde(skip)]
    pub other_groups: Vec<String>,
    /// What they may do in projects, as far as the person who asks may see it.
    pub roles: Section<Vec<ProjectRole>>,
    /// What may be changed.
    pub offers: PersonOffers,
}

/// What the person who asks may change of a user or group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct PersonOffers {
    /// The object itself; of a group also its members.
    pub edit: bool,
    pub delete: bool,
    /// The members of groups.
    pub join: bool,
    pub give: bool,
}

impl AsUser<'_> {
    /// The users of the cluster.
    ///
    /// # Errors
    ///
    /// The failure to list them: forbidden for nearly everybody.
    pub async fn users(&self, text: &str, page: usize) -> Result<UserList, Failure> {
        let (users, groups) = tokio::join!(
            self.master.users(),
            within(EXTRA_PATIENCE, Upstream::Master, self.master.groups())
        );
        let mut users = users.map_err(|error| Failure::of_master(error, Subject::Users))?;
        let words: Vec<String> = text.split_whitespace().map(str::to_lowercase).collect();
        let known = groups.ready().map_or(&[][..], Vec::as_slice);
        users.retain(|user| {
            let of = groups_with(known, &user.name);
            let texts = [
                user.name.as_str(),
                user.full_name.as_deref().unwrap_or_default(),
            ];
            matches_all(
                texts
                    .into_iter()
                    .chain(user.identities.iter().map(String::as_str))
                    .chain(of),
                &words,
            )
        });
        users.sort_by(|a, b| version_order::compare(&a.name, &b.name));
        let (shown, paging) = Paging::cut(users, page, PER_PAGE);
        let rows = shown.into_iter().map(|user| UserRow {
            groups: groups.clone().map(|groups| names_with(&groups, &user.name)),
            user,
        });
        Ok(UserList {
            text: text.to_owned(),
            rows: rows.collect(),
            paging,
        })
    }

    /// One user with their groups and roles.
    ///
    /// # Errors
    ///
    /// The failure to read the user.
    pub async fn user(&self, name: &str) -> Result<UserView, Failure> {
        let wanted = [
            Access::on_users("update"),
            Access::on_users("delete"),
            Access::on_groups("update"),
            Access::change_all_bindings(),
        ];
        let (user, groups, bindings, [edit, delete, join, give]) = tokio::join!(
            self.master.user(name),
            within(EXTRA_PATIENCE, Upstream::Master, self.master.groups()),
            self.placed_bindings(),
            self.allowed(wanted),
        );
        let user = user
            .map_err(|error| Failure::of_master(error, Subject::User))?
            .read()
            .clone();
        let all: Vec<String> = groups
            .ready()
            .into_iter()
            .flatten()
            .map(|group| group.name.clone())
            .collect();
        let groups = groups.map(|groups| names_with(&groups, name));
        let of: Vec<String> = groups.ready().cloned().unwrap_or_default();
        let roles = bindings.map(|bindings| roles_of(&user_called(name), &of, &bindings));
        let other_groups = all
            .into_iter()
            .filter(|group| !of.contains(group))
            .collect();
        Ok(UserView {
            user,
            groups,
            other_groups,
            roles,
            offers: PersonOffers {
                edit,
                delete,
                join,
                give,
            },
        })
    }
}

/// A user as a subject of bindings.
pub(in crate::app) fn user_called(name: &str) -> Who {
    Who {
        kind: SubjectKind::User,
        name: name.to_owned(),
        project: None,
    }
}

fn groups_with<'g>(groups: &'g [Group], user: &'g str) -> impl Iterator<Item = &'g str> {
    groups
        .iter()
        .filter(move |group| group.users.iter().any(|member| member == user))
        .map(|group| group.name.as_str())
}

pub(in crate::app) fn names_with(groups: &[Group], user: &str) -> Vec<String> {
    let mut names: Vec<String> = groups_with(groups, user).map(str::to_owned).collect();
    names.sort_by(|a, b| version_order::compare(a, b));
    names
}

/// Whether each of the words is in one of the texts.
pub(in crate::app) fn matches_all<'t>(
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
