//! Commands that show the state of the cluster, and the right of the index.

use crate::app::shell_command::ShellCommand;
use registry_model::{Subject, WorkloadKind};

/// How users sign in to the cluster: `OIDC` stands for an external identity provider.
pub(in crate::app) fn show_authentication_type() -> ShellCommand {
    ShellCommand::new(
        "oc get authentication.config.openshift.io cluster -o 'jsonpath={.spec.type}'",
    )
}

/// Which issuers and audiences the API server accepts.
pub(in crate::app) fn show_authentication() -> ShellCommand {
    ShellCommand::new("oc get authentication.config.openshift.io cluster -o yaml")
}

/// Why OpenShift 4 does not serve an API group, and the state of the pods that serve it.
pub(in crate::app) fn show_api_service(group: &str) -> Vec<ShellCommand> {
    let operator = if matches!(group, "user.openshift.io" | "oauth.openshift.io") {
        "authentication"
    } else {
        "openshift-apiserver"
    };
    vec![
        ShellCommand::new("oc get apiservice").with_operand(format!("v1.{group}")),
        ShellCommand::new("oc get clusteroperator").with_operand(operator),
    ]
}

/// The address of the API server that `oc` uses.
pub(in crate::app) fn show_api_server_address() -> ShellCommand {
    ShellCommand::new("oc whoami --show-server")
}

/// The user whose token `oc` has.
pub(in crate::app) fn show_user() -> ShellCommand {
    ShellCommand::new("oc whoami")
}

/// Runs the doctor with the token that `oc` has.
pub(in crate::app) fn run_doctor_with_token() -> ShellCommand {
    ShellCommand::new("oc whoami -t")
        .pipe_to(ShellCommand::new("registry-console doctor --token-file -"))
}

pub(in crate::app) fn show_service_account(project: &str, name: &str) -> ShellCommand {
    ShellCommand::new("oc get serviceaccount")
        .with_operand(name)
        .with_option("-n", project)
}

pub(in crate::app) fn show_clock_synchronization() -> ShellCommand {
    ShellCommand::new("chronyc tracking")
}

/// Lets the account of the index list and watch image streams, and nothing else.
pub(in crate::app) fn grant_index_right(account: &Subject) -> Vec<ShellCommand> {
    vec![
        ShellCommand::new(
            "oc create clusterrole registry-console-index --verb=list,watch --resource=imagestreams.image.openshift.io",
        ),
        grant_to(
            ShellCommand::new("oc adm policy add-cluster-role-to-user registry-console-index"),
            account,
        ),
    ]
}

/// Lets the account of the index list and watch workloads of these kinds, which a role of its own
/// allows.
pub(in crate::app) fn grant_workload_index_right(
    account: &Subject,
    kinds: &[WorkloadKind],
) -> Vec<ShellCommand> {
    let resources: Vec<&str> = kinds.iter().map(|kind| kind.resource()).collect();
    let create = ShellCommand::new(
        "oc create clusterrole registry-console-index-workloads --verb=list,watch",
    );
    let role = "oc adm policy add-cluster-role-to-user registry-console-index-workloads";
    vec![
        create.with_option("--resource", resources.join(",")),
        grant_to(ShellCommand::new(role), account),
    ]
}

/// Lets the account of the index read the layers of all images, which a role of its own allows.
pub(in crate::app) fn grant_size_index_right(account: &Subject) -> Vec<ShellCommand> {
    let role = "oc adm policy add-cluster-role-to-user registry-console-index-sizes";
    vec![
        ShellCommand::new(
            "oc create clusterrole registry-console-index-sizes --verb=get --resource=imagestreams.image.openshift.io/layers",
        ),
        grant_to(ShellCommand::new(role), account),
    ]
}

fn grant_to(grant: ShellCommand, account: &Subject) -> ShellCommand {
    match &account.project {
        Some(project) => grant
            .with_option("-z", &account.name)
            .with_option("-n", project),
        None => grant.with_operand(&account.name),
    }
}
