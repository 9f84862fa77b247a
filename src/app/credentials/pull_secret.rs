//! A login as files: what Docker, Podman and Kubernetes keep of one.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use crate::outbound::UserToken;

/// A registry login to write down. No `Debug` shows its token.
#[derive(Clone, Debug)]
pub struct PullSecret {
    /// The registry's names, from outside and inside of the cluster.
    pub hosts: Vec<String>,
    /// The user name: the registry looks at the token alone, but Basic authentication wants one.
    pub user: String,
    pub token: UserToken,
}

impl PullSecret {
    /// For the service account `user`. Where the registry has no name that is known, a word in
    /// capitals stands for it.
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

    /// A `config.json` of Docker, which Podman's `auth.json` and the `.dockerconfigjson` of
    /// Kubernetes look like as well.
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

    /// What the pull secret is called.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{}-pull", self.user)
    }

    /// The pull secret. A name of Kubernetes needs no quotes in YAML, except where it reads as a
    /// number or a word of YAML's own.
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
