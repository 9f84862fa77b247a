//! Comparison of the console's clock with those of other servers.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};

use super::finding::{Component, FactName, Finding};
use super::settings::Settings;
use crate::app::doctor::check_result::CheckResult;
use crate::app::remediation;

/// From this skew on, sessions and certificates may seem expired or not yet valid.
const SKEW_WARNING_THRESHOLD: TimeDelta = TimeDelta::seconds(60);
/// From this skew on, they will.
const SKEW_FAILURE_THRESHOLD: TimeDelta = TimeDelta::minutes(5);

/// Compares the time in a response with the console's.
pub(super) fn clock_finding(
    settings: &Settings,
    id: &'static str,
    about: Component,
    server_time: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Finding {
    let Some(server_time) = server_time else {
        return Finding::new(id, about, CheckResult::ClockUnknown);
    };
    let skew = (server_time - now).abs();
    let result = match skew {
        skew if skew > SKEW_FAILURE_THRESHOLD => CheckResult::ClockFarOff,
        skew if skew > SKEW_WARNING_THRESHOLD => CheckResult::ClockOff,
        _ => CheckResult::ClockRight,
    };
    let url = if about == Component::Registry {
        &settings.registry.url
    } else {
        &settings.api_server.url
    };
    Finding::new(id, about, result)
        .with_fact(FactName::OwnClock, format_time(now))
        .with_fact(FactName::TheirClock, format_time(server_time))
        .with_fact(FactName::Off, format!("{} s", skew.num_seconds()))
        .with_command(settings.installation().show_pods())
        .with_command(remediation::show_clock_synchronization())
        .with_command(remediation::show_server_time(url))
}

/// ISO 8601: the same in every language.
pub(super) fn format_time(moment: DateTime<Utc>) -> String {
    moment.to_rfc3339_opts(SecondsFormat::Secs, true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, FixedVariables};

    #[test]
    fn clock_skew_warns_after_one_minute_and_fails_after_five() {
        let vars = FixedVariables::default()
            .with_var("KUBERNETES_SERVICE_HOST", "172.30.0.1")
            .with_var("OPENSHIFT_OAUTH_PROVIDER_URL", "https://api.example.com");
        let settings =
            Settings::from_config(&Config::from_variables(&vars).unwrap(), "/oauth/callback");
        let now = DateTime::from_timestamp(1_000_000_000, 0).unwrap();
        let compare =
            |about, server_time| clock_finding(&settings, "clock", about, server_time, now);
        for (seconds, expected) in [
            (0, CheckResult::ClockRight),
            (60, CheckResult::ClockRight),
            (61, CheckResult::ClockOff),
            (300, CheckResult::ClockOff),
            (301, CheckResult::ClockFarOff),
        ] {
            for server_time in [
                now + TimeDelta::seconds(seconds),
                now - TimeDelta::seconds(seconds),
            ] {
                assert_eq!(
                    compare(Component::ApiServer, Some(server_time)).what,
                    expected,
                    "{server_time}"
                );
            }
        }
        assert_eq!(
            compare(Component::ApiServer, None).what,
            CheckResult::ClockUnknown
        );
    }
}
