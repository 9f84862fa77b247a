//! Everything that can be found.

use serde::Serialize;

use super::finding::{About, State};

/// What came of looking at something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum What {
    ConfigurationWrong,
    AddressConfigured,
    AddressFromHost,
    AddressUnknown,
    AddressPlain,
    RedirectRegistered,
    ClientMissing,
    RedirectNotRegistered,
    LoginNotTried,
    SecretNotTried,
    SecretWorked,
    FlowCode,
    FlowImplicit,
    FlowDisabled,
    UrisCover,
    UrisWide,
    UrisLack,
    UrisNotAllowed,
    RouteFits,
    RouteLacks,
    RouteNotAllowed,
    Discovered,
    DiscoveryMissing,
    DiscoveryUnreadable,
    DiscoveryPlain,
    NoOauthServer,
    PkceMissing,
    TlsTrusted,
    TlsExpiresSoon,
    TlsAnybody,
    TlsUnknownAuthority,
    TlsAuthorityRenewed,
    TlsExpired,
    TlsNotYetValid,
    TlsWrongName,
    TlsUnusable,
    TlsIssuerMissing,
    TlsNoNames,
    TlsOldVersion,
    TlsWeakKey,
    TlsWeakSignature,
    TlsAuthorityAsServer,
    TlsNotForServers,
    TlsPlain,
    TlsOwnAuthority,
    NoSuchName,
    NoConnection,
    NoTls,
    TlsAlert,
    OldTls,
    Late,
    NotReached,
    ClockRight,
    ClockOff,
    ClockFarOff,
    ClockUnknown,
    RegistryAnswers,
    RegistryIsNone,
    RegistryForeign,
    RegistryAbsent,
    RegistryAlone,
    PublicHostUnset,
    PublicHostServes,
    TokenAccepted,
    TokenRefused,
    TokenNotGiven,
    UserApiMissing,
    TokenOnCommandLine,
    RegistryAccepts,
    RegistryRefuses,
    BlobsInRegistry,
    BlobsInStorage,
    BlobsNotTried,
    StorageOff,
    StorageUnknownAuthority,
    StorageUntrusted,
    StorageNotSecure,
    StorageUnreachable,
    StorageRefused,
    AccountAbsent,
    AccountMayIndex,
    AccountMayNotIndex,
    AccountRefused,
    VersionThree,
    VersionFour,
    VersionUnknown,
    KeyShared,
    KeyOwn,
    ApisServed,
    ApiUnavailable,
    ApiNotServed,
    IndexReady,
    IndexStarting,
    IndexStale,
    CertificateGood,
    CertificateMade,
    CertificateOfService,
    CertificateExpiresSoon,
    CertificateOtherName,
    CertificateExpired,
    CertificateNotYetValid,
    CertificateUnusable,
    IndexOff,
    IndexTokenMissing,
    IndexElsewhere,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Costs {
    Start,
    Everything,
    SignIn,
    Images,
    Api,
    PullAndPush,
    Commands,
    Secrecy,
    Sessions,
    Index,
    Soon,
    Skew,
    OwnCertificates,
    Certainty,
    Browsers,
    BrowsersSoon,
    OwnLook,
    OwnImages,
}

impl What {
    pub(super) fn state(self) -> State {
        match self {
            Self::AddressConfigured
            | Self::RedirectRegistered
            | Self::SecretWorked
            | Self::FlowCode
            | Self::UrisCover
            | Self::RouteFits
            | Self::Discovered
            | Self::TlsTrusted
            | Self::ClockRight
            | Self::RegistryAnswers
            | Self::PublicHostServes
            | Self::TokenAccepted
            | Self::RegistryAccepts
            | Self::BlobsInRegistry
            | Self::BlobsInStorage
            | Self::AccountMayIndex
            | Self::VersionThree
            | Self::VersionFour
            | Self::ApisServed
            | Self::IndexReady
            | Self::CertificateGood
            | Self::KeyShared => State::Ok,
            Self::AddressFromHost
            | Self::UrisWide
            | Self::UrisNotAllowed
            | Self::RouteNotAllowed
            | Self::DiscoveryMissing
            | Self::TlsOwnAuthority
            | Self::PublicHostUnset
            | Self::RegistryAbsent
            | Self::TokenNotGiven
            | Self::UserApiMissing
            | Self::StorageOff
            | Self::AccountAbsent
            | Self::IndexStarting
            | Self::CertificateMade
            | Self::CertificateOfService
            | Self::IndexOff
            | Self::IndexTokenMissing
            | Self::AccountMayNotIndex => State::Note,
            Self::AddressUnknown
            | Self::LoginNotTried
            | Self::SecretNotTried
            | Self::NotReached
            | Self::BlobsNotTried
            | Self::IndexElsewhere
            | Self::ClockUnknown
            | Self::VersionUnknown => State::Unknown,
            Self::AddressPlain
            | Self::RouteLacks
            | Self::PkceMissing
            | Self::TlsExpiresSoon
            | Self::TlsAnybody
            | Self::TlsPlain
            | Self::ClockOff
            | Self::RegistryForeign
            | Self::TokenOnCommandLine
            | Self::FlowImplicit
            | Self::AccountRefused
            | Self::IndexStale
            | Self::CertificateExpiresSoon
            | Self::CertificateOtherName
            | Self::KeyOwn => State::Warning,
            Self::ConfigurationWrong
            | Self::ClientMissing
            | Self::RedirectNotRegistered
            | Self::UrisLack
            | Self::DiscoveryUnreadable
            | Self::DiscoveryPlain
            | Self::FlowDisabled
            | Self::NoOauthServer
            | Self::TlsUnknownAuthority
            | Self::TlsAuthorityRenewed
            | Self::TlsExpired
            | Self::TlsNotYetValid
            | Self::TlsWrongName
            | Self::TlsUnusable
            | Self::TlsIssuerMissing
            | Self::TlsNoNames
            | Self::TlsOldVersion
            | Self::TlsWeakKey
            | Self::TlsWeakSignature
            | Self::TlsAuthorityAsServer
            | Self::TlsNotForServers
            | Self::NoSuchName
            | Self::NoConnection
            | Self::NoTls
            | Self::TlsAlert
            | Self::OldTls
            | Self::Late
            | Self::ClockFarOff
            | Self::RegistryIsNone
            | Self::RegistryAlone
            | Self::TokenRefused
            | Self::ApiUnavailable
            | Self::ApiNotServed
            | Self::StorageUnknownAuthority
            | Self::StorageUntrusted
            | Self::StorageNotSecure
            | Self::StorageUnreachable
            | Self::StorageRefused
            | Self::CertificateExpired
            | Self::CertificateNotYetValid
            | Self::CertificateUnusable
            | Self::RegistryRefuses => State::Failure,
        }
    }

    pub(super) fn costs(self, about: About) -> Option<Costs> {
        Some(match self {
            Self::ConfigurationWrong => Costs::Start,
            Self::AddressPlain
            | Self::TlsPlain
            | Self::TlsAnybody
            | Self::PkceMissing
            | Self::TokenOnCommandLine
            | Self::FlowImplicit => Costs::Secrecy,
            Self::TlsExpiresSoon => Costs::Soon,
            Self::CertificateUnusable => Costs::Start,
            Self::CertificateExpired
            | Self::CertificateNotYetValid
            | Self::CertificateOtherName
            | Self::CertificateMade
            | Self::CertificateOfService => Costs::Browsers,
            Self::CertificateExpiresSoon => Costs::BrowsersSoon,
            Self::TlsOwnAuthority => Costs::OwnCertificates,
            Self::ClockOff | Self::ClockFarOff => Costs::Skew,
            Self::PublicHostUnset => Costs::Commands,
            Self::RegistryAbsent => Costs::PullAndPush,
            Self::AccountAbsent
            | Self::AccountMayNotIndex
            | Self::AccountRefused
            | Self::IndexStarting
            | Self::IndexStale
            | Self::IndexOff
            | Self::IndexTokenMissing => Costs::Index,
            Self::KeyOwn => Costs::Sessions,
            Self::RegistryRefuses => Costs::OwnImages,
            Self::RegistryIsNone if about == About::Person => Costs::Images,
            Self::RouteLacks => Costs::SignIn,
            Self::ApiUnavailable | Self::ApiNotServed => Costs::Api,
            _ => match self.state() {
                State::Failure => Self::costs_of(about),
                State::Unknown => Costs::Certainty,
                State::Ok | State::Note | State::Warning => return None,
            },
        })
    }

    /// What it costs when they fail.
    fn costs_of(about: About) -> Costs {
        match about {
            About::Console | About::Oauth => Costs::SignIn,
            About::Master => Costs::Everything,
            About::Person => Costs::OwnLook,
            About::Registry => Costs::Images,
            About::PublicRegistry => Costs::PullAndPush,
        }
    }
}
