use super::*;

fn oidc_variables() -> FixedVariables {
    minimal_variables()
        .with_var("OPENSHIFT_OAUTH_PROVIDER_URL", "")
        .with_var("OIDC_ISSUER_URL", "https://id.example.com/realms/openshift")
        .with_var("OIDC_CLIENT_ID", "registry-console")
}

fn oidc_settings(vars: &FixedVariables) -> OidcSettings {
    let config = Config::from_variables(vars).expect("right");
    config.sign_in.oidc().expect("OIDC").clone()
}

#[test]
fn issuer_turns_external_oidc_on() {
    let public = oidc_settings(&oidc_variables());
    assert_eq!(public.issuer, "https://id.example.com/realms/openshift");
    assert_eq!(public.scopes, ["openid", "profile", "email"]);
    assert!(matches!(public.client_secret, ClientSecret::Unknown));
    assert!(!public.sends_id_token_hint);
    let confidential = oidc_variables()
        .with_file("/secret", "very-secret\n")
        .with_var("OIDC_CLIENT_SECRET_FILE", "/secret")
        .with_var("OIDC_SCOPES", "profile  offline_access openid profile")
        .with_var("OIDC_ID_TOKEN_HINT", "true")
        .with_var("OIDC_ISSUER_URL", "https://id.example.com/");
    let confidential = oidc_settings(&confidential);
    assert_eq!(confidential.issuer, "https://id.example.com/");
    assert_eq!(confidential.scopes, ["openid", "profile", "offline_access"]);
    assert!(confidential.sends_id_token_hint);
    assert!(matches!(
        confidential.client_secret,
        ClientSecret::Known {
            variable: "OIDC_CLIENT_SECRET_FILE",
            ..
        }
    ));
    assert!(!format!("{confidential:?}").contains("very-secret"));
}

#[test]
fn mistakes_in_oidc_settings_are_reported() {
    for (variable, value, reported) in [
        (
            "OPENSHIFT_OAUTH_PROVIDER_URL",
            "https://master.example.com",
            "OPENSHIFT_OAUTH_PROVIDER_URL",
        ),
        (
            "OIDC_ISSUER_URL",
            "http://id.example.com",
            "OIDC_ISSUER_URL",
        ),
        ("OIDC_ISSUER_URL", "id.example.com", "OIDC_ISSUER_URL"),
        (
            "OIDC_ISSUER_URL",
            "https://user:pw@id.example.com",
            "OIDC_ISSUER_URL",
        ),
        (
            "OIDC_ISSUER_URL",
            "https://id.example.com?tenant=a",
            "OIDC_ISSUER_URL",
        ),
        (
            "OIDC_ISSUER_URL",
            "https://id.example.com/.well-known/openid-configuration",
            "OIDC_ISSUER_URL",
        ),
        ("OIDC_CLIENT_ID", "", "OIDC_CLIENT_ID"),
        (
            "OIDC_CLIENT_SECRET_FILE",
            "/nowhere",
            "OIDC_CLIENT_SECRET_FILE",
        ),
        ("OIDC_SCOPES", "openid,profile \"email\"", "OIDC_SCOPES"),
        ("OIDC_CA_FILE", "/nowhere", "OIDC_CA_FILE"),
    ] {
        let vars = oidc_variables().with_var(variable, value);
        assert_eq!(problem_variables(&vars), [reported], "{variable}={value}");
    }
    let text = Config::from_variables(
        &oidc_variables().with_var("OIDC_ISSUER_URL", "https://user:very-secret@id.example.com"),
    );
    assert!(
        !text
            .expect_err("a mistake")
            .to_string()
            .contains("very-secret")
    );
}

#[test]
fn oidc_settings_without_an_issuer_are_warnings() {
    let config = Config::from_variables(&minimal_variables().with_var("OIDC_CLIENT_ID", "x"));
    let config = config.expect("right");
    assert!(config.sign_in.oidc().is_none());
    let warned: Vec<_> = config
        .warnings
        .iter()
        .map(|warning| warning.variable)
        .collect();
    assert_eq!(warned, ["OIDC_CLIENT_ID"]);
}
