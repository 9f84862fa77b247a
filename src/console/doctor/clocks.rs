//! Whether two clocks agree.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};

use super::finding::{About, FactName, Finding};
use super::run;
use super::settings::Settings;
use super::what::What;
use crate::console::ShellCommand;

/// From here on sessions and certificates may seem too old or too young.
const OFF: TimeDelta = TimeDelta::seconds(60);
/// From here on they will.
const FAR_OFF: TimeDelta = TimeDelta::minutes(5);

/// Compares what an answer said with the own time.
pub(super) fn compare(settings: &Settings, id: &'static str, about: About, theirs: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Finding {
    let Some(theirs) = theirs else { return Finding::new(id, about, What::ClockUnknown) };
    let off = (theirs - now).abs();
    let what = match off {
        off if off > FAR_OFF => What::ClockFarOff,
        off if off > OFF => What::ClockOff,
        _ => What::ClockRight,
    };
    let url = if about == About::Registry { &settings.registry.url } else { &settings.cluster.api };
    Finding::new(id, about, what)
        .fact(FactName::OwnClock, moment(now))
        .fact(FactName::TheirClock, moment(theirs))
        .fact(FactName::Off, format!("{} s", off.num_seconds()))
        .run(run::pods(settings))
        .run(ShellCommand::new("chronyc tracking"))
        .run(run::their_time(url))
}

/// ISO 8601: the same in every language.
pub(super) fn moment(moment: DateTime<Utc>) -> String {
    moment.to_rfc3339_opts(SecondsFormat::Secs, true)
}
