//! Commands that check one server and its certificate.

use url::Url;

use crate::app::shell_command::ShellCommand;

/// Shows the certificates that a server presents.
pub(in crate::app) fn show_certificates(url: &Url) -> ShellCommand {
    let (at, host) = place(url);
    let command = ShellCommand::new("openssl s_client -showcerts").with_option("-connect", at);
    let command = if url.domain().is_some() {
        command.with_option("-servername", host)
    } else {
        command
    };
    command.with_shell_syntax("</dev/null")
}

/// Shows the subject, the issuer and the dates of the certificate.
pub(in crate::app) fn show_certificate(url: &Url) -> ShellCommand {
    show_certificates(url).pipe_to(ShellCommand::new(
        "openssl x509 -noout -subject -issuer -dates -ext subjectAltName",
    ))
}

/// Shows the whole certificate, including its version, its key and its signature algorithm.
pub(in crate::app) fn show_certificate_details(url: &Url) -> ShellCommand {
    show_certificates(url).pipe_to(ShellCommand::new("openssl x509 -noout -text"))
}

/// Creates a certificate that clients accept, signed by an authority in `ca.crt` and `ca.key`.
pub(in crate::app) fn create_certificate(url: &Url) -> Vec<ShellCommand> {
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

/// Resolves a host: a service within the cluster, or any other.
pub(in crate::app) fn resolve_host(url: &Url) -> ShellCommand {
    let (_, host) = place(url);
    let mut labels = host.split('.');
    match (labels.next(), labels.next(), labels.next()) {
        (Some(service), Some(project), Some("svc")) => ShellCommand::new("oc get service")
            .with_operand(service)
            .with_option("-n", project),
        _ => ShellCommand::new("getent hosts").with_operand(host),
    }
}

/// Sends the same request as the console.
pub(in crate::app) fn fetch(url: &Url, path: &str) -> ShellCommand {
    let mut url = url.clone();
    url.set_path(path);
    ShellCommand::new("curl -sik").with_operand(url.as_str())
}

/// Fetches the discovery document of an OIDC provider.
pub(in crate::app) fn fetch_provider_discovery(issuer: &Url) -> ShellCommand {
    fetch(issuer, &provider_discovery_path(issuer))
}

/// The path of that document, below that of the issuer (OpenID Connect Discovery, section 4).
pub(in crate::app) fn provider_discovery_path(issuer: &Url) -> String {
    format!(
        "{}/.well-known/openid-configuration",
        issuer.path().trim_end_matches('/')
    )
}

/// Shows the local time, and that of a server.
pub(in crate::app) fn show_server_time(url: &Url) -> ShellCommand {
    ShellCommand::new("date -u; curl -sik")
        .with_operand(root_of(url).as_str())
        .with_shell_syntax("| grep -i ^date")
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
            resolve_host(&url("https://docker-registry.default.svc:5000"))
                .to_line()
                .unwrap(),
            "oc get service docker-registry -n default"
        );
        assert_eq!(
            resolve_host(&url("https://registry.example.com"))
                .to_line()
                .unwrap(),
            "getent hosts registry.example.com"
        );
    }

    #[test]
    fn certificate_request_uses_sni_for_host_names() {
        assert_eq!(
            show_certificates(&url("https://registry.example.com"))
                .to_line()
                .unwrap(),
            "openssl s_client -showcerts -connect registry.example.com:443 -servername registry.example.com </dev/null"
        );
        assert_eq!(
            show_certificates(&url("https://[::1]:5000"))
                .to_line()
                .unwrap(),
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
            for command in create_certificate(&url(address)) {
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
