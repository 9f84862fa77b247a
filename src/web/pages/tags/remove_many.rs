//! `/images/{project}/{stream}/remove-tags`: selects tags by rules and by hand, displays a preview,
//! and removes them. `/images/{project}/{stream}/restore`: restores them.

pub(in crate::web::pages) mod form_values;
mod outcome;
mod preview;
mod selection_form;
mod texts;

use std::collections::BTreeSet;

use askama::Template;
use axum::http::{StatusCode, Uri};
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::cleanup::CleanupRules;
use crate::app::failure::{Failure, PageSubject};
use crate::app::images::ImageReference;
use crate::app::section::Section;
use crate::app::space::{FreedSpace, PruneQuery, RemovalImages};
use crate::app::tags::{BulkTagRequest, MOST_TAGS, TagChoice, TagSelectionSort};
use crate::i18n::Message;
use crate::web::context::SignedIn;
use crate::web::errors::WebError;
use crate::web::extractors::ImagePath;
use crate::web::filters;
use crate::web::forms::{FieldErrors, FormData, FormField};
use crate::web::links;
use crate::web::page_header::PageHeader;
use crate::web::render::{Area, Chrome, render_with_status};
use registry_model::TagName;
use selection_form::{BulkSelection, SelectionForm};
pub(in crate::web) use selection_form::{MAX_DAYS, MAX_NEWEST};

pub(in crate::web) use outcome::MAX_TAGS_IN_PAGE;
pub(in crate::web::pages) use outcome::{
    outcome_flash, render_outcome, restore_many, tag_submit_error,
};

#[derive(Template, Serialize, ToSchema)]
#[template(path = "tags/remove_many.html")]
pub(super) struct CleanupPage {
    #[serde(skip)]
    chrome: Chrome,
    #[serde(flatten)]
    view: TagChoice,
    /// The selected tags, including those that the filter or another page hides.
    selected: BTreeSet<TagName>,
    /// How many tags the rules select that were not added to the selection, because it is full.
    left_out: usize,
    /// What removing the tags that the rules select frees. Absent without rules, and while the list
    /// is filtered and no tags are selected by rules.
    freed_by_rules: Option<Section<FreedSpace>>,
    /// The same for the selected tags.
    freed_by_selection: Option<Section<FreedSpace>>,
    /// Why the form was not accepted.
    #[serde(rename = "mistake")]
    error: Option<SelectionError>,
    #[serde(skip)]
    form: SelectionForm,
    field_errors: FieldErrors,
}

/// Why a selection is not valid.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
enum SelectionError {
    /// No tag is selected.
    Empty,
    /// More than [`MOST_TAGS`] are selected.
    TooMany,
    /// Tags were to be selected by rules, and no rule is set.
    NoRule,
}

impl CleanupPage {
    fn header(&self) -> PageHeader {
        let lang = self.chrome.lang;
        PageHeader::new(&self.chrome.title)
            .below_stream(lang, &self.view.project, &self.view.stream)
            .with_current(lang.msg("cleanup"))
    }

    fn path(&self) -> String {
        links::remove_tags(&self.view.project, &self.view.stream)
    }

    /// The page with these rules, which selects nothing. `None` without valid rules.
    fn rules_link(&self) -> Option<String> {
        let view = &self.view;
        view.dry_run.as_ref()?;
        let fields = self.form.rule_fields();
        Some(links::remove_tags_by_rules(
            &view.project,
            &view.stream,
            &fields,
        ))
    }

    fn plan_link(&self) -> String {
        links::stream_prune_plan(&self.view.project, &self.view.stream, PruneQuery::default())
    }

    fn used_by_link(&self) -> String {
        links::stream_used_by(&self.view.project, &self.view.stream)
    }

    fn stream_path(&self) -> String {
        links::stream(&self.view.project, &self.view.stream)
    }

    fn keep_field(&self) -> FormField {
        let lang = self.chrome.lang;
        let (label, hint) = (lang.msg("cleanup-keep"), lang.msg("cleanup-keep-hint"));
        FormField::new("keep", label, &self.form.keep, &self.field_errors).with_hint(hint)
    }

    fn days_field(&self) -> FormField {
        let lang = self.chrome.lang;
        let (label, hint) = (lang.msg("cleanup-days"), lang.msg("cleanup-days-hint"));
        FormField::new("days", label, &self.form.days, &self.field_errors).with_hint(hint)
    }

    fn pattern_field(&self) -> FormField {
        let lang = self.chrome.lang;
        let label = lang.msg("cleanup-pattern");
        let hint = lang.msg("cleanup-pattern-hint");
        FormField::new("pattern", label, &self.form.pattern, &self.field_errors).with_hint(hint)
    }

    fn selection_error_text(&self) -> Option<Message> {
        let lang = self.chrome.lang;
        match self.error? {
            SelectionError::Empty => Some(lang.msg("remove-tags-none-chosen")),
            SelectionError::TooMany => {
                Some(lang.msg("remove-tags-too-many").arg("most", MOST_TAGS))
            }
            SelectionError::NoRule => None,
        }
    }

    fn is_without_rule(&self) -> bool {
        matches!(self.error, Some(SelectionError::NoRule))
    }

    /// The page with what uses a tag.
    fn tag_used_by_link(&self, tag: &TagName) -> String {
        let reference = ImageReference::Tag(tag.clone());
        links::image_used_by(&self.view.project, &self.view.stream, &reference)
    }

    fn has_sizes(&self) -> bool {
        self.view.tags.iter().any(|tag| tag.size.is_some())
    }

    /// The order that the header of the column of names sets, and what `aria-sort` says.
    fn name_sort(&self) -> (TagSelectionSort, Option<&'static str>) {
        match self.view.sort {
            TagSelectionSort::Name => (TagSelectionSort::NameDescending, Some("ascending")),
            TagSelectionSort::NameDescending => (TagSelectionSort::Name, Some("descending")),
            TagSelectionSort::Oldest | TagSelectionSort::Newest => (TagSelectionSort::Name, None),
        }
    }

    /// The same for the column of times.
    fn age_sort(&self) -> (TagSelectionSort, Option<&'static str>) {
        match self.view.sort {
            TagSelectionSort::Oldest => (TagSelectionSort::Newest, Some("ascending")),
            TagSelectionSort::Newest => (TagSelectionSort::Oldest, Some("descending")),
            TagSelectionSort::Name | TagSelectionSort::NameDescending => {
                (TagSelectionSort::Oldest, None)
            }
        }
    }

    fn summary(&self) -> Message {
        let (lang, view) = (self.chrome.lang, &self.view);
        lang.msg("count-tags-of")
            .arg("count", view.paging.total)
            .arg("all", view.all)
    }

    /// The selected tags that the filter or another page hides. Hidden fields keep them in the form.
    fn hidden_selection(&self) -> Vec<&TagName> {
        let shown: BTreeSet<&TagName> = self.view.tags.iter().map(|tag| &tag.name).collect();
        self.selected
            .iter()
            .filter(|name| !shown.contains(name))
            .collect()
    }

    /// The number of selected tags, with the same text as `static/console.js`.
    fn selection_text(&self) -> Message {
        let (lang, selected, hidden) = (
            self.chrome.lang,
            self.selected.len().to_string(),
            self.hidden_selection().len(),
        );
        if hidden == 0 {
            lang.msg("selected").arg("count", selected)
        } else {
            lang.msg("selected-not-shown")
                .arg("count", selected)
                .arg("hidden", hidden.to_string())
        }
    }
}

pub(in crate::web) async fn select_tags_form(
    caller: SignedIn,
    path: ImagePath,
    uri: Uri,
) -> Result<Response, WebError> {
    let query = FormData::parse(uri.query().unwrap_or_default().as_bytes());
    render_selection(&caller, &path, SelectionForm::parse(&query), None).await
}

/// Changes what the page shows, or displays the preview. With the field `sure`, removes the selected
/// tags.
pub(in crate::web) async fn remove_tags(
    caller: SignedIn,
    path: ImagePath,
    form: FormData,
) -> Result<Response, WebError> {
    check_whole_stream(&path)?;
    let selection = SelectionForm::parse(&form);
    if SelectionForm::changes_page_only(&form) {
        return render_selection(&caller, &path, selection, None).await;
    }
    if form.has("review") {
        return preview_by_rules(&caller, &path, selection).await;
    }
    let mistake = match selection.tags.len() {
        0 => Some(SelectionError::Empty),
        count if count > MOST_TAGS => Some(SelectionError::TooMany),
        _ => None,
    };
    if mistake.is_some() {
        return render_selection(&caller, &path, selection, mistake).await;
    }
    if form.has("sure") {
        let request = BulkTagRequest::Remove(form_values::parse_seen_tags(&form));
        return outcome::change_tags(&caller, &path.project, &path.stream, request).await;
    }
    preview::render_preview(&caller, &path, selection).await
}

/// Displays the preview for the tags that the rules select and those selected by hand. Where the rules
/// are not valid, select nothing, or select too many tags, the page of the selection says so.
async fn preview_by_rules(
    caller: &SignedIn,
    path: &ImagePath,
    mut form: SelectionForm,
) -> Result<Response, WebError> {
    form.bulk_selection = Some(BulkSelection::ByRules);
    let mut field_errors = FieldErrors::default();
    let rules = form.rules(caller.context.lang, &mut field_errors);
    if rules.is_empty() || !field_errors.is_empty() {
        return render_selection(caller, path, form, None).await;
    }
    let query = form.query(rules);
    let view = caller
        .app()
        .tag_choice(&path.project, &path.stream, query)
        .await?;
    let by_rules = view
        .dry_run
        .as_ref()
        .map(|dry_run| dry_run.selected.as_slice());
    let left_out = form.select(&view.tags, by_rules.unwrap_or_default(), MOST_TAGS);
    if left_out > 0 || form.tags.is_empty() {
        return render_selection(caller, path, form, None).await;
    }
    preview::render_preview(caller, path, form).await
}

/// What removing `tags` frees, if the images could be read.
fn freed_space<'t>(
    images: &Section<RemovalImages>,
    tags: impl IntoIterator<Item = &'t TagName>,
) -> Section<FreedSpace> {
    match images {
        Section::Ready(images) => Section::Ready(images.freed_by(tags)),
        Section::Missing { missing } => Section::Missing {
            missing: missing.clone(),
        },
    }
}

fn check_whole_stream(path: &ImagePath) -> Result<(), Failure> {
    if path.reference.is_some() {
        Err(Failure::NotFound(PageSubject::Page))
    } else {
        Ok(())
    }
}

async fn render_selection(
    caller: &SignedIn,
    path: &ImagePath,
    mut form: SelectionForm,
    error: Option<SelectionError>,
) -> Result<Response, WebError> {
    check_whole_stream(path)?;
    let lang = caller.context.lang;
    let mut field_errors = FieldErrors::default();
    let rules = form.rules(lang, &mut field_errors);
    let is_by_rules = form.bulk_selection == Some(BulkSelection::ByRules);
    let error = if is_by_rules && rules.is_empty() && field_errors.is_empty() {
        Some(SelectionError::NoRule)
    } else {
        error
    };
    // With a wrong number, the other rules alone would select too many.
    let rules = if field_errors.is_empty() {
        rules
    } else {
        CleanupRules::default()
    };
    // Each letter that is typed into the filter loads this page.
    let is_typing = !form.text.is_empty() && !is_by_rules;
    let has_selection = !rules.is_empty() || !form.tags.is_empty();
    let is_measured = has_selection && !is_typing;
    let app = caller.app();
    let (view, images) = tokio::join!(
        app.tag_choice(&path.project, &path.stream, form.query(rules)),
        async {
            if !is_measured {
                return None;
            }
            let images = app.removal_images(&path.project, &path.stream);
            Some(Section::from(Box::pin(images).await))
        }
    );
    let view = view?;
    let by_rules = view
        .dry_run
        .as_ref()
        .map(|dry_run| dry_run.selected.as_slice());
    let left_out = form.select(&view.tags, by_rules.unwrap_or_default(), MOST_TAGS);
    let freed_by_rules = images
        .as_ref()
        .zip(by_rules.filter(|tags| !tags.is_empty()))
        .map(|(images, tags)| freed_space(images, tags));
    let freed_by_selection = images
        .as_ref()
        .filter(|_| !form.tags.is_empty())
        .map(|images| freed_space(images, &form.tags));
    let status = if error.is_some() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        field_errors.status(None)
    };
    let title = lang
        .msg("cleanup-title")
        .arg("stream", format!("{}/{}", path.project, path.stream));
    Ok(render_with_status(
        status,
        &caller.context,
        &CleanupPage {
            chrome: caller.chrome(Area::Images, title),
            view,
            selected: std::mem::take(&mut form.tags),
            left_out,
            freed_by_rules,
            freed_by_selection,
            error,
            form,
            field_errors,
        },
    ))
}
