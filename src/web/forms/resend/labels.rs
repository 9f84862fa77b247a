//! Labels of the fields of a form that is sent again, as on the page that contains the form.

use crate::i18n::{Lang, Message};

/// Fields that users do not fill in: which button was pressed, and the state of the page when it
/// was rendered.
const HIDDEN_FIELDS: [&str; 33] = [
    "add-annotation",
    "add-identities",
    "add-label",
    "add-members",
    "add-row",
    "annotation",
    "do",
    "drop",
    "expand",
    "filter",
    "image",
    "label",
    "list",
    "look",
    "page",
    "remove-annotation",
    "remove-identities",
    "remove-label",
    "remove-members",
    "remove-row",
    "retry",
    "retry-host",
    "row",
    "seen",
    "seen-tag",
    "select",
    "shown",
    "sort",
    "sort-by",
    "sure",
    "to-page",
    "version",
    "was",
];

/// The name of a field without the number of the row that it belongs to: `tag` for `tag-3`.
fn without_row(name: &str) -> &str {
    match name.rsplit_once('-') {
        Some((field, row)) if !row.is_empty() && row.bytes().all(|b| b.is_ascii_digit()) => field,
        _ => name,
    }
}

/// Whether users fill in the field.
pub(super) fn is_visible_field(name: &str) -> bool {
    !HIDDEN_FIELDS.contains(&without_row(name))
}

/// The label of a field. `None` if no page has such a field.
pub(super) fn field_label(lang: Lang, name: &str) -> Option<Message> {
    let label = match without_row(name) {
        "annotation-name" | "annotation-value" => lang.msg("annotations"),
        "days" => lang.msg("cleanup-days"),
        "description" => lang.msg("description"),
        "display-name" => lang.msg("display-name"),
        "follow" => lang.msg("new-tag-follow"),
        "from" => lang.msg("new-tag-external-image"),
        "full-name" => lang.msg("full-name"),
        "group" => lang.msg("group"),
        "here" => lang.msg("new-tag-local-image"),
        "identities" => lang.msg("identities"),
        "import-mode" | "mode" => lang.msg("import-mode"),
        "insecure" => lang.msg("stream-insecure"),
        "keep" => lang.msg("cleanup-keep"),
        "kind" => lang.msg("member-kind"),
        "label-name" | "label-value" => lang.msg("labels"),
        "lang" => lang.msg("language"),
        "lasts" => lang.msg("credential-lifetime"),
        "local-lookup" => lang.msg("stream-local-lookup"),
        "may" => lang.msg("credential-right"),
        "members" => lang.msg("members"),
        "name" => lang.msg("new-project-name"),
        "open" => lang.msg("access-anonymous-confirm"),
        "policy" if name != "policy" => lang.msg("new-tag-policy"),
        "pattern" => lang.msg("cleanup-pattern"),
        "policy" => lang.msg("access"),
        "project" | "puller" => lang.msg("project"),
        "q" => lang.msg("filter-tags"),
        "reference" => lang.msg("stream-row-reference"),
        "repository" => lang.msg("stream-repository"),
        "role" => lang.msg("member-role"),
        "scheduled" => lang.msg("new-tag-scheduled"),
        "source" => lang.msg("stream-source"),
        "stream" => lang.msg("image-stream"),
        "tag" => lang.msg("tag"),
        "tags" => lang.msg("stream-tags"),
        "theme" => lang.msg("theme"),
        "to" => lang.msg("member-role"),
        "user" => lang.msg("user"),
        _ => return None,
    };
    Some(label)
}

/// The label of a selected choice. `None` for typed text.
pub(super) fn choice_label(lang: Lang, name: &str, value: &str) -> Option<Message> {
    let label = match (without_row(name), value) {
        (
            "follow" | "insecure" | "local-lookup" | "open" | "reference" | "scheduled",
            "1" | "yes",
        ) => lang.msg("yes"),
        ("import-mode" | "mode", "PreserveOriginal") => lang.msg("import-mode-preserve"),
        ("import-mode" | "mode", "Legacy") => lang.msg("import-mode-legacy"),
        ("kind", "user") => lang.msg("subject-user"),
        ("kind", "group") => lang.msg("subject-group"),
        ("kind", "service-account") => lang.msg("subject-service-account"),
        ("lasts", "always") => lang.msg("credential-lifetime-unlimited"),
        ("may", "create") => lang.msg("credential-right-create"),
        ("may", "pull") => lang.msg("credential-right-pull"),
        ("may", "push") => lang.msg("credential-right-push"),
        ("policy", "anonymous") => lang.msg("access-anonymous"),
        ("policy", "local") => lang.msg("new-tag-policy-local"),
        ("policy", "private") => lang.msg("access-private"),
        ("policy", "shared") => lang.msg("access-shared"),
        ("policy", "source") => lang.msg("new-tag-policy-source"),
        ("role" | "to", "registry-admin") => lang.msg("member-admin"),
        ("role" | "to", "registry-editor") => lang.msg("member-push"),
        ("role" | "to", "registry-viewer") => lang.msg("member-pull"),
        ("source", "all") => lang.msg("stream-source-all"),
        ("source", "elsewhere") => lang.msg("new-tag-source-external"),
        ("source", "here") => lang.msg("new-tag-source-local"),
        ("source", "none") => lang.msg("stream-source-none"),
        ("source", "tags") => lang.msg("stream-source-tags"),
        _ => return None,
    };
    Some(label)
}
