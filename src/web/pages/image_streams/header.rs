//! The header and the tabs of an image stream.

use crate::app::image_streams::{StreamActions, StreamFacts};
use crate::i18n::Lang;
use crate::web::links;
use crate::web::page_header::PageHeader;
use crate::web::tabs::{PageFrame, StreamTab, Tabs};
use registry_model::{ImageStreamName, ProjectName};

/// The header of an image stream, with the changes that the user may make. `facts` are absent where
/// the user may not read the image stream.
pub(in crate::web::pages) fn stream_header(
    lang: Lang,
    project: &ProjectName,
    stream: &ImageStreamName,
    actions: StreamActions,
    facts: Option<&StreamFacts>,
) -> PageHeader {
    let imports = facts.is_some_and(|facts| facts.imports);
    let has_tags = facts.is_some_and(|facts| facts.tags > 0);
    PageHeader::new(stream)
        .with_kind(lang.msg("image-stream"))
        .below_project(lang, project)
        .when(actions.tag || actions.import, |header| {
            header.with_outlined_primary(links::new_tag(project, stream), lang.msg("new-tag-link"))
        })
        .when(actions.edit, |header| {
            header.with_menu_item(links::edit_stream(project, stream), lang.msg("stream-edit"))
        })
        .when(actions.import && imports, |header| {
            header.with_menu_item(
                links::import(project, stream, None),
                lang.msg("stream-import"),
            )
        })
        .when(actions.untag && has_tags, |header| {
            header.with_menu_item(
                links::remove_tags(project, stream),
                lang.msg("cleanup-link"),
            )
        })
        .when(actions.delete, |header| {
            header.with_dangerous_item(
                links::delete_stream(project, stream),
                lang.msg("stream-delete-link"),
            )
        })
}

/// The frame of the page of an image stream that `tab` leads to.
pub(in crate::web::pages) fn stream_frame(
    lang: Lang,
    (project, stream): (&ProjectName, &ImageStreamName),
    actions: StreamActions,
    facts: Option<&StreamFacts>,
    tab: StreamTab,
) -> PageFrame {
    PageFrame {
        header: stream_header(lang, project, stream, actions, facts),
        tabs: Tabs::for_stream(lang, project, stream, tab),
    }
}
