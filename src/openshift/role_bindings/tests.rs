use serde_json::{Value, json};

use super::*;

const RBAC: BindingApiGroup = BindingApiGroup::Rbac;
const LEGACY: BindingApiGroup = BindingApiGroup::Openshift;

fn user(name: &str) -> Subject {
    Subject::user(name)
}

fn empty_binding(group: BindingApiGroup, role: &str) -> StoredRoleBinding {
    StoredRoleBinding::new(group, &"team-a".parse().unwrap(), role, role)
}

#[test]
fn changed_binding_keeps_unknown_fields() {
    let robot = json!({ "kind": "Robot", "name": "r2", "arms": 3 });
    for group in [RBAC, LEGACY] {
        let binding = StoredRoleBinding::from_json(
            group,
            json!({
                "metadata": { "name": "x", "labels": { "a": "b" }, "resourceVersion": "7" },
                "roleRef": { "kind": "ClusterRole", "name": "registry-viewer" },
                "subjects": [robot, { "kind": "User", "name": "old" }],
            }),
        );
        let changed = binding
            .unwrap()
            .with_subjects_changed(&[user("old")], &[user("new")])
            .unwrap();
        assert_eq!(changed.role_binding().subjects, [user("new")]);
        let body = changed.to_json();
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
        assert_eq!(
            changed.with_subjects_changed(&[user("old")], &[user("new")]),
            None
        );
        assert!(
            !changed
                .with_subjects_changed(&[user("new")], &[])
                .unwrap()
                .is_safe_to_delete(),
            "a subject of an unknown kind stays"
        );
    }
}

#[test]
fn new_binding_matches_the_recording() {
    for recorded in [
        include_str!("../../../tests/contract/openshift-3.9/rolebinding-rbac-create.json"),
        include_str!("../../../tests/contract/openshift-4/rolebinding-rbac-create.json"),
    ] {
        let recorded: Value = serde_json::from_str(recorded).unwrap();
        let mut sent = recorded["request"]["body"].clone();
        if let Some(text) = sent.as_str() {
            sent = serde_json::from_str(text).unwrap();
        }
        let created = empty_binding(RBAC, "registry-editor");
        assert_eq!(
            created
                .with_subjects_changed(&[], &[user("outsider")])
                .unwrap()
                .to_json(),
            sent
        );
    }
}

/// Bindings that are rebuilt from a recorded list of the older API equal those of the API server.
#[test]
fn legacy_binding_matches_the_recording() {
    for recorded in [
        include_str!("../../../tests/contract/openshift-3.9/rolebindings-openshift-team-a.json"),
        include_str!("../../../tests/contract/openshift-4/rolebindings-openshift-shared-libs.json"),
    ] {
        let recorded: Value = serde_json::from_str(recorded).unwrap();
        for item in recorded["response"]["body"]["items"].as_array().unwrap() {
            let read = StoredRoleBinding::from_json(LEGACY, item.clone())
                .unwrap()
                .role_binding;
            let made = empty_binding(LEGACY, &read.role)
                .with_subjects_changed(&[], &read.subjects)
                .unwrap()
                .to_json();
            for field in ["userNames", "groupNames", "subjects", "roleRef"] {
                assert_eq!(made[field], item[field], "{field} of {}", read.name);
            }
        }
    }
}

#[test]
fn legacy_name_lists_match_the_subjects() {
    let builder = Subject::service_account("team-b", "builder");
    let binding = empty_binding(LEGACY, "registry-viewer");
    let all = [
        user("ann"),
        user("system:admin"),
        Subject::group("ops"),
        builder.clone(),
    ];
    let made = binding.with_subjects_changed(&[], &all).unwrap();
    assert_eq!(made.role_binding().subjects, all);
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
        .with_subjects_changed(&[builder, Subject::group("ops")], &[])
        .unwrap();
    assert_eq!(
        (&less.raw["userNames"], &less.raw["groupNames"]),
        (&json!(["ann", "system:admin"]), &Value::Null)
    );
    assert_eq!(
        less.to_json()["apiVersion"],
        "authorization.openshift.io/v1"
    );
}

#[test]
fn service_account_without_project_is_in_the_bindings_project() {
    let raw = json!({
        "metadata": { "name": "x", "namespace": "team-a" },
        "roleRef": { "name": "registry-viewer" },
        "userNames": ["system:serviceaccount:team-a:robot"],
        "subjects": [{ "kind": "ServiceAccount", "name": "robot", "namespace": null }],
    });
    let binding = StoredRoleBinding::from_json(LEGACY, raw).unwrap();
    let robot = Subject::service_account("team-a", "robot");
    assert_eq!(
        binding.role_binding().subjects,
        std::slice::from_ref(&robot)
    );
    assert_eq!(
        binding.with_subjects_changed(&[], std::slice::from_ref(&robot)),
        None,
        "it is there already"
    );
    let without = binding.with_subjects_changed(&[robot], &[]).unwrap();
    assert_eq!(
        (&without.raw["subjects"], &without.raw["userNames"]),
        (&json!([]), &Value::Null)
    );
}

#[test]
fn empty_binding_is_deleted_only_if_no_member_can_be_lost() {
    let with = |meta: Value| {
        StoredRoleBinding::from_json(
            RBAC,
            json!({ "metadata": meta, "roleRef": { "kind": "ClusterRole", "name": "view" } }),
        )
        .unwrap()
    };
    assert!(with(json!({ "name": "x", "resourceVersion": "7" })).is_safe_to_delete());
    assert!(
        !with(json!({ "name": "x", "resourceVersion": "7", "selfLink": "/apis/x" }))
            .is_safe_to_delete(),
        "an old API server"
    );
    assert!(
        !with(
            json!({ "name": "x", "resourceVersion": "7", "annotations": { AUTO_UPDATE_ANNOTATION: "false" } })
        )
        .is_safe_to_delete()
    );
    assert!(
        !with(json!({ "name": "x" })).is_safe_to_delete(),
        "no resource version for the API server to compare"
    );
}
