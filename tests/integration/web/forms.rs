//! Forms that are sent again or refused.

pub(crate) mod kept_input;
pub(crate) mod resend;
