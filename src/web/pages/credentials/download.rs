//! `/projects/{project}/logins/file`: downloads a credential that was just created, as a file.

use axum::http::header;
use axum::response::{IntoResponse, Response};

use crate::app::credentials::PullSecret;
use crate::app::failure::Failure;
use crate::web::context::SignedIn;
use crate::web::errors::WebError;
use crate::web::extractors::ProjectPath;
use crate::web::forms::FormData;
use crate::web::pages::credentials::revoke::parse_name;

/// Returns the values of the form in another format. Makes no upstream request and stores nothing:
/// the token is only in the body of the request (S29).
pub(in crate::web) async fn download_credential(
    _: SignedIn,
    ProjectPath(_): ProjectPath,
    form: FormData,
) -> Result<Response, WebError> {
    let name = parse_name(form.text("name"))?;
    let hosts = form.all("host").map(str::to_owned).collect();
    let token = form.text("token");
    if token.is_empty() {
        return Err(Failure::Invalid("there is no token to write down").into());
    }
    let files = PullSecret::new(hosts, name.as_str(), token.into());
    let (kind, file, text) = match form.text("file") {
        "config.json" => (
            "application/json",
            "config.json".to_owned(),
            files.to_docker_config(),
        ),
        "pull-secret.yaml" => (
            "application/yaml",
            format!("{name}-pull-secret.yaml"),
            files.to_yaml(),
        ),
        _ => return Err(Failure::Invalid("there is no such file").into()),
    };
    // A Kubernetes name, which contains no quotation mark.
    let disposition = format!("attachment; filename=\"{file}\"");
    Ok((
        [
            (header::CONTENT_TYPE, kind.to_owned()),
            (header::CONTENT_DISPOSITION, disposition),
        ],
        text,
    )
        .into_response())
}
