//! Whether two clocks agree.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};

use super::finding::{About, FactName, Finding};
use super::run;
use super::settings::Settings;
use super::what::What;
use crate::app::shell_command::ShellCommand;

/// From here on sessions and certificates may seem too old or too young.
const OFF: TimeDelta = TimeDelta::seconds(60);
/// From here on they will.
const FAR_OFF: TimeDelta = TimeDelta::minutes(5);

/// Compares what an answer said with the own time.
pub(super) fn compare(
    settings: &Settings,
    id: &'static str,
    about: About,
    theirs: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Finding {
    let Some(theirs) = theirs else {
        return Finding::new(id, about, What::ClockUnknown);
    };
    let off = (theirs - now).abs();
    let what = match off {
        off if off > FAR_OFF => What::ClockFarOff,
        off if off > OFF => What::ClockOff,
        _ => What::ClockRight,
    };
    let url = if about == About::Registry {
        &settings.registry.url
    } else {
        &settings.cluster.api
    };
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, Fixed};

    #[test]
    fn clocks_are_off_after_one_minute_and_far_off_after_five_in_either_direction() {
        let vars = Fixed::default()
            .var("KUBERNETES_SERVICE_HOST", "172.30.0.1")
            .var("OPENSHIFT_OAUTH_PROVIDER_URL", "https://api.example.com");
        let settings = Settings::of(&Config::read(&vars).unwrap(), "/oauth/callback");
        let now = DateTime::from_timestamp(1_000_000_000, 0).unwrap();
        let compared = |about, theirs| compare(&settings, "clock", about, theirs, now);
        for (seconds, expected) in [
            (0, What::ClockRight),
            (60, What::ClockRight),
            (61, What::ClockOff),
            (300, What::ClockOff),
            (301, What::ClockFarOff),
        ] {
            for theirs in [
                now + TimeDelta::seconds(seconds),
                now - TimeDelta::seconds(seconds),
            ] {
                assert_eq!(
                    compared(About::Master, Some(theirs)).what,
                    expected,
                    "{theirs}"
                );
            }
        }
        assert_eq!(compared(About::Master, None).what, What::ClockUnknown);
    }
}
