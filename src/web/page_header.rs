//! The header of a page: where the page is, what it is about, and what can be done there
//! (`components/page_header.html`).

use super::links;
use crate::app::images::ImageReference;
use crate::i18n::Lang;
use registry_model::{ImageStreamName, ProjectName};

/// A link with a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct HeaderLink {
    pub(crate) href: String,
    pub(crate) text: String,
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "texts are given as they come: as a message, a name or a string"
)]
impl HeaderLink {
    fn new(href: impl Into<String>, text: impl ToString) -> Self {
        Self {
            href: href.into(),
            text: text.to_string(),
        }
    }
}

/// The breadcrumb, title and actions of a page. The breadcrumb of every page about an object begins
/// with the list that contains it: `Projects / project / stream / tag / action`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PageHeader {
    /// The title (`h1`). It names the object that the page is about.
    pub(crate) title: String,
    /// The kind of the object, as a label beside the title.
    pub(crate) kind: Option<String>,
    /// The pages above this one. Empty on the pages of the navigation.
    pub(crate) ancestors: Vec<HeaderLink>,
    /// The last entry of the breadcrumb.
    pub(crate) current: String,
    /// The action that most readers of the page come for.
    pub(crate) primary: Option<HeaderLink>,
    /// Whether the primary action is outlined as the others are: on pages whose content has a
    /// button that more readers press.
    pub(crate) is_primary_outlined: bool,
    pub(crate) secondary: Option<HeaderLink>,
    /// Further actions, in a menu.
    pub(crate) menu: Vec<HeaderLink>,
    /// Actions that delete something, at the end of the menu.
    pub(crate) dangerous: Vec<HeaderLink>,
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "texts are given as they come: as a message, a name or a string"
)]
impl PageHeader {
    /// The header of a page of the navigation.
    pub(crate) fn new(title: impl ToString) -> Self {
        let title = title.to_string();
        Self {
            current: title.clone(),
            title,
            kind: None,
            ancestors: Vec::new(),
            primary: None,
            is_primary_outlined: false,
            secondary: None,
            menu: Vec::new(),
            dangerous: Vec::new(),
        }
    }

    /// Adds a label with the kind of the object.
    pub(crate) fn with_kind(self, kind: impl ToString) -> Self {
        Self {
            kind: Some(kind.to_string()),
            ..self
        }
    }

    /// Adds the page `href` above this one.
    pub(crate) fn below(mut self, href: impl Into<String>, text: impl ToString) -> Self {
        self.ancestors.push(HeaderLink::new(href, text));
        self
    }

    /// Places the page below the list of projects.
    pub(crate) fn below_projects(self, lang: Lang) -> Self {
        self.below(links::PROJECTS, lang.msg("projects"))
    }

    /// Places the page below a project.
    pub(crate) fn below_project(self, lang: Lang, project: &ProjectName) -> Self {
        self.below_projects(lang)
            .below(links::project(project), project)
    }

    /// Places the page below a user.
    pub(crate) fn below_user(self, lang: Lang, name: &str) -> Self {
        self.below(links::USERS, lang.msg("users"))
            .below(links::user(name), name)
    }

    /// Places the page below a group.
    pub(crate) fn below_group(self, lang: Lang, name: &str) -> Self {
        self.below(links::GROUPS, lang.msg("groups"))
            .below(links::group(name), name)
    }

    /// Places the page below an image stream.
    pub(crate) fn below_stream(
        self,
        lang: Lang,
        project: &ProjectName,
        stream: &ImageStreamName,
    ) -> Self {
        self.below_project(lang, project)
            .below(links::stream(project, stream), stream)
    }

    /// Places the page below a tag or an image of an image stream.
    pub(crate) fn below_image(
        self,
        lang: Lang,
        project: &ProjectName,
        stream: &ImageStreamName,
        reference: &ImageReference,
    ) -> Self {
        let text = match reference {
            ImageReference::Tag(tag) => tag.to_string(),
            ImageReference::Digest(digest) => digest.short(),
        };
        let href = links::image_by_reference(project, stream, reference);
        self.below_stream(lang, project, stream).below(href, text)
    }

    /// Sets the last entry of the breadcrumb, which is the title otherwise.
    pub(crate) fn with_current(self, text: impl ToString) -> Self {
        Self {
            current: text.to_string(),
            ..self
        }
    }

    /// Adds the primary action.
    pub(crate) fn with_primary(self, href: impl Into<String>, text: impl ToString) -> Self {
        Self {
            primary: Some(HeaderLink::new(href, text)),
            ..self
        }
    }

    /// Adds the primary action, outlined.
    pub(crate) fn with_outlined_primary(
        self,
        href: impl Into<String>,
        text: impl ToString,
    ) -> Self {
        Self {
            is_primary_outlined: true,
            ..self.with_primary(href, text)
        }
    }

    /// Adds the secondary action.
    pub(crate) fn with_secondary(self, href: impl Into<String>, text: impl ToString) -> Self {
        Self {
            secondary: Some(HeaderLink::new(href, text)),
            ..self
        }
    }

    /// Adds an action to the menu.
    pub(crate) fn with_menu_item(mut self, href: impl Into<String>, text: impl ToString) -> Self {
        self.menu.push(HeaderLink::new(href, text));
        self
    }

    /// Adds an action that deletes something to the end of the menu.
    pub(crate) fn with_dangerous_item(
        mut self,
        href: impl Into<String>,
        text: impl ToString,
    ) -> Self {
        self.dangerous.push(HeaderLink::new(href, text));
        self
    }

    /// Applies `change` if `condition` holds: for actions that only some users have.
    pub(crate) fn when(self, condition: bool, change: impl FnOnce(Self) -> Self) -> Self {
        if condition { change(self) } else { self }
    }

    /// Whether the page offers an action.
    pub(crate) fn has_actions(&self) -> bool {
        self.primary.is_some() || self.secondary.is_some() || self.has_menu()
    }

    pub(crate) fn has_menu(&self) -> bool {
        !self.menu.is_empty() || !self.dangerous.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn breadcrumb_of_an_image_names_every_object_above_it() {
        let (project, stream) = ("shop".parse().unwrap(), "cart".parse().unwrap());
        let tag = ImageReference::Tag("1.0".parse().unwrap());
        let header =
            PageHeader::new("Remove tag 1.0").below_image(Lang::English, &project, &stream, &tag);
        let entries: Vec<_> = header
            .ancestors
            .iter()
            .map(|link| (link.text.as_str(), link.href.as_str()))
            .collect();
        assert_eq!(
            entries,
            [
                ("Projects", "/projects"),
                ("shop", "/projects/shop"),
                ("cart", "/images/shop/cart"),
                ("1.0", "/images/shop/cart:1.0"),
            ]
        );
    }

    #[test]
    fn actions_are_added_only_where_they_are_permitted() {
        let header = PageHeader::new("cart")
            .when(false, |header| header.with_primary("/new", "New"))
            .when(true, |header| {
                header.with_dangerous_item("/delete", "Delete")
            });
        assert!(header.primary.is_none() && header.has_menu() && header.has_actions());
    }
}
