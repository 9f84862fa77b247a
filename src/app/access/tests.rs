//! Which rights subjects have, and which bindings explain them.

use super::subject_access::SubjectAccess;
use super::subject_rights::{SubjectGroup, SubjectRights, granting_roles, subjects_with_rights};
use crate::app::projects::view::MemberRole;
use crate::openshift::AllowedSubjects;
use registry_model::{
    ALL_SERVICE_ACCOUNTS_GROUP, AUTHENTICATED_GROUP, Group, RoleBinding, Subject, SubjectKind,
    UNAUTHENTICATED_GROUP,
};

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

fn verdict(subject: &Subject, all: &[SubjectRights], groups: Option<&[Group]>) -> SubjectAccess {
    SubjectAccess::new(subject, all, groups, &"team-a".parse().unwrap())
}

#[test]
fn right_without_project_binding_is_from_the_cluster() {
    let bindings = [
        binding("b", "registry-viewer", user("ann")),
        binding("c", "basic-user", user("root")),
    ];
    let all = subjects_with_rights(&can(&["ann", "root"], &[]), &can(&["root"], &[]), &bindings);
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
    let oc =
        "oc policy add-role-to-user registry-viewer system:serviceaccount:ci-2:builder -n team-a";
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
    let all = subjects_with_rights(
        &can(&[], &[ALL_SERVICE_ACCOUNTS_GROUP]),
        &can(&[], &[]),
        &[],
    );
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
fn members_are_users_and_groups_with_a_project_role() {
    let pull = can(
        &["ann", "system:admin", "system:serviceaccount:ci:builder"],
        &[
            "ops",
            "system:masters",
            AUTHENTICATED_GROUP,
            UNAUTHENTICATED_GROUP,
        ],
    );
    let in_group = |group: SubjectGroup, bindings: &[RoleBinding]| {
        let mut names: Vec<String> = subjects_with_rights(&pull, &can(&[], &[]), bindings)
            .into_iter()
            .filter(|one| one.group() == group)
            .map(|one| one.who.name)
            .collect();
        names.sort();
        names
    };
    let system = ["builder", "system:admin", "system:masters"];
    assert_eq!(in_group(SubjectGroup::System, &[]), system);
    assert_eq!(in_group(SubjectGroup::Members, &[]), Vec::<String>::new());
    let bound = [
        binding(
            "b",
            "registry-viewer",
            user("system:serviceaccount:ci:builder"),
        ),
        binding("a", "registry-viewer", user("ann")),
    ];
    assert_eq!(in_group(SubjectGroup::System, &bound), system);
    assert_eq!(in_group(SubjectGroup::Members, &bound), ["ann"]);
    assert_eq!(
        in_group(SubjectGroup::Others, &bound),
        ["ops", AUTHENTICATED_GROUP, UNAUTHENTICATED_GROUP]
    );
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
