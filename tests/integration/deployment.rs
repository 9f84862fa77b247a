//! The templates that deploy the console.

pub(crate) mod optional_templates;
pub(crate) mod template;
pub(crate) mod template_processor;
