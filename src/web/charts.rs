//! Pictures, drawn as inline SVG by attributes only, so that no style or script has to be allowed
//! for them. Each has a text alternative, and the page has the same figures as text.

pub(crate) mod gauge;
pub(crate) mod import_health;
pub(crate) mod layer_stack;
pub(crate) mod space_bar;
pub(crate) mod sparkline;
pub(crate) mod timeline;
