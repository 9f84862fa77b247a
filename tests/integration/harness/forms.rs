//! Forms as a page of the console sends them.

use super::{Browser, Page};

/// Sends a form with the session's form token.
pub(crate) async fn post(browser: &mut Browser, path: &str, fields: &[(&str, &str)]) -> Page {
    let csrf = browser.csrf().await;
    let fields: Vec<(&str, &str)> = fields
        .iter()
        .copied()
        .chain([("csrf", csrf.as_str())])
        .collect();
    browser.post_form(path, &fields).await
}

/// Sends the form in the flash message of the last change: its undo.
pub(crate) async fn undo(browser: &mut Browser, path: &str) -> Page {
    let page = browser.get(path).await;
    let fields = page.hidden_fields("[role=status] form");
    let fields: Vec<(&str, &str)> = fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let action = page.attribute("[role=status] form", "action");
    browser.post_form(&action, &fields).await
}

/// Sends the form in the middle of a page with what it contains, and with `typed`.
pub(crate) async fn send_form(browser: &mut Browser, page: &Page, typed: &[(&str, &str)]) -> Page {
    let hidden = page.hidden_fields("main form");
    let mut fields: Vec<(&str, &str)> = hidden
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    fields.extend(typed);
    browser
        .post_form(&page.attribute("main form", "action"), &fields)
        .await
}
