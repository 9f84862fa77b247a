//! `/images/{project}/{stream}/import` and `/images/{project}/{stream}:{tag}/import`

use askama::Template;
use axum::response::Response;
use serde::Serialize;

use crate::app::change::RefusedBecause;
use crate::app::failure::{Failure, Subject};
use crate::app::image_streams::{ImportAdvice, ImportPlan, ImportResult};
use crate::app::images::ShownReference;
use crate::app::shell_command::ShellCommand;
use crate::web::context::SignedIn;
use crate::web::errors::Refused;
use crate::web::extract::OfStream;
use crate::web::filters;
use crate::web::forms::{Mistakes, Trouble};
use crate::web::render::{Area, Chrome, page_with};
use registry_model::{ImageStreamName, ProjectName, TagName};

#[derive(Template, Serialize)]
#[template(path = "import-stream.html")]
struct ImportPage {
    #[serde(skip)]
    chrome: Chrome,
    project: ProjectName,
    stream: ImageStreamName,
    tag: Option<TagName>,
    allowed: bool,
    oc: Vec<ShellCommand>,
    plan: ImportPlan,
    results: Option<Vec<ImportResult>>,
    trouble: Option<Trouble>,
}

impl ImportPage {
    fn what(&self) -> String {
        self.tag.as_ref().map_or_else(
            || self.stream.to_string(),
            |tag| format!("{}:{tag}", self.stream),
        )
    }

    fn advised_results(&self) -> Option<Vec<(&ImportResult, Option<ImportAdvice>)>> {
        let results = self.results.as_ref()?;
        let of_repository = || {
            self.plan
                .repository
                .as_ref()
                .map(|repository| repository.name.as_str())
        };
        let of_tag = |name: &str| {
            self.plan
                .tags
                .iter()
                .find(|tag| tag.tag.as_str() == name)
                .map(|tag| tag.from.as_str())
        };
        Some(ImportAdvice::on_results(
            results,
            self.project.as_str(),
            |result| of_tag(&result.tag).or_else(of_repository),
        ))
    }
}

/// Asks whether to import.
pub(in crate::web) async fn ask(who: SignedIn, of: OfStream) -> Result<Response, Refused> {
    let plan = who
        .console()
        .import_plan(&of.project, &of.stream, tag_of(&of)?.as_ref())
        .await?;
    show(&who, of, plan, None, None).await
}

/// Imports, and says tag by tag what came of it.
pub(in crate::web) async fn import(who: SignedIn, of: OfStream) -> Result<Response, Refused> {
    let tag = tag_of(&of)?;
    // Only what the page shows: the import reads the stream itself.
    let plan = who
        .console()
        .import_plan(&of.project, &of.stream, tag.as_ref())
        .await
        .unwrap_or_default();
    match who
        .console()
        .import_again(&of.project, &of.stream, tag.as_ref())
        .await
    {
        Ok(results) => show(&who, of, plan, Some(results), None).await,
        Err(failed) => {
            let refusal = failed.refusal()?;
            let nothing = refusal.why == RefusedBecause::NotThere;
            let mut trouble = Trouble::of_action(refusal, who.context.lang);
            if nothing {
                trouble.hint = who.context.lang.msg("stream-result-gone").to_string();
            }
            show(&who, of, plan, None, Some(trouble)).await
        }
    }
}

fn tag_of(of: &OfStream) -> Result<Option<TagName>, Refused> {
    match &of.reference {
        None => Ok(None),
        Some(ShownReference::Tag(tag)) => Ok(Some(tag.clone())),
        Some(ShownReference::Digest(_)) => Err(Failure::NotFound(Subject::Page).into()),
    }
}

async fn show(
    who: &SignedIn,
    of: OfStream,
    plan: ImportPlan,
    results: Option<Vec<ImportResult>>,
    trouble: Option<Trouble>,
) -> Result<Response, Refused> {
    let tag = tag_of(&of)?;
    let OfStream {
        project, stream, ..
    } = of;
    let allowed = who.console().offers(&project).await.import;
    let status = Mistakes::default().status(trouble.as_ref());
    let oc = ShellCommand::import_again(&plan, &project, &stream);
    let chrome = who.chrome(
        Area::Images,
        who.context.lang.msg("stream-import").to_string(),
    );
    Ok(page_with(
        status,
        &who.context,
        &ImportPage {
            chrome,
            project,
            stream,
            tag,
            allowed,
            oc,
            plan,
            results,
            trouble,
        },
    ))
}
