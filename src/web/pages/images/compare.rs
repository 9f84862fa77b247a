//! `/images/{project}/{stream}/compare`: two images, and what differs.

use askama::Template;
use axum::extract::RawQuery;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::compare::{CompareRequest, CompareView, ImageName, LayerOwner, Outcome, Side};
use crate::app::failure::{Failure, PageSubject};
use crate::app::image_streams::StreamActions;
use crate::app::images::{ContentKind, ImageReference};
use crate::app::section::Section;
use crate::i18n::{Lang, Message};
use crate::web::comparison::ComparisonLabels;
use crate::web::context::SignedIn;
use crate::web::errors::WebError;
use crate::web::extractors::ImagePath;
use crate::web::filters;
use crate::web::forms::{FieldErrors, FormField};
use crate::web::links;
use crate::web::pages::image_streams::header::stream_frame;
use crate::web::render::{Area, Chrome, render_with_status};
use crate::web::tabs::{PageFrame, StreamTab};
use registry_model::{ImageStreamName, ProjectName, TagName};

/// The longest text of a field: a project, an image stream and a digest.
const MAX_FIELD_CHARS: usize = 600;

#[derive(Template, Serialize, ToSchema)]
#[template(path = "images/compare.html")]
pub(super) struct ComparePage {
    #[serde(skip)]
    chrome: Chrome,
    #[serde(skip)]
    frame: PageFrame,
    #[serde(flatten)]
    view: CompareView,
    /// The names of the two images, and what to link to.
    #[serde(skip)]
    labels: Option<ComparisonLabels>,
    #[serde(skip)]
    from: FormField,
    #[serde(skip)]
    to: FormField,
    #[serde(rename = "mistakes")]
    field_errors: FieldErrors,
    /// How many tags were selected in a list, of which at most two are compared.
    selected_tags: usize,
}

impl ComparePage {
    fn has_too_many_tags(&self) -> bool {
        self.selected_tags > 2
    }

    fn action(&self) -> String {
        links::compare(&self.view.project, &self.view.stream)
    }
}

pub(in crate::web) async fn compare_images(
    caller: SignedIn,
    path: ImagePath,
    RawQuery(query): RawQuery,
) -> Result<Response, WebError> {
    let ImagePath {
        project,
        stream,
        reference: None,
    } = path
    else {
        return Err(Failure::NotFound(PageSubject::Page).into());
    };
    let lang = caller.context.lang;
    let query = CompareQuery::parse(query.as_deref().unwrap_or_default());
    let mut field_errors = FieldErrors::default();
    let request = query.request(&project, &stream, &mut field_errors, lang);
    let app = caller.app();
    let (view, actions) = tokio::join!(
        Box::pin(app.compare(&project, &stream, request, query.platform.as_deref())),
        app.stream_actions(&project)
    );
    let view = view?;
    let status = field_errors.status(None);
    Ok(render_with_status(
        status,
        &caller.context,
        &page(&caller, view, actions, query, field_errors),
    ))
}

fn page(
    caller: &SignedIn,
    view: CompareView,
    actions: StreamActions,
    query: CompareQuery,
    mut field_errors: FieldErrors,
) -> ComparePage {
    let lang = caller.context.lang;
    let (project, stream) = (&view.project, &view.stream);
    let compared = view
        .pair
        .as_ref()
        .map(|pair| [&pair.from, &pair.to].map(|side| side.name.relative_to(project, stream)));
    for (field, side) in view
        .pair
        .iter()
        .flat_map(|pair| [("from", &pair.from), ("to", &pair.to)])
    {
        if side.is_absent() {
            field_errors.add(field, missing_image_error(lang, &view, &side.name));
        }
    }
    let labels = view
        .pair
        .as_ref()
        .zip(compared.as_ref())
        .map(|(pair, [from, to])| {
            ComparisonLabels::new(project, stream, pair)
                .with_tags(lang, view.from_tag.as_ref(), view.to_tag.as_ref())
                .with_swap(links::compare_images(project, stream, to, from))
        });
    let title = match &labels {
        Some(labels) => lang
            .msg("compare-title")
            .arg("from", &labels.from)
            .arg("to", &labels.to),
        None => lang.msg("compare-title-none"),
    };
    let title = title.arg("stream", format!("{project}/{stream}"));
    let selected_tags = query.tags.len();
    let [from, to] = compared.unwrap_or([query.from, query.to]);
    let (of, facts) = ((project, stream), Some(&view.facts));
    ComparePage {
        chrome: caller.chrome(Area::Images, title.to_string()),
        frame: stream_frame(lang, of, actions, facts, StreamTab::Compare),
        labels,
        from: FormField::new("from", lang.msg("compare-from"), from, &field_errors),
        to: FormField::new("to", lang.msg("compare-to"), to, &field_errors),
        field_errors,
        selected_tags,
        view,
    }
}

/// Why there is no image of this name. A tag that has no image yet is in the suggestions of its
/// image stream.
fn missing_image_error(lang: Lang, view: &CompareView, name: &ImageName) -> Message {
    let stream = format!("{}/{}", name.project, name.stream);
    let is_of_page = (&name.project, &name.stream) == (&view.project, &view.stream);
    match &name.reference {
        ImageReference::Tag(tag)
            if is_of_page && view.suggestions.iter().any(|known| known.tag == *tag) =>
        {
            lang.msg("compare-no-image-yet").arg("tag", tag)
        }
        ImageReference::Tag(tag) if is_of_page => lang.msg("compare-no-tag").arg("tag", tag),
        ImageReference::Tag(tag) => lang.msg("compare-no-tag-or-image").arg("tag", tag),
        ImageReference::Digest(digest) => {
            lang.msg("compare-no-image").arg("digest", digest.short())
        }
    }
    .arg("stream", stream)
}

/// What the URL asks for.
#[derive(Debug, Default)]
struct CompareQuery {
    from: String,
    to: String,
    platform: Option<String>,
    /// The tags that were selected in a list.
    tags: Vec<TagName>,
}

impl CompareQuery {
    fn parse(query: &str) -> Self {
        let mut parsed = Self::default();
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            let value = value.trim();
            let short = || value.chars().take(MAX_FIELD_CHARS).collect::<String>();
            match &*name {
                "from" => parsed.from = short(),
                "to" => parsed.to = short(),
                "platform" if !value.is_empty() => parsed.platform = Some(short()),
                "tag" => parsed.tags.extend(value.parse::<TagName>()),
                _ => {}
            }
        }
        // One selected tag is the image that another one is compared with.
        if let ([only], true) = (parsed.tags.as_slice(), parsed.from.is_empty()) {
            parsed.from = only.to_string();
        }
        parsed
    }

    /// What is to be compared. Mistakes are reported with their field, and nothing is compared.
    fn request(
        &self,
        project: &ProjectName,
        stream: &ImageStreamName,
        field_errors: &mut FieldErrors,
        lang: Lang,
    ) -> CompareRequest {
        if let [one, other, ..] = self.tags.as_slice() {
            return CompareRequest::Tags(one.clone(), other.clone());
        }
        let mut parse = |field: &'static str, text: &str| {
            let name = ImageName::parse(text, project, stream);
            if name.is_none() && !text.is_empty() {
                field_errors.add(field, lang.msg("compare-name-invalid"));
            }
            name
        };
        match (parse("from", &self.from), parse("to", &self.to)) {
            (Some(from), Some(to)) => CompareRequest::Two(from, to),
            _ if self.from.is_empty() && self.to.is_empty() => CompareRequest::Newest,
            _ => CompareRequest::Unfinished,
        }
    }
}
