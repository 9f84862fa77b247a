//! The words of each finding: one key for each, so that none can be left out.

use crate::console::doctor::{About, Costs, FactName, State, What};
use crate::i18n::{Lang, Message};

pub(super) fn seen(what: What, lang: Lang) -> Message {
    match what {
        What::ConfigurationWrong => lang.msg("doctor-configuration-wrong"),
        What::AddressConfigured => lang.msg("doctor-address-configured"),
        What::AddressFromHost => lang.msg("doctor-address-from-host"),
        What::AddressUnknown => lang.msg("doctor-address-unknown"),
        What::AddressPlain => lang.msg("doctor-address-plain"),
        What::RedirectRegistered => lang.msg("doctor-redirect-registered"),
        What::ClientMissing => lang.msg("doctor-client-missing"),
        What::RedirectNotRegistered => lang.msg("doctor-redirect-not-registered"),
        What::LoginNotTried => lang.msg("doctor-login-not-tried"),
        What::SecretNotTried => lang.msg("doctor-secret-not-tried"),
        What::SecretWorked => lang.msg("doctor-secret-worked"),
        What::FlowCode => lang.msg("doctor-flow-code"),
        What::FlowImplicit => lang.msg("doctor-flow-implicit"),
        What::FlowDisabled => lang.msg("doctor-flow-disabled"),
        What::UrisWide => lang.msg("doctor-uris-wide"),
        What::UrisCover => lang.msg("doctor-uris-cover"),
        What::UrisLack => lang.msg("doctor-uris-lack"),
        What::UrisNotAllowed => lang.msg("doctor-uris-not-allowed"),
        What::RouteFits => lang.msg("doctor-route-fits"),
        What::RouteLacks => lang.msg("doctor-route-lacks"),
        What::RouteNotAllowed => lang.msg("doctor-route-not-allowed"),
        What::Discovered => lang.msg("doctor-discovered"),
        What::DiscoveryMissing => lang.msg("doctor-discovery-missing"),
        What::NoOauthServer => lang.msg("doctor-no-oauth-server"),
        What::DiscoveryUnreadable => lang.msg("doctor-discovery-unreadable"),
        What::DiscoveryPlain => lang.msg("doctor-discovery-plain"),
        What::PkceMissing => lang.msg("doctor-pkce-missing"),
        What::TlsTrusted => lang.msg("doctor-tls-trusted"),
        What::TlsExpiresSoon => lang.msg("doctor-tls-expires-soon"),
        What::TlsAnybody => lang.msg("doctor-tls-anybody"),
        What::TlsUnknownAuthority => lang.msg("doctor-tls-unknown-authority"),
        What::TlsAuthorityRenewed => lang.msg("doctor-tls-authority-renewed"),
        What::TlsExpired => lang.msg("doctor-tls-expired"),
        What::TlsNotYetValid => lang.msg("doctor-tls-not-yet-valid"),
        What::TlsWrongName => lang.msg("doctor-tls-wrong-name"),
        What::TlsUnusable => lang.msg("doctor-tls-unusable"),
        What::TlsPlain => lang.msg("doctor-tls-plain"),
        What::TlsOwnAuthority => lang.msg("doctor-tls-own-authority"),
        What::NoSuchName => lang.msg("doctor-no-such-name"),
        What::NoConnection => lang.msg("doctor-no-connection"),
        What::NoTls => lang.msg("doctor-no-tls"),
        What::Late => lang.msg("doctor-late"),
        What::NotReached => lang.msg("doctor-not-reached"),
        What::ClockRight => lang.msg("doctor-clock-right"),
        What::ClockOff => lang.msg("doctor-clock-off"),
        What::ClockFarOff => lang.msg("doctor-clock-far-off"),
        What::ClockUnknown => lang.msg("doctor-clock-unknown"),
        What::RegistryAnswers => lang.msg("doctor-registry-answers"),
        What::RegistryIsNone => lang.msg("doctor-registry-is-none"),
        What::RegistryForeign => lang.msg("doctor-registry-foreign"),
        What::RegistryAlone => lang.msg("doctor-registry-alone"),
        What::PublicHostUnset => lang.msg("doctor-public-host-unset"),
        What::PublicHostServes => lang.msg("doctor-public-host-serves"),
        What::TokenAccepted => lang.msg("doctor-token-accepted"),
        What::UserApiMissing => lang.msg("doctor-user-api-missing"),
        What::TokenRefused => lang.msg("doctor-token-refused"),
        What::TokenNotGiven => lang.msg("doctor-token-not-given"),
        What::TokenOnCommandLine => lang.msg("doctor-token-on-command-line"),
        What::RegistryAccepts => lang.msg("doctor-registry-accepts"),
        What::RegistryRefuses => lang.msg("doctor-registry-refuses"),
        What::AccountAbsent => lang.msg("doctor-account-absent"),
        What::AccountMayIndex => lang.msg("doctor-account-may-index"),
        What::AccountMayNotIndex => lang.msg("doctor-account-may-not-index"),
        What::AccountRefused => lang.msg("doctor-account-refused"),
        What::VersionThree => lang.msg("doctor-version-three"),
        What::VersionFour => lang.msg("doctor-version-four"),
        What::VersionUnknown => lang.msg("doctor-version-unknown"),
        What::KeyShared => lang.msg("doctor-key-shared"),
        What::KeyOwn => lang.msg("doctor-key-own"),
        What::ApisServed => lang.msg("doctor-apis-served"),
        What::ApiUnavailable => lang.msg("doctor-api-unavailable"),
        What::ApiNotServed => lang.msg("doctor-api-not-served"),
        What::IndexReady => lang.msg("doctor-index-ready"),
        What::IndexStarting => lang.msg("doctor-index-starting"),
        What::IndexStale => lang.msg("doctor-index-stale"),
    }
}

pub(super) fn costs(costs: Costs, lang: Lang) -> Message {
    match costs {
        Costs::Start => lang.msg("doctor-costs-start"),
        Costs::Everything => lang.msg("doctor-costs-everything"),
        Costs::SignIn => lang.msg("doctor-costs-sign-in"),
        Costs::Images => lang.msg("doctor-costs-images"),
        Costs::PullAndPush => lang.msg("doctor-costs-pull-and-push"),
        Costs::Commands => lang.msg("doctor-costs-commands"),
        Costs::Secrecy => lang.msg("doctor-costs-secrecy"),
        Costs::Sessions => lang.msg("doctor-costs-sessions"),
        Costs::Index => lang.msg("doctor-costs-index"),
        Costs::Soon => lang.msg("doctor-costs-soon"),
        Costs::Skew => lang.msg("doctor-costs-skew"),
        Costs::OwnCertificates => lang.msg("doctor-costs-own-certificates"),
        Costs::Certainty => lang.msg("doctor-costs-certainty"),
    }
}

pub(super) fn fact(name: FactName, lang: Lang) -> Message {
    match name {
        FactName::Address => lang.msg("doctor-fact-address"),
        FactName::Setting => lang.msg("doctor-fact-setting"),
        FactName::Client => lang.msg("doctor-fact-client"),
        FactName::RedirectUri => lang.msg("doctor-fact-redirect-uri"),
        FactName::Registered => lang.msg("doctor-fact-registered"),
        FactName::Route => lang.msg("doctor-fact-route"),
        FactName::Issuer => lang.msg("doctor-fact-issuer"),
        FactName::Authorize => lang.msg("doctor-fact-authorize"),
        FactName::Token => lang.msg("doctor-fact-token"),
        FactName::Pkce => lang.msg("doctor-fact-pkce"),
        FactName::Certificate => lang.msg("doctor-fact-certificate"),
        FactName::Issued => lang.msg("doctor-fact-issued"),
        FactName::Names => lang.msg("doctor-fact-names"),
        FactName::ValidFrom => lang.msg("doctor-fact-valid-from"),
        FactName::ValidUntil => lang.msg("doctor-fact-valid-until"),
        FactName::Fingerprint => lang.msg("doctor-fact-fingerprint"),
        FactName::SentAlong => lang.msg("doctor-fact-sent-along"),
        FactName::VouchedBy => lang.msg("doctor-fact-vouched-by"),
        FactName::System => lang.msg("doctor-fact-system"),
        FactName::Reached => lang.msg("doctor-fact-reached"),
        FactName::OwnClock => lang.msg("doctor-fact-own-clock"),
        FactName::TheirClock => lang.msg("doctor-fact-their-clock"),
        FactName::Off => lang.msg("doctor-fact-off"),
        FactName::Challenge => lang.msg("doctor-fact-challenge"),
        FactName::Realm => lang.msg("doctor-fact-realm"),
        FactName::User => lang.msg("doctor-fact-user"),
        FactName::Kubernetes => lang.msg("doctor-fact-kubernetes"),
        FactName::Problem => lang.msg("doctor-fact-problem"),
        FactName::Project => lang.msg("doctor-fact-project"),
        FactName::ApiGroup => lang.msg("doctor-fact-api-group"),
        FactName::Since => lang.msg("doctor-fact-since"),
    }
}

pub(super) fn state(state: State, lang: Lang) -> Message {
    match state {
        State::Ok => lang.msg("doctor-state-ok"),
        State::Note => lang.msg("doctor-state-note"),
        State::Unknown => lang.msg("doctor-state-unknown"),
        State::Warning => lang.msg("doctor-state-warning"),
        State::Failure => lang.msg("doctor-state-failure"),
    }
}

pub(super) fn about(about: About, lang: Lang) -> Message {
    match about {
        About::Console => lang.msg("doctor-about-console"),
        About::Oauth => lang.msg("doctor-about-oauth"),
        About::Master => lang.msg("doctor-about-master"),
        About::Registry => lang.msg("doctor-about-registry"),
        About::PublicRegistry => lang.msg("doctor-about-public-registry"),
        About::Person => lang.msg("doctor-about-person"),
    }
}

pub(super) fn who(about: About, lang: Lang) -> Message {
    match about {
        About::Console => lang.msg("doctor-who-console"),
        About::Oauth => lang.msg("doctor-who-oauth"),
        About::Master => lang.msg("doctor-who-master"),
        About::Registry => lang.msg("doctor-who-registry"),
        About::PublicRegistry => lang.msg("doctor-who-public-registry"),
        About::Person => lang.msg("doctor-who-person"),
    }
}
