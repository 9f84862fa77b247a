//! How to prune: what a cluster administrator can copy. The console never prunes.

use std::fmt::Write;

use registry_model::prune::{PruneParameters, PruneRule};

use super::prune_duration::prune_age;
use crate::app::shell_command::ShellCommand;

/// The name of the service account, its role binding and the job that prunes on a schedule.
const PRUNER: &str = "image-pruner";

/// Whether a command prunes, or says what would be removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PruneRun {
    /// It removes nothing.
    DryRun,
    Prune,
    /// Prunes also where a workload names an image by a reference that is not valid.
    PruneIgnoringInvalidReferences,
}

/// The command that prunes, or says what it would remove.
///
/// `oc` finds the address of the registry in the images. Outside of the cluster, where that address
/// is not reachable, `registry_url` is needed (`--registry-url`). The parameters have the same names
/// in all versions since 3.6.
#[must_use]
pub fn prune_command(
    parameters: &PruneParameters,
    registry_url: Option<&str>,
    run: PruneRun,
) -> ShellCommand {
    let command = ShellCommand::new("oc adm prune images");
    let command = match parameters.rule {
        PruneRule::Revisions {
            keep_tag_revisions,
            keep_younger_than,
        } => command
            .with_option("--keep-tag-revisions", keep_tag_revisions.to_string())
            .with_option("--keep-younger-than", prune_age(keep_younger_than)),
        PruneRule::OverSizeLimit => command.with_flag("--prune-over-size-limit"),
    };
    let command = command.with_flag_if(!parameters.all, "--all=false");
    let command = match registry_url {
        Some(url) => command.with_option("--registry-url", url),
        None => command,
    };
    let is_ignoring = run == PruneRun::PruneIgnoringInvalidReferences;
    command
        .with_flag_if(is_ignoring, "--ignore-invalid-refs")
        .with_flag_if(run != PruneRun::DryRun, "--confirm")
}

/// The command that sets what the cluster's own pruner keeps (`ImagePruner`, 4.4 and later), and
/// lets it run on its schedule. `None` for parameters that an `ImagePruner` does not have: it always
/// considers imported images, and never limits of sizes.
#[must_use]
pub fn image_pruner_patch(parameters: &PruneParameters, minor: u32) -> Option<ShellCommand> {
    let PruneRule::Revisions {
        keep_tag_revisions,
        keep_younger_than,
    } = parameters.rule
    else {
        return None;
    };
    if !parameters.all || minor < 4 {
        return None;
    }
    let mut spec = serde_json::json!({
        "keepTagRevisions": keep_tag_revisions,
        "suspend": false,
    });
    // Deprecated since there is a field with a unit.
    if minor < 5 {
        spec["keepYoungerThan"] = keep_younger_than.num_nanoseconds()?.into();
    } else {
        spec["keepYoungerThanDuration"] = prune_age(keep_younger_than).into();
    }
    let patch = serde_json::json!({ "spec": spec });
    Some(
        ShellCommand::new("oc patch imagepruner.imageregistry.operator.openshift.io/cluster")
            .with_flag("--type=merge")
            .with_option("-p", patch.to_string()),
    )
}

/// The objects with which OpenShift 3 prunes every night: a service account with the role
/// `system:image-pruner`, and a job. As YAML, for `oc apply -f`. `IMAGE` stands for an image with
/// `oc` of the cluster's version.
#[must_use]
pub fn cron_job(parameters: &PruneParameters, project: &str, minor: u32) -> Option<String> {
    let command = prune_command(parameters, None, PruneRun::Prune)
        .to_line()
        .ok()?;
    // Before 3.9, whose Kubernetes is 1.9, jobs on a schedule were in an alpha version.
    let job_version = if minor < 9 {
        "batch/v2alpha1"
    } else {
        "batch/v1beta1"
    };
    let mut arguments = String::new();
    for argument in command.split(' ') {
        write!(arguments, "\n            - \"{argument}\"").ok()?;
    }
    Some(format!(
        r#"apiVersion: v1
kind: ServiceAccount
metadata:
  name: {PRUNER}
  namespace: {project}
---
apiVersion: authorization.openshift.io/v1
kind: ClusterRoleBinding
metadata:
  name: {PRUNER}
roleRef:
  name: system:image-pruner
subjects:
- kind: ServiceAccount
  name: {PRUNER}
  namespace: {project}
---
apiVersion: {job_version}
kind: CronJob
metadata:
  name: {PRUNER}
  namespace: {project}
spec:
  schedule: "0 3 * * *"
  concurrencyPolicy: Forbid
  jobTemplate:
    spec:
      template:
        spec:
          serviceAccountName: {PRUNER}
          restartPolicy: Never
          containers:
          - name: {PRUNER}
            image: IMAGE
            command:{arguments}
"#
    ))
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    fn revisions(keep_tag_revisions: u32, hours: i64) -> PruneParameters {
        PruneParameters {
            rule: PruneRule::Revisions {
                keep_tag_revisions,
                keep_younger_than: TimeDelta::hours(hours),
            },
            all: true,
        }
    }

    #[test]
    fn commands_have_the_parameters_of_the_plan() {
        let line = |parameters: &PruneParameters, url, run| {
            prune_command(parameters, url, run).to_line().unwrap()
        };
        assert_eq!(
            line(&PruneParameters::default(), None, PruneRun::Prune),
            "oc adm prune images --keep-tag-revisions=3 --keep-younger-than=60m --confirm"
        );
        let ignoring = PruneRun::PruneIgnoringInvalidReferences;
        assert_eq!(
            line(&PruneParameters::default(), None, ignoring),
            "oc adm prune images --keep-tag-revisions=3 --keep-younger-than=60m \
             --ignore-invalid-refs --confirm"
        );
        let managed = PruneParameters {
            all: false,
            ..revisions(1, 24 * 7)
        };
        assert_eq!(
            line(
                &managed,
                Some("https://registry.example.com"),
                PruneRun::DryRun
            ),
            "oc adm prune images --keep-tag-revisions=1 --keep-younger-than=168h --all=false \
             --registry-url=https://registry.example.com"
        );
        let over_limit = PruneParameters {
            rule: PruneRule::OverSizeLimit,
            all: true,
        };
        assert_eq!(
            line(&over_limit, Some("$(reboot)"), PruneRun::Prune),
            "oc adm prune images --prune-over-size-limit --registry-url='$(reboot)' --confirm"
        );
    }

    #[test]
    fn the_patch_of_the_image_pruner_has_the_fields_of_its_version() {
        let spec = |minor| {
            let line = image_pruner_patch(&revisions(5, 24), minor)?
                .to_line()
                .ok()?;
            let (_, patch) = line.split_once("-p ").unwrap();
            serde_json::from_str::<serde_json::Value>(patch.trim_matches('\'')).ok()
        };
        assert_eq!(spec(3), None);
        assert_eq!(
            spec(4).unwrap()["spec"]["keepYoungerThan"],
            86_400_000_000_000_i64
        );
        let patch = spec(12).unwrap();
        assert_eq!(patch["spec"]["keepYoungerThanDuration"], "24h");
        assert_eq!(patch["spec"]["keepTagRevisions"], 5);
        for parameters in [
            PruneParameters {
                all: false,
                ..revisions(3, 1)
            },
            PruneParameters {
                rule: PruneRule::OverSizeLimit,
                all: true,
            },
        ] {
            assert_eq!(image_pruner_patch(&parameters, 12), None);
        }
    }

    #[test]
    fn the_job_of_openshift_3_runs_the_command_with_its_service_account() {
        for (minor, version) in [
            (6, "batch/v2alpha1"),
            (9, "batch/v1beta1"),
            (11, "batch/v1beta1"),
        ] {
            let yaml = cron_job(&revisions(3, 24), "default", minor).unwrap();
            let objects: Vec<serde_json::Value> = yaml
                .split("---\n")
                .map(|object| serde_norway::from_str(object).unwrap())
                .collect();
            assert_eq!(objects[1]["roleRef"]["name"], "system:image-pruner");
            assert_eq!(
                objects[1]["subjects"][0]["name"],
                objects[0]["metadata"]["name"]
            );
            assert_eq!(objects[2]["apiVersion"], version);
            let pod = &objects[2]["spec"]["jobTemplate"]["spec"]["template"]["spec"];
            assert_eq!(pod["serviceAccountName"], objects[0]["metadata"]["name"]);
            assert_eq!(
                pod["containers"][0]["command"],
                serde_json::json!([
                    "oc",
                    "adm",
                    "prune",
                    "images",
                    "--keep-tag-revisions=3",
                    "--keep-younger-than=24h",
                    "--confirm"
                ])
            );
        }
    }
}
