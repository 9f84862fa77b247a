//! The program as a process: starting, stopping, the doctor.

pub(crate) mod doctor;
pub(crate) mod serve;
pub(crate) mod startup_and_shutdown;
