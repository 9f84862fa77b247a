//! Why somebody can, or cannot, pull from a project and push to it.
//!
//! The master's access review says who can; the project's bindings say through what. A grant that
//! no binding of the project explains is one for the whole cluster, or of a role that the console
//! does not know.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::app::AsUser;
use crate::app::bounds::{MOST_ROWS, keep_first};
use crate::app::failure::{Failure, Subject, Upstream};
use crate::app::members::NameCheck;
use crate::app::projects::view::MemberRole;
use crate::app::section::{EXTRA_PATIENCE, Section, within};
use crate::app::shell_command::ShellCommand;
use crate::openshift::{Access, Error, WhoCan};
use registry_model::{
    Group, ImageStreamName, ProjectName, RoleBinding, Subject as Who, SubjectKind,
};

const AUTHENTICATED: &str = "system:authenticated";
const UNAUTHENTICATED: &str = "system:unauthenticated";
const ROBOTS: &str = "system:serviceaccounts";

/// Who can pull from the project of an image stream and push to it, and why.
#[derive(Clone, Debug, Serialize)]
pub struct AccessView {
    /// The project: rights are given for all its image streams together.
    pub project: ProjectName,
    pub stream: ImageStreamName,
    /// Whether the person who asks may pull.
    pub may_pull: Section<bool>,
    /// Whether the person who asks may push.
    pub may_push: Section<bool>,
    /// Those who can, unless the person may not know. At most 200.
    pub everybody: Section<Vec<Granted>>,
    /// How many more can.
    pub more_people: usize,
    /// Whether the bindings that explain it could be read.
    pub bindings: Section<()>,
    /// About whom was asked. Untrusted.
    pub asked: Option<Who>,
    /// Whether that is the person who asks: about oneself there is an answer without any right.
    pub asked_oneself: bool,
    /// Whether somebody of that name exists. Nothing where the person may not know, or the cluster
    /// itself keeps the name.
    pub exists: Option<bool>,
    /// What there is to say about them; nothing where the person may not know.
    pub verdict: Option<Verdict>,
    /// The master's own answer, in a terminal.
    pub oc: Vec<ShellCommand>,
}

/// Somebody who can pull or push.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Granted {
    pub who: Who,
    /// Whether they can pull.
    pub pull: bool,
    /// Whether they can push.
    pub push: bool,
    /// The project's bindings that name them and give images. Empty: a cluster-wide binding, or a
    /// role that the console does not know.
    pub through: Vec<MemberRole>,
}

/// What there is to say about one user, group or service account.
#[derive(Clone, Debug, Serialize)]
pub struct Verdict {
    pub pull: Answer,
    pub push: Answer,
    /// Whether they can pull although they have no right of their own to it: by sending no token,
    /// as people who have not signed in do.
    pub only_anonymous: bool,
    /// Whether the groups of the user are known.
    pub groups_known: bool,
    /// What would let them pull, where they cannot.
    pub oc_pull: Option<ShellCommand>,
    /// What would let them push, where they cannot.
    pub oc_push: Option<ShellCommand>,
}

/// Yes or no, and why.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Answer {
    /// Each on its own suffices. Empty: no, as far as is known.
    pub because: Vec<Granted>,
    /// Groups that can, of which the user may be a member: who is in them is not known.
    pub perhaps: Vec<String>,
}

impl Answer {
    /// Whether it is a yes.
    #[must_use]
    pub fn yes(&self) -> bool {
        !self.because.is_empty()
    }
}

impl Granted {
    /// Robots and groups of the cluster itself, which nobody gave a role in this project.
    #[must_use]
    pub fn is_of_the_system(&self) -> bool {
        let system =
            self.who.kind == SubjectKind::ServiceAccount || self.who.name.starts_with("system:");
        system
            && self.through.is_empty()
            && ![AUTHENTICATED, UNAUTHENTICATED].contains(&self.who.name.as_str())
    }
}

impl AsUser<'_> {
    /// Who can pull and push, and what that means for `asked`; `user` is the person's own name.
    /// Without the right to read the stream there is still an answer about oneself.
    ///
    /// # Errors
    ///
    /// There is no such stream, or the master does not answer.
    pub async fn access(
        &self,
        project: &ProjectName,
        stream: &ImageStreamName,
        asked: Option<Who>,
        user: Option<&str>,
    ) -> Result<AccessView, Failure> {
        let master = &self.master;
        let (pull, push) = (
            Access::pull_from(project.clone()),
            Access::push_to(project.clone()),
        );
        let is_user = asked
            .as_ref()
            .is_some_and(|who| who.kind == SubjectKind::User);
        let groups = async {
            if is_user {
                within(EXTRA_PATIENCE, Upstream::Master, master.groups())
                    .await
                    .ready()
                    .cloned()
            } else {
                None
            }
        };
        let (found, may_pull, may_push, can_pull, can_push, bindings, groups, exists) = tokio::join!(
            master.image_stream(project, stream),
            within(EXTRA_PATIENCE, Upstream::Master, master.may(&pull)),
            within(EXTRA_PATIENCE, Upstream::Master, master.may(&push)),
            within(
                EXTRA_PATIENCE,
                Upstream::Master,
                master.who_can_pull(project)
            ),
            within(
                EXTRA_PATIENCE,
                Upstream::Master,
                master.who_can_push(project)
            ),
            within(
                EXTRA_PATIENCE,
                Upstream::Master,
                master.role_bindings(project)
            ),
            groups,
            self.exists(asked.as_ref()),
        );
        match found {
            Ok(_) | Err(Error::Forbidden(_)) => {}
            Err(error) => return Err(Failure::of_master(error, Subject::ImageStream)),
        }
        let known = bindings.ready().map(Vec::as_slice).unwrap_or_default();
        let mut everybody = match (can_pull, can_push) {
            (Section::Ready(pull), Section::Ready(push)) => {
                Section::Ready(granted(&pull, &push, known))
            }
            (Section::Missing { missing }, _) | (_, Section::Missing { missing }) => {
                Section::Missing { missing }
            }
        };
        let verdict = asked
            .as_ref()
            .zip(everybody.ready())
            .map(|(who, all)| Verdict::of(who, all, groups.as_deref(), project));
        Ok(AccessView {
            more_people: everybody
                .ready_mut()
                .map_or(0, |everybody| keep_first(everybody, MOST_ROWS)),
            project: project.clone(),
            stream: stream.clone(),
            may_pull,
            may_push,
            everybody,
            bindings: bindings.map(|_| ()),
            asked_oneself: asked.as_ref().is_some_and(|who| {
                who.kind == SubjectKind::User && user == Some(who.name.as_str())
            }),
            exists,
            asked,
            verdict,
            oc: ["get", "update"].map(|verb| who_can(verb, project)).into(),
        })
    }
}

impl AsUser<'_> {
    /// Whether there is such a user, group or service account.
    async fn exists(&self, who: Option<&Who>) -> Option<bool> {
        match self.check_member(who?).await {
            NameCheck::Exists => Some(true),
            NameCheck::Missing => Some(false),
            NameCheck::NotChecked => None,
        }
    }
}

impl Verdict {
    fn of(who: &Who, all: &[Granted], groups: Option<&[Group]>, project: &ProjectName) -> Self {
        let groups_known = who.kind != SubjectKind::User || groups.is_some();
        let within = groups_of(who, groups.unwrap_or_default());
        let answer = |can: fn(&Granted) -> bool| {
            let is_theirs = |one: &Granted| {
                one.who == *who
                    || (one.who.kind == SubjectKind::Group && within.contains(&one.who.name))
            };
            let (because, others): (Vec<&Granted>, Vec<&Granted>) = all
                .iter()
                .filter(|one| can(one))
                .partition(|one| is_theirs(one));
            let own_group = |one: &&Granted| {
                one.who.kind == SubjectKind::Group && !one.who.name.starts_with("system:")
            };
            let perhaps = others
                .into_iter()
                .filter(own_group)
                .map(|one| one.who.name.clone());
            let unsure = because.is_empty() && !groups_known;
            Answer {
                because: because.into_iter().cloned().collect(),
                perhaps: if unsure {
                    perhaps.collect()
                } else {
                    Vec::new()
                },
            }
        };
        let (pull, mut push) = (answer(|one| one.pull), answer(|one| one.push));
        for one in &mut push.because {
            // What gives pulling alone is no reason for pushing.
            one.through.retain(|role| role.gives() != Some("pull"));
        }
        let grant = |answer: &Answer, role| {
            (!answer.yes()).then(|| ShellCommand::give_role(project, who, role))
        };
        let (oc_pull, oc_push) = (
            grant(&pull, "registry-viewer"),
            grant(&push, "registry-editor"),
        );
        let only_anonymous = !pull.yes()
            && all
                .iter()
                .any(|one| one.pull && one.who == Who::group(UNAUTHENTICATED));
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

/// The groups whose grants are also theirs. A request with a token is not in
/// `system:unauthenticated`.
fn groups_of(who: &Who, groups: &[Group]) -> BTreeSet<String> {
    if who.name == UNAUTHENTICATED {
        return BTreeSet::from([UNAUTHENTICATED.to_owned()]);
    }
    let mut within = BTreeSet::from([AUTHENTICATED.to_owned()]);
    match (who.kind, &who.project) {
        (SubjectKind::User, _) => {
            within.insert(format!("{AUTHENTICATED}:oauth"));
            within.extend(
                groups
                    .iter()
                    .filter(|group| group.users.contains(&who.name))
                    .map(|group| group.name.clone()),
            );
        }
        (SubjectKind::ServiceAccount, Some(project)) => {
            within.extend([ROBOTS.to_owned(), format!("{ROBOTS}:{project}")])
        }
        _ if who.project_of_service_accounts().is_some() => {
            within.insert(ROBOTS.to_owned());
        }
        _ => {}
    }
    within
}

fn who_can(verb: &str, project: &ProjectName) -> ShellCommand {
    ShellCommand::new("oc policy who-can")
        .operand(verb)
        .operand("imagestreams/layers")
        .option("-n", project.as_str())
}

fn granted(pull: &WhoCan, push: &WhoCan, bindings: &[RoleBinding]) -> Vec<Granted> {
    let mut all: BTreeMap<Who, (bool, bool)> = BTreeMap::new();
    for (list, pulls) in [(pull, true), (push, false)] {
        let groups = list.groups.iter().map(Who::group);
        for who in list
            .users
            .iter()
            .map(|name| Who::of_user_name(name))
            .chain(groups)
        {
            let entry = all.entry(who).or_default();
            if pulls {
                entry.0 = true
            } else {
                entry.1 = true
            }
        }
    }
    all.into_iter()
        .map(|(who, (pull, push))| Granted {
            through: through(&who, bindings),
            who,
            pull,
            push,
        })
        .collect()
}

/// The bindings that name somebody, for the roles that are known to give images. Where none does,
/// those for roles that the project has made for itself: one of them may be what gives it.
fn through(who: &Who, bindings: &[RoleBinding]) -> Vec<MemberRole> {
    let naming = bindings
        .iter()
        .filter(|binding| binding.subjects.iter().any(|subject| names(subject, who)));
    let mut roles: Vec<MemberRole> = naming
        .map(|binding| MemberRole {
            role: binding.role.clone(),
            binding: binding.name.clone(),
            cluster_role: binding.cluster_role,
        })
        .collect();
    roles.sort();
    let gives_images = |role: &MemberRole| role.gives().is_some_and(|gives| gives != "see");
    if roles.iter().any(gives_images) {
        roles.retain(gives_images);
    } else {
        roles.retain(|role| !role.cluster_role);
    }
    roles
}

/// Bindings may name a service account as the user that it is.
fn names(subject: &Who, who: &Who) -> bool {
    subject == who
        || (subject.kind == SubjectKind::User
            && who.project.is_some()
            && subject.name == who.account_name())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(name: &str) -> Who {
        Who::of_user_name(name)
    }

    fn group(name: &str) -> Who {
        Who::group(name)
    }

    fn can(users: &[&str], groups: &[&str]) -> WhoCan {
        let owned = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        WhoCan {
            users: owned(users),
            groups: owned(groups),
        }
    }

    fn binding(name: &str, role: &str, subject: Who) -> RoleBinding {
        RoleBinding {
            name: name.to_owned(),
            role: role.to_owned(),
            cluster_role: true,
            subjects: vec![subject],
        }
    }

    fn verdict(who: &Who, all: &[Granted], groups: Option<&[Group]>) -> Verdict {
        Verdict::of(who, all, groups, &"team-a".parse().unwrap())
    }

    #[test]
    fn a_grant_without_a_binding_of_the_project_comes_from_elsewhere() {
        let bindings = [
            binding("b", "registry-viewer", user("ann")),
            binding("c", "basic-user", user("root")),
        ];
        let all = granted(&can(&["ann", "root"], &[]), &can(&["root"], &[]), &bindings);
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
    fn a_user_can_what_their_groups_can_and_perhaps_what_unknown_groups_can() {
        let all = granted(&can(&[], &["ops"]), &can(&[], &[]), &[]);
        let ops = [Group {
            name: "ops".to_owned(),
            users: vec!["ann".to_owned()],
            synced: false,
        }];
        assert!(verdict(&user("ann"), &all, Some(&ops)).pull.yes());
        let stranger = verdict(&user("bob"), &all, Some(&ops)).pull;
        assert!(!stranger.yes() && stranger.perhaps.is_empty());
        assert_eq!(verdict(&user("bob"), &all, None).pull.perhaps, ["ops"]);
        assert!(verdict(&group("ops"), &all, None).pull.yes());
    }

    #[test]
    fn service_accounts_can_what_those_of_their_project_can() {
        let all = granted(
            &can(&[], &["system:serviceaccounts:ci"]),
            &can(&[], &[]),
            &[],
        );
        assert!(
            verdict(&user("system:serviceaccount:ci:builder"), &all, None)
                .pull
                .yes()
        );
        let other = verdict(&user("system:serviceaccount:ci-2:builder"), &all, None);
        assert!(!other.pull.yes());
        let oc = "oc policy add-role-to-user registry-viewer system:serviceaccount:ci-2:builder -n team-a";
        assert_eq!(other.oc_pull.unwrap().line().unwrap(), oc);
    }

    #[test]
    fn people_who_sign_in_do_not_share_what_requests_without_a_token_may() {
        let all = granted(&can(&[], &[UNAUTHENTICATED]), &can(&[], &[]), &[]);
        for who in [
            user("ann"),
            user("system:serviceaccount:ci:builder"),
            group("ops"),
            group(AUTHENTICATED),
        ] {
            let verdict = verdict(&who, &all, Some(&[]));
            assert!(!verdict.pull.yes() && verdict.only_anonymous, "{who:?}");
        }
        let without_token = verdict(&group(UNAUTHENTICATED), &all, Some(&[]));
        assert!(without_token.pull.yes() && !without_token.only_anonymous);
        let both = granted(
            &can(&[], &[UNAUTHENTICATED, AUTHENTICATED]),
            &can(&[], &[]),
            &[],
        );
        let both = verdict(&user("ann"), &both, Some(&[]));
        assert!(
            both.pull.yes()
                && !both.only_anonymous
                && both.oc_pull.is_none()
                && both.oc_push.is_some()
        );
    }

    #[test]
    fn groups_of_the_cluster_are_not_named_where_the_members_of_groups_are_unknown() {
        let all = granted(
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
    fn the_group_of_a_projects_service_accounts_is_among_all_service_accounts() {
        let all = granted(&can(&[], &[ROBOTS]), &can(&[], &[]), &[]);
        assert!(
            verdict(&Who::service_accounts_of("ci"), &all, None)
                .pull
                .yes()
        );
        assert!(!verdict(&group("ops"), &all, None).pull.yes());
    }

    #[test]
    fn a_binding_may_name_a_service_account_as_a_user() {
        let name = "system:serviceaccount:ci:builder";
        let as_user = Who {
            kind: SubjectKind::User,
            name: name.to_owned(),
            project: None,
        };
        let roles = |account: &str, subject: &Who| {
            through(
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
    fn only_accounts_of_the_cluster_without_a_role_in_the_project_are_of_the_system() {
        let pull = can(
            &["ann", "system:admin", "system:serviceaccount:ci:builder"],
            &["ops", "system:masters", AUTHENTICATED, UNAUTHENTICATED],
        );
        let of_the_system = |bindings: &[RoleBinding]| {
            let mut names: Vec<String> = granted(&pull, &can(&[], &[]), bindings)
                .into_iter()
                .filter(Granted::is_of_the_system)
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
    fn what_gives_pulling_alone_is_no_reason_for_pushing() {
        let bindings = [binding("b", "registry-viewer", user("root"))];
        let all = granted(&can(&["root"], &[]), &can(&["root"], &[]), &bindings);
        let verdict = verdict(&user("root"), &all, None);
        assert_eq!(verdict.pull.because[0].through[0].binding, "b");
        assert!(verdict.push.yes() && verdict.push.because[0].through.is_empty());
    }

    #[test]
    fn who_may_view_a_project_may_not_pull_through_that() {
        let bindings = [binding("v", "view", user("root"))];
        let all = granted(&can(&["root"], &[]), &can(&[], &[]), &bindings);
        let verdict = verdict(&user("root"), &all, None);
        assert!(
            verdict.pull.yes() && verdict.pull.because[0].through.is_empty(),
            "it comes from elsewhere"
        );
    }

    #[test]
    fn a_role_of_the_projects_own_is_named_where_nothing_known_explains_it() {
        let own = RoleBinding {
            cluster_role: false,
            ..binding("o", "admin", user("root"))
        };
        let all = granted(
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
            granted(&can(&["root"], &[]), &can(&[], &[]), &both)[0].through[0].binding,
            "v"
        );
    }

    #[test]
    fn no_command_takes_a_name_for_an_option() {
        let verdict = verdict(&user("--all"), &[], None);
        assert_eq!(
            verdict.oc_pull.unwrap().line().unwrap(),
            "oc policy add-role-to-user -n team-a -- registry-viewer --all"
        );
    }
}
