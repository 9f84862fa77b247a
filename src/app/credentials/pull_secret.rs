//! A credential as files, in the formats of Docker, Podman and Kubernetes.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use crate::outbound::UserToken;

/// A credential for a registry, to be written to a file. It has no `Debug`, which would show the
/// token.
#[derive(Clone, Debug)]
pub struct PullSecret {
    /// The registry's hosts, outside and inside the cluster.
    pub hosts: Vec<String>,
    /// The user name. The registry uses only the token, but Basic authentication requires a name.
    pub user: String,
    pub token: UserToken,
}

impl PullSecret {
    /// The entry for the service account `user`. If no host of the registry is known, a placeholder
    /// in capitals is used.
    #[must_use]
    pub fn new(mut hosts: Vec<String>, user: &str, token: UserToken) -> Self {
        if hosts.is_empty() {
            hosts.push("REGISTRY".to_owned());
        }
        Self {
            hosts,
            user: user.to_owned(),
            token,
        }
    }

    /// A `config.json` of Docker, which is also the format of Podman's `auth.json` and of the key
    /// `.dockerconfigjson` in Kubernetes.
    #[must_use]
    pub fn to_docker_config(&self) -> String {
        let auth = STANDARD.encode(format!("{}:{}", self.user, self.token.expose()));
        let auths: Map<String, Value> = self
            .hosts
            .iter()
            .map(|host| (host.clone(), json!({ "auth": auth })))
            .collect();
        format!("{:#}\n", json!({ "auths": auths }))
    }

    /// The name of the pull secret.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{}-pull", self.user)
    }

    /// The pull secret as YAML. A name of Kubernetes needs no quotes in YAML, except where it would
    /// be read as a number or a keyword.
    #[must_use]
    pub fn to_yaml(&self) -> String {
        let config = STANDARD.encode(self.to_docker_config());
        format!(
            "apiVersion: v1\nkind: Secret\nmetadata:\n  name: \"{}\"\ntype: kubernetes.io/dockerconfigjson\ndata:\n  .dockerconfigjson: {config}\n",
            self.name()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret() -> PullSecret {
        PullSecret::new(
            vec![
                "registry.example.com".to_owned(),
                "10.0.0.1:5000".to_owned(),
            ],
            "robot",
            "t".into(),
        )
    }

    #[test]
    fn docker_config_has_credentials_for_each_registry_host() {
        let config: Value = serde_json::from_str(&secret().to_docker_config()).unwrap();
        assert_eq!(
            config["auths"]["registry.example.com"]["auth"],
            STANDARD.encode("robot:t")
        );
        assert_eq!(
            config["auths"]["10.0.0.1:5000"]["auth"],
            STANDARD.encode("robot:t")
        );
    }

    #[test]
    fn pull_secret_encodes_the_docker_config() {
        let yaml = secret().to_yaml();
        let data = yaml
            .lines()
            .last()
            .unwrap()
            .trim()
            .strip_prefix(".dockerconfigjson: ")
            .unwrap();
        assert_eq!(
            STANDARD.decode(data).unwrap(),
            secret().to_docker_config().into_bytes()
        );
        assert!(
            yaml.contains("type: kubernetes.io/dockerconfigjson\n"),
            "{yaml}"
        );
    }
}
