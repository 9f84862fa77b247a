//! Why a subject can, or cannot, pull from a project and push to it.
//!
//! An access review of the API server says who can; the bindings of the project say through which
//! role. A right that no binding of the project explains comes from a cluster role binding, or from
//! a role that the console does not know.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::app::AppForUser;
use crate::app::bounds::{MAX_TABLE_ROWS, truncate_counting};
use crate::app::failure::{Failure, PageSubject, Upstream};
use crate::app::image_streams::StreamFacts;
use crate::app::members::NameCheck;
use crate::app::projects::view::MemberRole;
use crate::app::section::{OPTIONAL_TIMEOUT, Section, with_timeout};
use crate::app::shell_command::ShellCommand;
use crate::openshift::{AccessRight, AllowedSubjects, ApiError};
use registry_model::{Group, ImageStreamName, ProjectName, RoleBinding, Subject, SubjectKind};

const AUTHENTICATED_GROUP: &str = "system:authenticated";
const UNAUTHENTICATED_GROUP: &str = "system:unauthenticated";
const SERVICE_ACCOUNTS_GROUP: &str = "system:serviceaccounts";

/// Who can pull from the project of an image stream and push to it, and why.
#[derive(Clone, Debug, Serialize)]
pub struct AccessView {
    /// The project. Rights apply to all of its image streams.
    pub project: ProjectName,
    pub stream: ImageStreamName,
    /// Whether the signed-in user may pull.
    pub may_pull: Section<bool>,
    /// Whether the signed-in user may push.
    pub may_push: Section<bool>,
    /// All subjects that can pull or push, unless the user may not list them. At most 200.
    pub everybody: Section<Vec<SubjectRights>>,
    /// How many more subjects can.
    pub more_people: usize,
    /// Whether the bindings that explain the rights could be read.
    pub bindings: Section<()>,
    /// The subject that the access review is about. Untrusted.
    pub asked: Option<Subject>,
    /// Whether that subject is the signed-in user, whose own rights can be reviewed without any
    /// right.
    pub asked_oneself: bool,
    /// Whether a subject of that name exists. `None` where the user may not look it up, or the
    /// cluster reserves the name.
    pub exists: Option<bool>,
    /// The result for that subject; `None` where the user may not know it.
    pub verdict: Option<SubjectAccess>,
    /// The commands that ask the API server the same.
    pub oc: Vec<ShellCommand>,
    /// The facts about the image stream. `None` where the user may not read it.
    #[serde(skip)]
    pub facts: Option<StreamFacts>,
}

/// A subject that can pull or push.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SubjectRights {
    pub who: Subject,
    /// Whether they can pull.
    pub pull: bool,
    /// Whether they can push.
    pub push: bool,
    /// The project's bindings that name the subject and grant access to images. Empty: a cluster
    /// role binding, or a role that the console does not know.
    pub through: Vec<MemberRole>,
}

/// The access of one user, group or service account.
#[derive(Clone, Debug, Serialize)]
pub struct SubjectAccess {
    pub pull: RightExplanation,
    pub push: RightExplanation,
    /// Whether the subject can pull only anonymously, that is, without sending a token.
    pub only_anonymous: bool,
    /// Whether the groups of the user are known.
    pub groups_known: bool,
    /// The command that grants pulling, where the subject cannot.
    pub oc_pull: Option<ShellCommand>,
    /// The command that grants pushing, where the subject cannot.
    pub oc_push: Option<ShellCommand>,
}

/// Whether an access is granted, and through what.
#[derive(Clone, Debug, Default, Serialize)]
pub struct RightExplanation {
    /// Each of these suffices. Empty: not granted, as far as is known.
    pub because: Vec<SubjectRights>,
    /// Groups that have the right and of which the user may be a member: their members are not
    /// known.
    pub perhaps: Vec<String>,
}

impl RightExplanation {
    /// Whether the access is granted.
    #[must_use]
    pub fn is_granted(&self) -> bool {
        !self.because.is_empty()
    }
}

impl SubjectRights {
    /// Service accounts and groups of the cluster itself that have no role in this project.
    #[must_use]
    pub fn is_system_subject(&self) -> bool {
        let system =
            self.who.kind == SubjectKind::ServiceAccount || self.who.name.starts_with("system:");
        system
            && self.through.is_empty()
            && ![AUTHENTICATED_GROUP, UNAUTHENTICATED_GROUP].contains(&self.who.name.as_str())
    }
}

impl AppForUser<'_> {
    /// Who can pull and push, and what that means for `asked`; `user` is the signed-in user's name.
    /// Without the right to read the image stream, the user's own rights are still reviewed.
    ///
    /// # Errors
    ///
    /// There is no such image stream, or the API server does not answer.
    pub async fn stream_access(
        &self,
        project: &ProjectName,
        stream: &ImageStreamName,
        asked: Option<Subject>,
        user: Option<&str>,
    ) -> Result<AccessView, Failure> {
        let api_server = &self.api_server;
        let (pull, push) = (
            AccessRight::pull_from(project.clone()),
            AccessRight::push_to(project.clone()),
        );
        let is_user = asked
            .as_ref()
            .is_some_and(|subject| subject.kind == SubjectKind::User);
        let groups = async {
            if is_user {
                with_timeout(
                    OPTIONAL_TIMEOUT,
                    Upstream::ApiServer,
                    api_server.list_groups(),
                )
                .await
                .ready()
                .cloned()
            } else {
                None
            }
        };
        let (found, may_pull, may_push, can_pull, can_push, bindings, groups, exists) = tokio::join!(
            api_server.get_stream(project, stream),
            with_timeout(
                OPTIONAL_TIMEOUT,
                Upstream::ApiServer,
                api_server.is_allowed(&pull)
            ),
            with_timeout(
                OPTIONAL_TIMEOUT,
                Upstream::ApiServer,
                api_server.is_allowed(&push)
            ),
            with_timeout(
                OPTIONAL_TIMEOUT,
                Upstream::ApiServer,
                api_server.review_pull_access(project)
            ),
            with_timeout(
                OPTIONAL_TIMEOUT,
                Upstream::ApiServer,
                api_server.review_push_access(project)
            ),
            with_timeout(
                OPTIONAL_TIMEOUT,
                Upstream::ApiServer,
                api_server.list_role_bindings(project)
            ),
            groups,
            self.subject_exists(asked.as_ref()),
        );
        let facts = match found {
            Ok(stream) => Some(StreamFacts::from_stream(&stream)),
            Err(ApiError::Forbidden(_)) => None,
            Err(error) => return Err(Failure::from_api_error(error, PageSubject::ImageStream)),
        };
        let readable_bindings = bindings.ready().map(Vec::as_slice).unwrap_or_default();
        let mut everybody = match (can_pull, can_push) {
            (Section::Ready(pull), Section::Ready(push)) => {
                Section::Ready(subjects_with_rights(&pull, &push, readable_bindings))
            }
            (Section::Missing { missing }, _) | (_, Section::Missing { missing }) => {
                Section::Missing { missing }
            }
        };
        let verdict = asked
            .as_ref()
            .zip(everybody.ready())
            .map(|(subject, all)| SubjectAccess::new(subject, all, groups.as_deref(), project));
        Ok(AccessView {
            facts,
            more_people: everybody
                .ready_mut()
                .map_or(0, |everybody| truncate_counting(everybody, MAX_TABLE_ROWS)),
            project: project.clone(),
            stream: stream.clone(),
            may_pull,
            may_push,
            everybody,
            bindings: bindings.map(|_| ()),
            asked_oneself: asked.as_ref().is_some_and(|subject| {
                subject.kind == SubjectKind::User && user == Some(subject.name.as_str())
            }),
            exists,
            asked,
            verdict,
            oc: ["get", "update"]
                .map(|verb| who_can_command(verb, project))
                .into(),
        })
    }
}

impl AppForUser<'_> {
    /// Whether there is such a user, group or service account.
    pub(super) async fn subject_exists(&self, subject: Option<&Subject>) -> Option<bool> {
        match self.check_subject_name(subject?).await {
            NameCheck::Exists => Some(true),
            NameCheck::NotFound => Some(false),
            NameCheck::NotChecked => None,
        }
    }
}

impl SubjectAccess {
    pub(super) fn new(
        subject: &Subject,
        subjects: &[SubjectRights],
        groups: Option<&[Group]>,
        project: &ProjectName,
    ) -> Self {
        let groups_known = subject.kind != SubjectKind::User || groups.is_some();
        let own_groups = subject_groups(subject, groups.unwrap_or_default());
        let answer = |can: fn(&SubjectRights) -> bool| {
            let applies = |rights: &SubjectRights| {
                rights.who == *subject
                    || (rights.who.kind == SubjectKind::Group
                        && own_groups.contains(&rights.who.name))
            };
            let (because, others): (Vec<&SubjectRights>, Vec<&SubjectRights>) = subjects
                .iter()
                .filter(|rights| can(rights))
                .partition(|rights| applies(rights));
            let own_group = |rights: &&SubjectRights| {
                rights.who.kind == SubjectKind::Group && !rights.who.name.starts_with("system:")
            };
            let perhaps = others
                .into_iter()
                .filter(own_group)
                .map(|rights| rights.who.name.clone());
            let unsure = because.is_empty() && !groups_known;
            RightExplanation {
                because: because.into_iter().cloned().collect(),
                perhaps: if unsure {
                    perhaps.collect()
                } else {
                    Vec::new()
                },
            }
        };
        let (pull, mut push) = (answer(|rights| rights.pull), answer(|rights| rights.push));
        for rights in &mut push.because {
            // A binding that grants only pulling does not explain the right to push.
            rights
                .through
                .retain(|role| role.image_right() != Some("pull"));
        }
        let grant = |answer: &RightExplanation, role| {
            (!answer.is_granted()).then(|| ShellCommand::add_role(project, subject, role))
        };
        let (oc_pull, oc_push) = (
            grant(&pull, "registry-viewer"),
            grant(&push, "registry-editor"),
        );
        let only_anonymous = !pull.is_granted()
            && subjects
                .iter()
                .any(|rights| rights.pull && rights.who == Subject::group(UNAUTHENTICATED_GROUP));
        Self {
            pull,
            push,
            only_anonymous,
            groups_known,
            oc_pull,
            oc_push,
        }
    }
}

/// The groups whose rights the subject has as well. A request with a token is not in
/// `system:unauthenticated`.
fn subject_groups(subject: &Subject, groups: &[Group]) -> BTreeSet<String> {
    if subject.name == UNAUTHENTICATED_GROUP {
        return BTreeSet::from([UNAUTHENTICATED_GROUP.to_owned()]);
    }
    let mut own_groups = BTreeSet::from([AUTHENTICATED_GROUP.to_owned()]);
    match (subject.kind, &subject.project) {
        (SubjectKind::User, _) => {
            own_groups.insert(format!("{AUTHENTICATED_GROUP}:oauth"));
            own_groups.extend(
                groups
                    .iter()
                    .filter(|group| group.users.contains(&subject.name))
                    .map(|group| group.name.clone()),
            );
        }
        (SubjectKind::ServiceAccount, Some(project)) => own_groups.extend([
            SERVICE_ACCOUNTS_GROUP.to_owned(),
            format!("{SERVICE_ACCOUNTS_GROUP}:{project}"),
        ]),
        _ if subject.service_accounts_group_project().is_some() => {
            own_groups.insert(SERVICE_ACCOUNTS_GROUP.to_owned());
        }
        _ => {}
    }
    own_groups
}

fn who_can_command(verb: &str, project: &ProjectName) -> ShellCommand {
    ShellCommand::new("oc policy who-can")
        .with_operand(verb)
        .with_operand("imagestreams/layers")
        .with_option("-n", project.as_str())
}

pub(super) fn subjects_with_rights(
    pull: &AllowedSubjects,
    push: &AllowedSubjects,
    bindings: &[RoleBinding],
) -> Vec<SubjectRights> {
    let mut all: BTreeMap<Subject, (bool, bool)> = BTreeMap::new();
    for (list, pulls) in [(pull, true), (push, false)] {
        let groups = list.groups.iter().map(Subject::group);
        for subject in list
            .users
            .iter()
            .map(|name| Subject::from_user_name(name))
            .chain(groups)
        {
            let entry = all.entry(subject).or_default();
            if pulls {
                entry.0 = true
            } else {
                entry.1 = true
            }
        }
    }
    all.into_iter()
        .map(|(subject, (pull, push))| SubjectRights {
            through: granting_roles(&subject, bindings),
            who: subject,
            pull,
            push,
        })
        .collect()
}

/// The bindings that name a subject, for the roles that are known to grant access to images. Where
/// there is none, those for roles that the project defines itself: one of them may be what grants
/// it.
fn granting_roles(subject: &Subject, bindings: &[RoleBinding]) -> Vec<MemberRole> {
    let naming_bindings = bindings.iter().filter(|binding| {
        binding
            .subjects
            .iter()
            .any(|bound| names_subject(bound, subject))
    });
    let mut roles: Vec<MemberRole> = naming_bindings
        .map(|binding| MemberRole {
            role: binding.role.clone(),
            binding: binding.name.clone(),
            cluster_role: binding.cluster_role,
        })
        .collect();
    roles.sort();
    let gives_images = |role: &MemberRole| role.image_right().is_some_and(|right| right != "see");
    if roles.iter().any(gives_images) {
        roles.retain(gives_images);
    } else {
        roles.retain(|role| !role.cluster_role);
    }
    roles
}

/// Bindings may name a service account by its user name.
fn names_subject(bound: &Subject, subject: &Subject) -> bool {
    bound == subject
        || (bound.kind == SubjectKind::User
            && subject.project.is_some()
            && bound.name == subject.qualified_name())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(name: &str) -> Subject {
        Subject::from_user_name(name)
    }

    fn group(name: &str) -> Subject {
        Subject::group(name)
    }

    fn can(users: &[&str], groups: &[&str]) -> AllowedSubjects {
        let owned = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        AllowedSubjects {
            users: owned(users),
            groups: owned(groups),
        }
    }

    fn binding(name: &str, role: &str, subject: Subject) -> RoleBinding {
        RoleBinding {
            name: name.to_owned(),
            role: role.to_owned(),
            cluster_role: true,
            subjects: vec![subject],
        }
    }

    fn verdict(
        subject: &Subject,
        all: &[SubjectRights],
        groups: Option<&[Group]>,
    ) -> SubjectAccess {
        SubjectAccess::new(subject, all, groups, &"team-a".parse().unwrap())
    }

    #[test]
    fn right_without_project_binding_is_from_the_cluster() {
        let bindings = [
            binding("b", "registry-viewer", user("ann")),
            binding("c", "basic-user", user("root")),
        ];
        let all =
            subjects_with_rights(&can(&["ann", "root"], &[]), &can(&["root"], &[]), &bindings);
        assert_eq!(
            all[0].through,
            [MemberRole {
                role: "registry-viewer".to_owned(),
                binding: "b".to_owned(),
                cluster_role: true
            }]
        );
        assert!(all[1].through.is_empty() && all[1].push, "{:?}", all[1]);
    }

    #[test]
    fn user_has_rights_of_known_groups_and_maybe_of_unknown_ones() {
        let all = subjects_with_rights(&can(&[], &["ops"]), &can(&[], &[]), &[]);
        let ops = [Group {
            name: "ops".to_owned(),
            users: vec!["ann".to_owned()],
            synced: false,
        }];
        assert!(verdict(&user("ann"), &all, Some(&ops)).pull.is_granted());
        let stranger = verdict(&user("bob"), &all, Some(&ops)).pull;
        assert!(!stranger.is_granted() && stranger.perhaps.is_empty());
        assert_eq!(verdict(&user("bob"), &all, None).pull.perhaps, ["ops"]);
        assert!(verdict(&group("ops"), &all, None).pull.is_granted());
    }

    #[test]
    fn service_account_has_rights_of_its_project_group() {
        let all = subjects_with_rights(
            &can(&[], &["system:serviceaccounts:ci"]),
            &can(&[], &[]),
            &[],
        );
        assert!(
            verdict(&user("system:serviceaccount:ci:builder"), &all, None)
                .pull
                .is_granted()
        );
        let other = verdict(&user("system:serviceaccount:ci-2:builder"), &all, None);
        assert!(!other.pull.is_granted());
        let oc = "oc policy add-role-to-user registry-viewer system:serviceaccount:ci-2:builder -n team-a";
        assert_eq!(other.oc_pull.unwrap().to_line().unwrap(), oc);
    }

    #[test]
    fn unauthenticated_rights_do_not_extend_to_signed_in_users() {
        let all = subjects_with_rights(&can(&[], &[UNAUTHENTICATED_GROUP]), &can(&[], &[]), &[]);
        for subject in [
            user("ann"),
            user("system:serviceaccount:ci:builder"),
            group("ops"),
            group(AUTHENTICATED_GROUP),
        ] {
            let verdict = verdict(&subject, &all, Some(&[]));
            assert!(
                !verdict.pull.is_granted() && verdict.only_anonymous,
                "{subject:?}"
            );
        }
        let without_token = verdict(&group(UNAUTHENTICATED_GROUP), &all, Some(&[]));
        assert!(without_token.pull.is_granted() && !without_token.only_anonymous);
        let both = subjects_with_rights(
            &can(&[], &[UNAUTHENTICATED_GROUP, AUTHENTICATED_GROUP]),
            &can(&[], &[]),
            &[],
        );
        let both = verdict(&user("ann"), &both, Some(&[]));
        assert!(
            both.pull.is_granted()
                && !both.only_anonymous
                && both.oc_pull.is_none()
                && both.oc_push.is_some()
        );
    }

    #[test]
    fn cluster_groups_are_omitted_if_members_are_unknown() {
        let all = subjects_with_rights(
            &can(&["ann"], &["ops", "system:masters"]),
            &can(&[], &[]),
            &[],
        );
        let verdict = verdict(&user("bob"), &all, None);
        assert_eq!(verdict.pull.perhaps, ["ops"]);
        assert!(
            !verdict.only_anonymous,
            "requests without a token may not pull"
        );
    }

    #[test]
    fn project_service_accounts_are_in_the_all_accounts_group() {
        let all = subjects_with_rights(&can(&[], &[SERVICE_ACCOUNTS_GROUP]), &can(&[], &[]), &[]);
        assert!(
            verdict(&Subject::service_accounts_group("ci"), &all, None)
                .pull
                .is_granted()
        );
        assert!(!verdict(&group("ops"), &all, None).pull.is_granted());
    }

    #[test]
    fn binding_may_name_service_account_as_user() {
        let name = "system:serviceaccount:ci:builder";
        let as_user = Subject {
            kind: SubjectKind::User,
            name: name.to_owned(),
            project: None,
        };
        let roles = |account: &str, subject: &Subject| {
            granting_roles(
                &user(account),
                &[binding("b", "registry-viewer", subject.clone())],
            )
            .len()
        };
        assert_eq!(roles(name, &as_user), 1);
        for other in [
            "system:serviceaccount:ci:deployer",
            "system:serviceaccount:ci-2:builder",
            "builder",
        ] {
            assert_eq!(roles(other, &as_user), 0, "{other}");
        }
        assert_eq!(
            roles(name, &group(name)),
            0,
            "a group of the same name is another subject"
        );
    }

    #[test]
    fn system_accounts_are_those_without_a_project_role() {
        let pull = can(
            &["ann", "system:admin", "system:serviceaccount:ci:builder"],
            &[
                "ops",
                "system:masters",
                AUTHENTICATED_GROUP,
                UNAUTHENTICATED_GROUP,
            ],
        );
        let of_the_system = |bindings: &[RoleBinding]| {
            let mut names: Vec<String> = subjects_with_rights(&pull, &can(&[], &[]), bindings)
                .into_iter()
                .filter(SubjectRights::is_system_subject)
                .map(|one| one.who.name)
                .collect();
            names.sort();
            names
        };
        assert_eq!(
            of_the_system(&[]),
            ["builder", "system:admin", "system:masters"]
        );
        let bound = binding(
            "b",
            "registry-viewer",
            user("system:serviceaccount:ci:builder"),
        );
        assert_eq!(of_the_system(&[bound]), ["system:admin", "system:masters"]);
    }

    #[test]
    fn pull_only_role_does_not_explain_push() {
        let bindings = [binding("b", "registry-viewer", user("root"))];
        let all = subjects_with_rights(&can(&["root"], &[]), &can(&["root"], &[]), &bindings);
        let verdict = verdict(&user("root"), &all, None);
        assert_eq!(verdict.pull.because[0].through[0].binding, "b");
        assert!(verdict.push.is_granted() && verdict.push.because[0].through.is_empty());
    }

    #[test]
    fn view_role_does_not_grant_pull() {
        let bindings = [binding("v", "view", user("root"))];
        let all = subjects_with_rights(&can(&["root"], &[]), &can(&[], &[]), &bindings);
        let verdict = verdict(&user("root"), &all, None);
        assert!(
            verdict.pull.is_granted() && verdict.pull.because[0].through.is_empty(),
            "it comes from elsewhere"
        );
    }

    #[test]
    fn custom_role_is_named_if_no_known_role_explains_the_right() {
        let own = RoleBinding {
            cluster_role: false,
            ..binding("o", "admin", user("root"))
        };
        let all = subjects_with_rights(
            &can(&["root"], &[]),
            &can(&[], &[]),
            std::slice::from_ref(&own),
        );
        assert_eq!(
            all[0].through,
            [MemberRole {
                role: "admin".to_owned(),
                binding: "o".to_owned(),
                cluster_role: false
            }]
        );
        let both = [own, binding("v", "registry-viewer", user("root"))];
        assert_eq!(
            subjects_with_rights(&can(&["root"], &[]), &can(&[], &[]), &both)[0].through[0].binding,
            "v"
        );
    }

    #[test]
    fn names_are_never_parsed_as_options() {
        let verdict = verdict(&user("--all"), &[], None);
        assert_eq!(
            verdict.oc_pull.unwrap().to_line().unwrap(),
            "oc policy add-role-to-user -n team-a -- registry-viewer --all"
        );
    }
}
