//! The groups of the cluster, for users who may see them.

use serde::Serialize;
use utoipa::ToSchema;

use crate::app::AppForUser;
use crate::app::change::ChangeError;
use crate::app::failure::{Failure, PageSubject};
use crate::app::lists::Paging;
use crate::app::members::project_roles::{ProjectRole, subject_roles};
use crate::app::section::Section;
use crate::app::shell_command::ShellCommand;
use crate::app::users::change_steps::ChangeStep;
use crate::app::users::view::{AccountRights, USERS_PER_PAGE, all_words_match};
use crate::openshift::AccessRight;
use registry_model::{Group, Subject, SubjectKind, version_order};

/// A page of the list of groups.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct GroupList {
    /// Only groups whose name or member contains this. Empty: all.
    pub text: String,
    /// The groups of this page.
    pub rows: Vec<Group>,
    /// The position of the page among all matches.
    pub paging: Paging,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct GroupView {
    pub group: Group,
    /// Only members whose name contains this are on the page. Empty: all.
    pub text: String,
    /// The members of this page.
    pub members: Vec<String>,
    /// The position of the page among all matches.
    pub paging: Paging,
    /// The roles of the group in projects, as far as the signed-in user may see them.
    pub roles: Section<Vec<ProjectRole>>,
    /// What the signed-in user may change.
    pub offers: AccountRights,
}

impl GroupView {
    /// The roles that are removed with the group, and those that the console does not remove.
    #[must_use]
    pub fn removed_and_remaining_roles(&self) -> (Vec<&ProjectRole>, Vec<&ProjectRole>) {
        self.roles
            .ready()
            .into_iter()
            .flatten()
            .partition(|role| role.is_removable())
    }

    /// The steps that delete the group, which is deleted last: until then the same form can finish
    /// the deletion.
    #[must_use]
    pub fn deletion_steps(&self) -> Vec<ChangeStep> {
        let subject = group_subject(&self.group.name);
        let roles = self
            .removed_and_remaining_roles()
            .0
            .into_iter()
            .map(|role| role.removal_step(&subject));
        roles
            .chain([ChangeStep::DeleteGroup {
                group: self.group.name.clone(),
            }])
            .collect()
    }
}

impl AppForUser<'_> {
    /// The groups of the cluster.
    ///
    /// # Errors
    ///
    /// The failure to list them: forbidden for most users.
    pub async fn group_list(&self, text: &str, page: usize) -> Result<GroupList, Failure> {
        let mut groups = self
            .api_server
            .list_groups()
            .await
            .map_err(|error| Failure::from_api_error(error, PageSubject::Groups))?;
        let words: Vec<String> = text.split_whitespace().map(str::to_lowercase).collect();
        groups.retain(|group| {
            all_words_match(
                std::iter::once(&group.name)
                    .chain(&group.users)
                    .map(String::as_str),
                &words,
            )
        });
        groups.sort_by(|a, b| version_order::compare(&a.name, &b.name));
        let (rows, paging) = Paging::paginate(groups, page, USERS_PER_PAGE);
        Ok(GroupList {
            text: text.to_owned(),
            rows,
            paging,
        })
    }

    /// Whether the user may create groups.
    pub async fn can_create_groups(&self) -> bool {
        let [may] = self
            .review_access([AccessRight::for_groups("create")])
            .await;
        may
    }

    /// One group with its members and roles.
    ///
    /// # Errors
    ///
    /// The failure to read the group.
    pub async fn group_view(
        &self,
        name: &str,
        text: &str,
        page: usize,
    ) -> Result<GroupView, Failure> {
        let rights = [
            AccessRight::for_groups("update"),
            AccessRight::for_groups("delete"),
            AccessRight::update_all_role_bindings(),
        ];
        let (group, bindings, [edit, delete, give]) = tokio::join!(
            self.api_server.get_group(name),
            self.bindings_by_project(),
            self.review_access(rights)
        );
        let mut group = group
            .map_err(|error| Failure::from_api_error(error, PageSubject::Group))?
            .group()
            .clone();
        group.users.sort_by(|a, b| version_order::compare(a, b));
        let roles = bindings.map(|bindings| subject_roles(&group_subject(name), &[], &bindings));
        let needle = text.to_lowercase();
        let found = group
            .users
            .iter()
            .filter(|user| user.to_lowercase().contains(&needle))
            .cloned()
            .collect();
        let (members, paging) = Paging::paginate(found, page, USERS_PER_PAGE);
        Ok(GroupView {
            group,
            text: text.to_owned(),
            members,
            paging,
            roles,
            offers: AccountRights {
                edit,
                delete,
                join: edit,
                give,
            },
        })
    }

    /// Adds users to a group, and returns those that were not members before.
    ///
    /// # Errors
    ///
    /// The API server refuses the change or cannot be reached.
    pub async fn add_members(
        &self,
        group: &str,
        users: &[String],
    ) -> Result<Vec<String>, ChangeError> {
        Ok(self.change_group(group, &[], users).await?)
    }

    /// Removes users from a group, and returns those that were members.
    ///
    /// # Errors
    ///
    /// The API server refuses the change or cannot be reached.
    pub async fn remove_members(
        &self,
        group: &str,
        users: &[String],
    ) -> Result<Vec<String>, ChangeError> {
        Ok(self.change_group(group, users, &[]).await?)
    }

    /// Creates a group.
    ///
    /// # Errors
    ///
    /// The API server refuses the change or cannot be reached.
    pub async fn create_group(&self, name: &str, users: &[String]) -> Result<(), ChangeError> {
        self.api_server.create_group(name, users).await?;
        self.invalidate_rights();
        Ok(())
    }
}

impl ShellCommand {
    /// The command that adds users to a group, with a placeholder if there are none.
    #[must_use]
    pub fn add_members(group: &str, users: &[String]) -> Self {
        let placeholder = users.is_empty().then_some("USER");
        Self::new("oc adm groups add-users")
            .with_operand(group)
            .with_operands(users)
            .with_operands(placeholder)
    }

    /// The command that creates a group.
    #[must_use]
    pub fn new_group(name: &str, users: &[String]) -> Self {
        Self::new("oc adm groups new")
            .with_operand(name)
            .with_operands(users)
    }
}

fn group_subject(name: &str) -> Subject {
    Subject {
        kind: SubjectKind::Group,
        name: name.to_owned(),
        project: None,
    }
}
