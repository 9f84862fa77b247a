//! Commands about the integrated registry, whose objects have the names that the installers use.

use super::installation::Installation;
use crate::app::release::Release;
use crate::app::shell_command::{ShellCommand, ShellWord};

/// The services of the registry: 3.x, then 4.
pub(in crate::app) fn find_registry(installation: &Installation) -> Vec<ShellCommand> {
    vec![
        ShellCommand::new("oc get service docker-registry -n default"),
        ShellCommand::new("oc get service image-registry -n openshift-image-registry"),
        installation.set_variable(
            "REGISTRY_URL",
            "https://image-registry.openshift-image-registry.svc:5000",
        ),
    ]
}

/// Sets `REGISTRY_HOST` to the host of the registry's route: 3.x, then 4.
pub(in crate::app) fn set_registry_host(installation: &Installation) -> Vec<ShellCommand> {
    [Release::Three, Release::FourOrLater]
        .map(|release| {
            let host = show_route_host(release);
            installation
                .set_env_command()
                .with_operand(ShellWord::from_syntax("REGISTRY_HOST=").append_output_of(&host))
        })
        .to_vec()
}

/// Shows the log of the registry: 3.x, then 4.
pub(in crate::app) fn show_registry_log() -> Vec<ShellCommand> {
    vec![
        ShellCommand::new("oc logs -n default dc/docker-registry --tail=50"),
        ShellCommand::new(
            "oc logs -n openshift-image-registry deployment/image-registry --tail=50",
        ),
    ]
}

/// Enables the integrated registry of a cluster that has none.
pub(in crate::app) fn enable_registry(release: Release) -> Vec<ShellCommand> {
    match release {
        Release::FourOrLater => vec![
            ShellCommand::new("oc get configs.imageregistry.operator.openshift.io/cluster")
                .with_option("-o", "jsonpath={.spec.managementState} {.spec.storage}"),
            patch_operator(r#"{"spec":{"managementState":"Managed"}}"#),
        ],
        Release::Three => vec![ShellCommand::new("oc adm registry -n default")],
    }
}

/// Creates a route for the registry, and sets its host in the console.
pub(in crate::app) fn expose_registry(
    release: Release,
    installation: &Installation,
) -> Vec<ShellCommand> {
    let create = (release == Release::FourOrLater)
        .then(|| patch_operator(r#"{"spec":{"defaultRoute":true}}"#));
    create
        .into_iter()
        .chain([
            show_route_host(release),
            installation.set_variable("REGISTRY_HOST", "HOST"),
        ])
        .collect()
}

fn show_route_host(release: Release) -> ShellCommand {
    ShellCommand::new(match release {
        Release::Three => "oc get route docker-registry -n default",
        Release::FourOrLater => "oc get route default-route -n openshift-image-registry",
    })
    .with_option("-o", "jsonpath={.spec.host}")
}

fn patch_operator(patch: &'static str) -> ShellCommand {
    ShellCommand::new("oc patch configs.imageregistry.operator.openshift.io/cluster --type=merge")
        .with_option("-p", patch)
}
