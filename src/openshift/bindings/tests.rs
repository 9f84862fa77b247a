use serde_json::{Value, json};

use super::*;

const RBAC: BindingGroup = BindingGroup::Rbac;
const OLDER: BindingGroup = BindingGroup::Openshift;

fn user(name: &str) -> Subject {
    Subject::user(name)
}

fn new(group: BindingGroup, role: &str) -> Binding {
    Binding::new(group, &"team-a".parse().unwrap(), role, role)
}

#[test]
fn what_nobody_here_knows_stays_in_a_changed_binding() {
    let robot = json!({ "kind": "Robot", "name": "r2", "arms": 3 });
    for group in [RBAC, OLDER] {
        let binding = Binding::of(
            group,
            json!({
                "metadata": { "name": "x", "labels": { "a": "b" }, "resourceVersion": "7" },
                "roleRef": { "kind": "ClusterRole", "name": "registry-viewer" },
                "subjects": [robot, { "kind": "User", "name": "old" }],
            }),
        );
        let changed = binding
            .unwrap()
            .changed(&[user("old")], &[user("new")])
            .unwrap();
        assert_eq!(changed.read().subjects, [user("new")]);
        let body = changed.body();
        assert_eq!(
            (
                &body["metadata"]["labels"]["a"],
                &body["metadata"]["resourceVersion"]
            ),
            (&json!("b"), &json!("7"))
        );
        assert_eq!(
            (&body["subjects"][0], &body["subjects"][1]["name"]),
            (&robot, &json!("new"))
        );
        assert_eq!(changed.changed(&[user("old")], &[user("new")]), None);
        assert!(
            !changed
                .changed(&[user("new")], &[])
                .unwrap()
                .may_be_deleted(),
            "somebody of an unknown kind is left"
        );
    }
}

#[test]
fn a_new_binding_is_written_as_recorded() {
    for recorded in [
        include_str!("../../../tests/contract/openshift-3.9/rolebinding-rbac-create.json"),
        include_str!("../../../tests/contract/openshift-4/rolebinding-rbac-create.json"),
    ] {
        let recorded: Value = serde_json::from_str(recorded).unwrap();
        let mut sent = recorded["request"]["body"].clone();
        if let Some(text) = sent.as_str() {
            sent = serde_json::from_str(text).unwrap();
        }
        let created = new(RBAC, "registry-editor");
        assert_eq!(
            created.changed(&[], &[user("outsider")]).unwrap().body(),
            sent
        );
    }
}

/// The bindings of a recorded list of the older API, each put together anew: it must come out as
/// the master writes it.
#[test]
fn the_older_api_is_written_as_recorded() {
    for recorded in [
        include_str!("../../../tests/contract/openshift-3.9/rolebindings-openshift-team-a.json"),
        include_str!("../../../tests/contract/openshift-4/rolebindings-openshift-shared-libs.json"),
    ] {
        let recorded: Value = serde_json::from_str(recorded).unwrap();
        for item in recorded["response"]["body"]["items"].as_array().unwrap() {
            let read = Binding::of(OLDER, item.clone()).unwrap().read;
            let made = new(OLDER, &read.role)
                .changed(&[], &read.subjects)
                .unwrap()
                .body();
            for field in ["userNames", "groupNames", "subjects", "roleRef"] {
                assert_eq!(made[field], item[field], "{field} of {}", read.name);
            }
        }
    }
}

#[test]
fn the_lists_of_names_of_the_older_api_say_the_same_as_its_subjects() {
    let builder = Subject::service_account("team-b", "builder");
    let binding = new(OLDER, "registry-viewer");
    let all = [
        user("ann"),
        user("system:admin"),
        Subject::group("ops"),
        builder.clone(),
    ];
    let made = binding.changed(&[], &all).unwrap();
    assert_eq!(made.read().subjects, all);
    assert_eq!(
        made.raw["userNames"],
        json!([
            "ann",
            "system:admin",
            "system:serviceaccount:team-b:builder"
        ])
    );
    assert_eq!(
        (&made.raw["groupNames"], &made.raw["subjects"][1]["kind"]),
        (&json!(["ops"]), &json!("SystemUser"))
    );
    let less = made
        .changed(&[builder, Subject::group("ops")], &[])
        .unwrap();
    assert_eq!(
        (&less.raw["userNames"], &less.raw["groupNames"]),
        (&json!(["ann", "system:admin"]), &Value::Null)
    );
    assert_eq!(less.body()["apiVersion"], "authorization.openshift.io/v1");
}

#[test]
fn a_service_account_without_a_project_is_one_of_the_binding() {
    let raw = json!({
        "metadata": { "name": "x", "namespace": "team-a" },
        "roleRef": { "name": "registry-viewer" },
        "userNames": ["system:serviceaccount:team-a:robot"],
        "subjects": [{ "kind": "ServiceAccount", "name": "robot", "namespace": null }],
    });
    let binding = Binding::of(OLDER, raw).unwrap();
    let robot = Subject::service_account("team-a", "robot");
    assert_eq!(binding.read().subjects, std::slice::from_ref(&robot));
    assert_eq!(
        binding.changed(&[], std::slice::from_ref(&robot)),
        None,
        "it is there already"
    );
    let without = binding.changed(&[robot], &[]).unwrap();
    assert_eq!(
        (&without.raw["subjects"], &without.raw["userNames"]),
        (&json!([]), &Value::Null)
    );
}

#[test]
fn an_empty_binding_is_deleted_only_where_nobody_can_be_lost_by_that() {
    let with = |meta: Value| {
        Binding::of(
            RBAC,
            json!({ "metadata": meta, "roleRef": { "kind": "ClusterRole", "name": "view" } }),
        )
        .unwrap()
    };
    assert!(with(json!({ "name": "x", "resourceVersion": "7" })).may_be_deleted());
    assert!(
        !with(json!({ "name": "x", "resourceVersion": "7", "selfLink": "/apis/x" }))
            .may_be_deleted(),
        "an old master"
    );
    assert!(
        !with(
            json!({ "name": "x", "resourceVersion": "7", "annotations": { AUTO_UPDATE: "false" } })
        )
        .may_be_deleted()
    );
    assert!(
        !with(json!({ "name": "x" })).may_be_deleted(),
        "no revision to hold the master to"
    );
}
