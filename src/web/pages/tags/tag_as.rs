//! `/images/{project}/{stream}:{tag}/tag-as` and `…@{digest}/tag-as`: gives an image another tag.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;

use crate::app::change::{Refusal, RefusalReason};
use crate::app::failure::{Failure, PageSubject};
use crate::app::images::ImageReference;
use crate::app::projects::ExpectedRefusal;
use crate::app::section::Section;
use crate::app::shell_command::ShellCommand;
use crate::app::tags::{CurrentTag, SeenTag, SetTagOutcome, TagPath, TagSourceImage};
use crate::app::usage::TagChange;
use crate::i18n::Lang;
use crate::web::context::SignedIn;
use crate::web::errors::WebError;
use crate::web::extractors::ImagePath;
use crate::web::filters;
use crate::web::forms::{
    FieldErrors, Flash, FormData, FormField, SubmitError, project_name_error, stream_name_error,
    tag_name_error,
};
use crate::web::links;
use crate::web::page_header::PageHeader;
use crate::web::render::{Area, Chrome, render_with_status};
use crate::web::usage::{ImpactSection, load_impact};
use registry_model::{Digest, ProjectName};

#[derive(Template, Serialize)]
#[template(path = "tags/tag_as.html")]
struct TagAsPage {
    #[serde(skip)]
    chrome: Chrome,
    #[serde(flatten)]
    view: TagSourceImage,
    /// The projects in which the user may create tags.
    projects: Vec<ProjectName>,
    #[serde(skip)]
    project: FormField,
    #[serde(skip)]
    stream: FormField,
    #[serde(skip)]
    tag: FormField,
    follow: bool,
    #[serde(rename = "mistakes")]
    field_errors: FieldErrors,
    #[serde(rename = "trouble")]
    submit_error: Option<SubmitError>,
    /// The tag exists and would be moved. The form asks for confirmation.
    taken: Option<CurrentTag>,
    /// What the user asked to check: whether the tag exists. A tag that does is also `taken`.
    #[serde(skip)]
    checked: Option<Section<()>>,
    /// The limit that would prevent another tag.
    #[serde(skip_serializing_if = "Option::is_none")]
    would_refuse: Option<ExpectedRefusal>,
    /// What moving the tag would do. Known once the user has named it, and asked to check it or to
    /// move it.
    #[serde(skip_serializing_if = "Option::is_none")]
    impact: Option<ImpactSection>,
    oc: Option<ShellCommand>,
}

impl TagAsPage {
    fn header(&self) -> PageHeader {
        let (lang, view) = (self.chrome.lang, &self.view);
        PageHeader::new(tag_as_title(lang, view, view.stream.to_string()))
            .below_image(lang, &view.project, &view.stream, &view.reference)
            .with_current(lang.msg("tag-as"))
    }

    fn bad_fields(&self) -> Vec<FormField> {
        FormField::with_errors([&self.project, &self.stream, &self.tag])
    }

    fn is_refused(&self) -> bool {
        self.submit_error.is_some() || !self.field_errors.is_empty()
    }

    /// The tag that the new tag can follow. `None` for an image by digest.
    fn source_tag(&self) -> Option<String> {
        match &self.view.reference {
            ImageReference::Tag(tag) => Some(format!("{}:{tag}", self.view.stream)),
            ImageReference::Digest(_) => None,
        }
    }

    /// The typed tag, with project and stream.
    fn target_tag(&self) -> String {
        format!(
            "{}/{}:{}",
            self.project.value, self.stream.value, self.tag.value
        )
    }

    fn action(&self) -> String {
        links::tag_as(&self.view.project, &self.view.stream, &self.view.reference)
    }

    fn back(&self) -> String {
        links::image_by_reference(&self.view.project, &self.view.stream, &self.view.reference)
    }
}

pub(in crate::web) async fn tag_as_form(
    caller: SignedIn,
    path: ImagePath,
) -> Result<Response, WebError> {
    let subject = load_tag_subject(&caller, path).await?;
    let projects = caller.app().projects_allowing_tags().await?;
    // Without the right to tag in this project, the image can only be tagged in another one. If
    // there is a single one, it is preselected.
    let project = match projects.as_slice() {
        [only] => only.to_string(),
        all if all.is_empty() || all.contains(&subject.project) => subject.project.to_string(),
        _ => String::new(),
    };
    let typed = TagAsFields {
        project,
        stream: subject.stream.to_string(),
        tag: String::new(),
        follow: false,
    };
    let would_refuse = expected_refusal(&caller, &subject, &typed).await;
    Ok(render_form(
        &caller,
        subject,
        typed,
        TagAsMessages {
            projects,
            would_refuse,
            ..TagAsMessages::default()
        },
    ))
}

pub(in crate::web) async fn tag_image(
    caller: SignedIn,
    path: ImagePath,
    form: FormData,
) -> Result<Response, WebError> {
    let subject = load_tag_subject(&caller, path).await?;
    let typed = TagAsFields::from_form(&form);
    match process_form(&caller, &form, &subject, &typed).await? {
        FormOutcome::Tagged(response) => Ok(response),
        FormOutcome::ShownAgain(messages) => {
            let projects = caller.app().projects_allowing_tags().await?;
            let messages = TagAsMessages {
                projects,
                ..*messages
            };
            Ok(render_form(&caller, subject, typed, messages))
        }
    }
}

/// What becomes of a form that was sent.
enum FormOutcome {
    Tagged(Response),
    /// The form is shown again, with the typed values.
    ShownAgain(Box<TagAsMessages>),
}

impl From<TagAsMessages> for FormOutcome {
    fn from(messages: TagAsMessages) -> Self {
        Self::ShownAgain(Box::new(messages))
    }
}

async fn process_form(
    caller: &SignedIn,
    form: &FormData,
    subject: &TagSourceImage,
    typed: &TagAsFields,
) -> Result<FormOutcome, WebError> {
    let lang = caller.context.lang;
    let mut field_errors = FieldErrors::default();
    let Some(to) = typed.parse_path(&mut field_errors, lang) else {
        return Ok(TagAsMessages::from_field_errors(field_errors).into());
    };
    if form.has("check") {
        let app = caller.app();
        let (checked, impact) = tokio::join!(app.target_tag(&to), move_impact(caller, &to));
        let mut messages = TagAsMessages::from_check(checked);
        messages.impact = Some(impact);
        // A tag that exists is replaced, not added.
        if messages.existing_tag.is_none() {
            messages.would_refuse = expected_refusal(caller, subject, typed).await;
        }
        return Ok(messages.into());
    }
    // OpenShift updates tracking tags only within a stream: a tag in another stream would not
    // change (origin, `updateTrackingTags`).
    if typed.follow && (&to.project, &to.stream) != (&subject.project, &subject.stream) {
        field_errors.add("stream", lang.msg("tag-follow-same-stream"));
        return Ok(TagAsMessages::from_field_errors(field_errors).into());
    }
    // Tags the image that the page displayed. The tag that the page was opened for may point to
    // another image by now.
    let shown: Option<Digest> = form.text("image").parse().ok();
    if !typed.follow && shown.is_some_and(|shown| shown != subject.digest) {
        let stale = Refusal::from_reason(RefusalReason::Stale);
        return Ok(TagAsMessages::from_refusal(stale, lang).into());
    }
    let (console, seen) = (caller.app(), seen_tag(form, &to));
    let text = match console.set_tag(subject, &to, typed.follow, &seen).await {
        Ok(SetTagOutcome::Done) => lang
            .msg("tag-pointed")
            .arg("digest", subject.digest.short()),
        Ok(SetTagOutcome::Unchanged) => lang.msg("tag-pointed-already"),
        Ok(SetTagOutcome::Conflict(now)) => {
            let mut messages = TagAsMessages::from_existing_tag(now);
            messages.impact = Some(move_impact(caller, &to).await);
            return Ok(messages.into());
        }
        Err(failed) => return Ok(TagAsMessages::from_refusal(failed.into_refusal()?, lang).into()),
    };
    Ok(FormOutcome::Tagged(caller.redirect_with_flash(
        Flash::new(text.arg("tag", to.to_string())),
        &links::stream(&to.project, &to.stream),
    )))
}

/// What it does to workloads that the tag is pointed to another image.
async fn move_impact(caller: &SignedIn, to: &TagPath) -> ImpactSection {
    let change = TagChange::Move(vec![to.tag.clone()]);
    load_impact(caller, &to.project, &to.stream, change).await
}

/// What the form contains about the existing tag. Ignored if the user has typed another tag since.
fn seen_tag(form: &FormData, to: &TagPath) -> SeenTag {
    if form.text("seen-tag") == to.to_string() {
        SeenTag::Tag(form.text("seen").parse().ok())
    } else {
        SeenTag::NoTag
    }
}

/// The fields as typed.
struct TagAsFields {
    project: String,
    stream: String,
    tag: String,
    follow: bool,
}

impl TagAsFields {
    fn from_form(form: &FormData) -> Self {
        let text = |name| form.text(name).chars().take(300).collect();
        Self {
            project: text("project"),
            stream: text("stream"),
            tag: text("tag"),
            follow: form.has("follow"),
        }
    }

    /// The equivalent command. `None` for a tag that would follow one of another image stream,
    /// which OpenShift does not support.
    fn command(&self, view: &TagSourceImage) -> Option<ShellCommand> {
        if !self.follow {
            let path = format!("{}/{}@{}", view.project, view.stream, view.digest);
            let tag = Some(self.tag.as_str()).filter(|tag| !tag.is_empty());
            let to = format!("{}/{}:{}", self.project, self.stream, tag.unwrap_or("TAG"));
            return Some(
                ShellCommand::new("oc tag")
                    .with_operand(path)
                    .with_operand(to),
            );
        }
        let to = self.parse_path(&mut FieldErrors::default(), Lang::default())?;
        let is_own = (&to.project, &to.stream) == (&view.project, &view.stream);
        is_own.then(|| ShellCommand::tag_alias(&view.reference, &to))
    }

    fn parse_path(&self, field_errors: &mut FieldErrors, lang: Lang) -> Option<TagPath> {
        let (project, stream, tag) = (self.project.parse(), self.stream.parse(), self.tag.parse());
        if project.is_err() {
            field_errors.add("project", project_name_error(&self.project, lang));
        }
        if stream.is_err() {
            field_errors.add("stream", stream_name_error(&self.stream, lang));
        }
        if tag.is_err() {
            field_errors.add("tag", tag_name_error(&self.tag, lang));
        }
        Some(TagPath {
            project: project.ok()?,
            stream: stream.ok()?,
            tag: tag.ok()?,
        })
    }
}

/// The limit that would prevent another tag of the typed image stream.
async fn expected_refusal(
    caller: &SignedIn,
    subject: &TagSourceImage,
    typed: &TagAsFields,
) -> Option<ExpectedRefusal> {
    let (project, stream) = (typed.project.parse().ok()?, typed.stream.parse().ok()?);
    let image = Some(&subject.digest);
    caller
        .app()
        .expected_refusal_of_tag(&project, &stream, image)
        .await
}

/// The title, which names the image below `stream`.
fn tag_as_title(lang: Lang, view: &TagSourceImage, stream: String) -> String {
    lang.msg("tag-as-of")
        .arg("image", stream + &view.reference.short())
        .to_string()
}

async fn load_tag_subject(caller: &SignedIn, path: ImagePath) -> Result<TagSourceImage, WebError> {
    let reference = path.reference.ok_or(Failure::NotFound(PageSubject::Page))?;
    Ok(caller
        .app()
        .tag_source_image(&path.project, &path.stream, reference)
        .await?)
}

/// What the form displays in addition to its fields.
#[derive(Default)]
struct TagAsMessages {
    projects: Vec<ProjectName>,
    field_errors: FieldErrors,
    submit_error: Option<SubmitError>,
    existing_tag: Option<CurrentTag>,
    checked: Option<Section<()>>,
    would_refuse: Option<ExpectedRefusal>,
    impact: Option<ImpactSection>,
}

impl TagAsMessages {
    fn from_field_errors(field_errors: FieldErrors) -> Self {
        Self {
            field_errors,
            ..Self::default()
        }
    }

    /// A refusal about the name of the tag is displayed at its field.
    fn from_refusal(refusal: Refusal, lang: Lang) -> Self {
        let mut field_errors = FieldErrors::default();
        let submit_error = SubmitError::from_change_error(
            refusal,
            lang,
            &[("metadata.name", "tag"), ("tag", "tag")],
            &mut field_errors,
        );
        Self {
            field_errors,
            submit_error: Some(submit_error),
            ..Self::default()
        }
    }

    /// The tag exists, and points to another image than the form says.
    fn from_existing_tag(existing_tag: CurrentTag) -> Self {
        Self {
            existing_tag: Some(existing_tag),
            ..Self::default()
        }
    }

    /// What the form says of a tag that the user asked to check.
    fn from_check(checked: Section<Option<CurrentTag>>) -> Self {
        let (existing_tag, checked) = match checked {
            Section::Ready(existing_tag) => (existing_tag, Section::Ready(())),
            Section::Missing { missing } => (None, Section::Missing { missing }),
        };
        Self {
            existing_tag,
            checked: Some(checked),
            ..Self::default()
        }
    }
}

fn render_form(
    caller: &SignedIn,
    view: TagSourceImage,
    typed: TagAsFields,
    messages: TagAsMessages,
) -> Response {
    let lang = caller.context.lang;
    let TagAsMessages {
        projects,
        field_errors,
        submit_error,
        existing_tag: taken,
        checked,
        would_refuse,
        impact,
    } = messages;
    let asked_again = submit_error.is_none() && taken.is_some() && checked.is_none();
    let status = if asked_again {
        StatusCode::CONFLICT
    } else {
        field_errors.status(submit_error.as_ref())
    };
    let oc = typed.command(&view);
    let page = TagAsPage {
        chrome: caller.chrome(
            Area::Images,
            tag_as_title(lang, &view, format!("{}/{}", view.project, view.stream)),
        ),
        project: FormField::new("project", lang.msg("project"), typed.project, &field_errors)
            .with_required(),
        stream: FormField::new(
            "stream",
            lang.msg("image-stream"),
            typed.stream,
            &field_errors,
        )
        .with_hint(lang.msg("tag-as-stream-hint"))
        .with_required(),
        tag: FormField::new("tag", lang.msg("tag"), typed.tag, &field_errors)
            .with_hint(lang.msg("tag-name-rule"))
            .with_required(),
        follow: typed.follow,
        view,
        projects,
        field_errors,
        submit_error,
        taken,
        checked,
        would_refuse,
        impact,
        oc,
    };
    render_with_status(status, &caller.context, &page)
}
