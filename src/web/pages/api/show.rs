//! `/api`: the operations of the API, without authentication as the document.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use serde::Serialize;

use crate::i18n::{Lang, Message};
use crate::web::AppState;
use crate::web::api::{
    ApiOperation, ApiParameter, ApiTag, answer_members, body_members, operations,
};
use crate::web::context::{RequestContext, SignedIn};
use crate::web::filters;
use crate::web::links;
use crate::web::page_header::PageHeader;
use crate::web::render::{Area, Chrome, render};

#[derive(Template, Serialize)]
#[template(path = "api/show.html")]
struct ApiPage {
    #[serde(skip)]
    chrome: Chrome,
    /// The scheme, host and port of the console.
    #[serde(skip)]
    origin: String,
}

/// The operations about one subject.
struct OperationGroup {
    id: &'static str,
    title: Message,
    operations: Vec<ShownOperation>,
}

/// An operation in the language of the user.
struct ShownOperation {
    method: &'static str,
    path: String,
    summary: Message,
    parameters: Vec<ShownParameter>,
    /// The members of the body of a change.
    body: &'static [String],
    /// The members of the answer.
    members: &'static [String],
}

struct ShownParameter {
    name: &'static str,
    /// What values it has.
    values: Vec<String>,
    default: Option<String>,
    description: Message,
}

impl ApiPage {
    fn header(&self) -> PageHeader {
        PageHeader::new(&self.chrome.title)
    }

    /// Lists image streams with the token that `oc` has.
    fn command(&self) -> String {
        format!(
            r#"oc whoami -t | sed 's/.*/header = "Authorization: Bearer &"/' | curl -K - {}{}/images"#,
            self.origin,
            links::API_ROOT
        )
    }

    fn groups(&self) -> Vec<OperationGroup> {
        let lang = self.chrome.lang;
        let group = |tag: ApiTag| OperationGroup {
            id: tag.as_str(),
            title: tag.text(lang),
            operations: operations()
                .filter(|operation| operation.tag == tag)
                .map(|operation| ShownOperation::new(operation, lang))
                .collect(),
        };
        ApiTag::ALL.map(group).into()
    }
}

impl ShownOperation {
    fn new(operation: &'static ApiOperation, lang: Lang) -> Self {
        let path = operation.path_parameters();
        let others = operation
            .parameters
            .iter()
            .chain(operation.headers)
            .copied();
        Self {
            method: operation.method_name(),
            path: format!("{}{}", links::API_ROOT, operation.path),
            summary: (operation.summary)(lang),
            parameters: path
                .chain(others)
                .map(|parameter| ShownParameter::new(parameter, lang))
                .collect(),
            body: body_members(operation),
            members: answer_members(operation),
        }
    }
}

impl ShownParameter {
    fn new(parameter: &'static ApiParameter, lang: Lang) -> Self {
        let (values, default) = parameter.values.shown(lang);
        Self {
            name: parameter.name,
            values,
            default,
            description: (parameter.description)(lang),
        }
    }
}

/// It says nothing about the cluster, so that everybody may read it.
pub(in crate::web) async fn show_api(
    State(app): State<AppState>,
    context: RequestContext,
) -> Response {
    // The guard refuses requests without a host.
    let origin = context
        .console_url
        .as_ref()
        .map(|home| home.origin().ascii_serialization())
        .unwrap_or_default();
    let title = context.lang.msg("api").to_string();
    let mut chrome = Chrome::new(&context, app.clock.now(), Area::Connect, title);
    if context.session.is_some() {
        let user = SignedIn::from_context(&app, context.clone()).await;
        chrome.health = user.and_then(|user| user.health());
    }
    render(&context, &ApiPage { chrome, origin })
}
