//! Forms that are sent again or refused.

pub(crate) mod kept_input;
mod not_permitted;
pub(crate) mod resend;
