//! What the console answered.

use reqwest::Response;
use reqwest::header::HeaderMap;
use scraper::{ElementRef, Html, Selector};
use serde_json::Value;

/// An answer, read to its end.
pub(crate) struct Page {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
    pub(crate) html: Html,
}

impl Page {
    pub(super) async fn read(response: Response) -> Self {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await.unwrap();
        let html = Html::parse_document(&text);
        Self {
            status,
            headers,
            text,
            html,
        }
    }

    #[track_caller]
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .unwrap_or_else(|| panic!("no {name}: {:?}", self.headers))
            .to_str()
            .unwrap()
    }

    /// Where a redirect leads.
    #[track_caller]
    pub(crate) fn location(&self) -> String {
        assert!(
            (300..400).contains(&self.status),
            "{} is no redirect: {}",
            self.status,
            self.text
        );
        self.header("location").to_owned()
    }

    /// All `Set-Cookie`s.
    pub(crate) fn set_cookies(&self) -> Vec<&str> {
        self.headers
            .get_all("set-cookie")
            .iter()
            .map(|value| value.to_str().unwrap())
            .collect()
    }

    #[track_caller]
    pub(crate) fn select(&self, css: &str) -> Vec<ElementRef<'_>> {
        self.html.select(&Selector::parse(css).unwrap()).collect()
    }

    /// The texts of all that `css` finds, white space made single.
    #[track_caller]
    pub(crate) fn texts(&self, css: &str) -> Vec<String> {
        self.select(css).into_iter().map(words).collect()
    }

    /// The text of the one element that `css` finds.
    #[track_caller]
    pub(crate) fn text_of(&self, css: &str) -> String {
        words(self.only(css))
    }

    /// An attribute of the one element that `css` finds.
    #[track_caller]
    pub(crate) fn attribute(&self, css: &str, name: &str) -> String {
        let element = self.only(css);
        element
            .attr(name)
            .unwrap_or_else(|| panic!("{css} has no {name}: {}", element.html()))
            .to_owned()
    }

    /// The one element that `css` finds.
    #[track_caller]
    pub(crate) fn only(&self, css: &str) -> ElementRef<'_> {
        let found = self.select(css);
        assert_eq!(found.len(), 1, "{css} in {} {}", self.status, self.text);
        found[0]
    }

    /// Name and value of the hidden fields of the forms that `css` finds.
    #[track_caller]
    pub(crate) fn hidden_fields(&self, css: &str) -> Vec<(String, String)> {
        let inputs = self.select(&format!("{css} input[type=hidden]"));
        inputs
            .into_iter()
            .map(|input| {
                (
                    input.attr("name").unwrap().to_owned(),
                    input.attr("value").unwrap().to_owned(),
                )
            })
            .collect()
    }

    /// What stands in the fields of the page: inputs, hidden ones too, text areas, and the chosen
    /// options.
    pub(crate) fn field_values(&self) -> Vec<String> {
        let inputs = self.select("main input, main option[selected]").into_iter();
        let mut values: Vec<String> = inputs
            .filter_map(|input| input.attr("value").map(str::to_owned))
            .collect();
        values.extend(
            self.select("main textarea")
                .into_iter()
                .map(|area| area.text().collect::<String>()),
        );
        values
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        let expected = if self.status < 400 {
            "application/json"
        } else {
            "application/problem+json"
        };
        assert_eq!(self.header("content-type"), expected, "{}", self.text);
        serde_json::from_str(&self.text).unwrap()
    }

    /// The text of the one element that `css` finds, with all its white space.
    #[track_caller]
    pub(crate) fn raw_text_of(&self, css: &str) -> String {
        self.only(css).text().collect()
    }

    /// The attribute of all elements that `css` finds, where they have it.
    #[track_caller]
    pub(crate) fn attributes(&self, css: &str, name: &str) -> Vec<String> {
        let elements = self.select(css).into_iter();
        elements
            .filter_map(|element| element.attr(name).map(str::to_owned))
            .collect()
    }

    /// The value of `term` in the description lists.
    #[track_caller]
    pub(crate) fn fact(&self, term: &str) -> String {
        let (terms, values) = (self.texts("main dl dt"), self.texts("main dl dd"));
        assert_eq!(terms.len(), values.len());
        let index = terms.iter().position(|known| known == term);
        values[index.unwrap_or_else(|| panic!("no {term:?} in {terms:?}"))].clone()
    }

    /// Why sections are missing on the page, one sentence each.
    pub(crate) fn missing(&self) -> Vec<String> {
        let reasons = self
            .texts("main .rc-reasons li, #tags > .rc-missing")
            .into_iter();
        // On an image's page each begins with the name of the section.
        reasons
            .map(|text| {
                text.split_once(" – ")
                    .map_or(text.clone(), |(_, reason)| reason.to_owned())
            })
            .collect()
    }

    /// The language that the page says it is in.
    #[track_caller]
    pub(crate) fn lang(&self) -> String {
        self.attribute("html", "lang")
    }
}

fn words(element: ElementRef<'_>) -> String {
    element
        .text()
        .collect::<Vec<_>>()
        .concat()
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}
