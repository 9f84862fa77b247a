//! What to run, with the real names filled in.

use url::Url;

use super::settings::Settings;
use crate::app::shell_command::{ShellCommand, ShellWord};
use registry_model::Subject;

/// How people sign in to the cluster: `OIDC` stands for an external identity provider.
pub(super) fn authentication_type() -> ShellCommand {
    ShellCommand::new(
        "oc get authentication.config.openshift.io cluster -o 'jsonpath={.spec.type}'",
    )
}

/// The routes of the console's project.
pub(super) fn routes(settings: &Settings) -> ShellCommand {
    ShellCommand::new("oc get routes").with_option("-n", settings.project())
}

/// Makes a route for the console's address.
pub(super) fn create_route(settings: &Settings, address: &Url) -> ShellCommand {
    ShellCommand::new(
        "oc create route passthrough --service registry-console --port registry-console",
    )
    .with_option("--hostname", address.host_str().unwrap_or_default())
    .with_option("-n", settings.project())
}

/// The certificates that a server shows.
pub(super) fn certificates(url: &Url) -> ShellCommand {
    let (at, host) = place(url);
    let command = ShellCommand::new("openssl s_client -showcerts").with_option("-connect", at);
    let command = if url.domain().is_some() {
        command.with_option("-servername", host)
    } else {
        command
    };
    command.with_shell_syntax("</dev/null")
}

/// Who shows which name until when, in short.
pub(super) fn certificate(url: &Url) -> ShellCommand {
    certificates(url).pipe_to(ShellCommand::new(
        "openssl x509 -noout -subject -issuer -dates -ext subjectAltName",
    ))
}

/// Everything that a certificate says: its version, its key and the algorithm of its signature too.
pub(super) fn whole_certificate(url: &Url) -> ShellCommand {
    certificates(url).pipe_to(ShellCommand::new("openssl x509 -noout -text"))
}

/// Makes a certificate that clients accept, signed by an authority in `ca.crt` and `ca.key`.
pub(super) fn new_certificate(url: &Url) -> Vec<ShellCommand> {
    let (_, host) = place(url);
    let kind = if url.domain().is_some() { "DNS" } else { "IP" };
    let names = format!("subjectAltName={kind}:{host}\\nextendedKeyUsage=serverAuth\\n");
    vec![
        ShellCommand::new("openssl req -new -newkey rsa:2048 -nodes -keyout server.key -out server.csr")
            .with_option("-subj", format!("/CN={host}")),
        ShellCommand::new("printf").with_operand(names).with_shell_syntax("> server.ext").and_then(ShellCommand::new(
            "openssl x509 -req -in server.csr -CA ca.crt -CAkey ca.key -CAcreateserial -sha256 -days 365 -extfile server.ext -out server.crt",
        )),
    ]
}

/// Whether a name leads anywhere: a service within the cluster, or any other.
pub(super) fn resolve(url: &Url) -> ShellCommand {
    let (_, host) = place(url);
    let mut labels = host.split('.');
    match (labels.next(), labels.next(), labels.next()) {
        (Some(service), Some(project), Some("svc")) => ShellCommand::new("oc get service")
            .with_operand(service)
            .with_option("-n", project),
        _ => ShellCommand::new("getent hosts").with_operand(host),
    }
}

/// Asks as the console does.
pub(super) fn fetch(url: &Url, path: &str) -> ShellCommand {
    let mut url = url.clone();
    url.set_path(path);
    ShellCommand::new("curl -sik").with_operand(url.as_str())
}

/// Goes back to what holds without a variable: its name with a dash behind it.
pub(super) fn unset(settings: &Settings, variable: &'static str) -> ShellCommand {
    settings
        .installation()
        .set_env_command()
        .with_flag(variable)
}

/// The services of the registry: 3.x, then 4.
pub(super) fn find_registry(settings: &Settings) -> Vec<ShellCommand> {
    vec![
        ShellCommand::new("oc get service docker-registry -n default"),
        ShellCommand::new("oc get service image-registry -n openshift-image-registry"),
        settings.installation().set_variable(
            "REGISTRY_URL",
            "https://image-registry.openshift-image-registry.svc:5000",
        ),
    ]
}

/// Takes the host of the registry's route, as 3.x and 4 call it.
pub(super) fn public_hosts(settings: &Settings) -> Vec<ShellCommand> {
    let from = |route: &'static str| {
        let host = ShellCommand::new(route).with_option("-o", "jsonpath={.spec.host}");
        settings
            .installation()
            .set_env_command()
            .with_operand(ShellWord::from_syntax("REGISTRY_HOST=").append_output_of(&host))
    };
    vec![
        from("oc get route docker-registry -n default"),
        from("oc get route default-route -n openshift-image-registry"),
    ]
}

/// What the registry says about itself: 3.x, then 4.
pub(super) fn registry_log() -> Vec<ShellCommand> {
    vec![
        ShellCommand::new("oc logs -n default dc/docker-registry --tail=50"),
        ShellCommand::new(
            "oc logs -n openshift-image-registry deployment/image-registry --tail=50",
        ),
    ]
}

/// Lets the account of the index list and watch image streams, and nothing else.
pub(super) fn let_index(account: &Subject) -> Vec<ShellCommand> {
    let grant = ShellCommand::new("oc adm policy add-cluster-role-to-user registry-console-index");
    vec![
        ShellCommand::new(
            "oc create clusterrole registry-console-index --verb=list,watch --resource=imagestreams.image.openshift.io",
        ),
        match &account.project {
            Some(project) => grant
                .with_option("-z", &account.name)
                .with_option("-n", project),
            None => grant.with_operand(&account.name),
        },
    ]
}

/// Mounts the token of the pod's service account.
pub(super) fn mount_token(settings: &Settings) -> ShellCommand {
    let patch = r#"{"spec":{"template":{"spec":{"automountServiceAccountToken":true}}}}"#;
    ShellCommand::new("oc patch dc registry-console")
        .with_option("-n", settings.project())
        .with_option("-p", patch)
}

/// Gives the console a certificate from `tls.crt` and `tls.key`, where the template mounts it.
pub(super) fn give_certificate(settings: &Settings) -> Vec<ShellCommand> {
    let project = settings.project();
    let secret =
        ShellCommand::new("oc create secret tls registry-console-tls --cert=tls.crt --key=tls.key")
            .with_option("-n", project);
    let mount = ShellCommand::new("oc set volume dc/registry-console")
        .with_option("-n", project)
        .with_flag("--add --overwrite")
        .with_flag("--name=certificate --type=secret --secret-name=registry-console-tls --mount-path=/var/run/secrets/ws-certs.d");
    vec![secret.and_then(mount)]
}

/// Makes a key for all replicas and all restarts, which nobody sees.
pub(super) fn share_key(settings: &Settings) -> Vec<ShellCommand> {
    let create = ShellCommand::new("oc create secret generic registry-console-session")
        .with_option("-n", settings.project());
    let random = ShellCommand::new("openssl rand -base64 64").with_shell_syntax("| tr -d '\\n'");
    vec![
        random.pipe_to(create.with_flag("--from-file=key=/dev/stdin")),
        settings.installation().mount_secret(
            "--secret-name=registry-console-session",
            "--mount-path=/etc/session",
        ),
        settings
            .installation()
            .set_variable("SESSION_KEY_FILE", "/etc/session/key"),
    ]
}

/// Where the console runs: its node has the clock that counts.
pub(super) fn pods(settings: &Settings) -> ShellCommand {
    ShellCommand::new("oc get pods -l name=registry-console")
        .with_option("-n", settings.project())
        .with_flag("-o wide")
}

/// The own time, and that of a server.
pub(super) fn their_time(url: &Url) -> ShellCommand {
    ShellCommand::new("date -u; curl -sik")
        .with_operand(root_of(url).as_str())
        .with_shell_syntax("| grep -i ^date")
}

/// Whose token `oc` has.
pub(super) fn whoami() -> ShellCommand {
    ShellCommand::new("oc whoami")
}

/// Why OpenShift 4 does not serve an API group, and how what serves it is.
pub(super) fn api_service(group: &str) -> Vec<ShellCommand> {
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

/// The log of the console.
pub(super) fn log(settings: &Settings) -> ShellCommand {
    ShellCommand::new("oc logs")
        .with_option("-n", settings.project())
        .with_flag("dc/registry-console")
        .with_flag("--tail=50")
}

/// Scheme, host and port, as OAuth clients have them registered.
pub(super) fn origin(url: &Url) -> String {
    url.origin().ascii_serialization()
}

fn root_of(url: &Url) -> Url {
    let mut url = url.clone();
    url.set_path("/");
    url
}

fn place(url: &Url) -> (String, String) {
    let host = url.host_str().unwrap_or_default();
    (
        format!("{host}:{}", url.port_or_known_default().unwrap_or(443)),
        host.trim_matches(['[', ']']).to_owned(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[test]
    fn service_name_is_looked_up_in_the_cluster_and_others_in_dns() {
        assert_eq!(
            resolve(&url("https://docker-registry.default.svc:5000"))
                .to_line()
                .unwrap(),
            "oc get service docker-registry -n default"
        );
        assert_eq!(
            resolve(&url("https://registry.example.com"))
                .to_line()
                .unwrap(),
            "getent hosts registry.example.com"
        );
    }

    #[test]
    fn certificate_request_uses_sni_for_host_names() {
        assert_eq!(
            certificates(&url("https://registry.example.com"))
                .to_line()
                .unwrap(),
            "openssl s_client -showcerts -connect registry.example.com:443 -servername registry.example.com </dev/null"
        );
        assert_eq!(
            certificates(&url("https://[::1]:5000")).to_line().unwrap(),
            "openssl s_client -showcerts -connect '[::1]:5000' </dev/null"
        );
    }

    #[test]
    fn certificate_command_sets_the_host_name() {
        let folder = tempfile::tempdir().unwrap();
        let mut params = rcgen::CertificateParams::default();
        params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        let key = rcgen::KeyPair::generate().unwrap();
        std::fs::write(
            folder.path().join("ca.crt"),
            params.self_signed(&key).unwrap().pem(),
        )
        .unwrap();
        std::fs::write(folder.path().join("ca.key"), key.serialize_pem()).unwrap();
        for (address, name) in [
            ("https://registry.example.com:5000", "registry.example.com"),
            ("https://127.0.0.1", "127.0.0.1"),
        ] {
            for command in new_certificate(&url(address)) {
                let script = command.to_line().unwrap();
                let done = std::process::Command::new("/bin/sh")
                    .args(["-ec", &script])
                    .current_dir(folder.path())
                    .output()
                    .unwrap();
                assert!(done.status.success(), "{script}: {done:?}");
            }
            let pem = std::fs::read(folder.path().join("server.crt")).unwrap();
            let (_, der) = x509_parser::pem::parse_x509_pem(&pem).unwrap();
            let made = der.parse_x509().unwrap();
            let names = made
                .subject_alternative_name()
                .unwrap()
                .unwrap()
                .value
                .general_names
                .len();
            assert_eq!(
                (made.version(), names),
                (x509_parser::x509::X509Version::V3, 1),
                "{name}"
            );
            assert!(made.subject().to_string().contains(name) && !made.is_ca());
        }
    }
}
