//! `/images/{project}/{stream}/space/plan`: what pruning would remove from an image stream.

use axum::extract::RawQuery;
use axum::response::Response;

use super::header::stream_frame;
use crate::web::context::SignedIn;
use crate::web::errors::WebError;
use crate::web::extractors::ImagePath;
use crate::web::pages::projects::prune_plan::{PlanForm, PlanFrame, render_plan};
use crate::web::tabs::StreamTab;

pub(in crate::web) async fn show_stream_prune_plan(
    caller: SignedIn,
    path: ImagePath,
    RawQuery(query): RawQuery,
) -> Result<Response, WebError> {
    let (project, stream) = path.into_stream()?;
    let lang = caller.context.lang;
    let form = PlanForm::parse(&caller, query.as_deref());
    let console = caller.app();
    let (view, facts, actions) = tokio::join!(
        Box::pin(console.prune_plan(Some(&project), Some(&stream), form.query())),
        console.stream_facts(&project, &stream),
        console.stream_actions(&project)
    );
    let (view, facts) = (view?, facts.ok());
    let of = (&project, &stream);
    let frame = stream_frame(lang, of, actions, facts.as_ref(), StreamTab::Space);
    Ok(render_plan(
        &caller,
        view,
        form,
        PlanFrame::Stream(frame, facts),
    ))
}
