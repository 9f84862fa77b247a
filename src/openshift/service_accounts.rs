//! Service accounts and their tokens.
//!
//! Requests and responses follow the Kubernetes API reference, which is the same from 3.6 on,
//! except for `serviceaccounts/token`, which OpenShift 4 introduced (recorded in `serviceaccount*`,
//! `secret-token*` and `tokenrequest*`).

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::requests::service_accounts as requests;
use super::{ApiError, UserApi, error, log_unreadable_objects, wire};
use crate::outbound::UserToken;
use registry_model::{ProjectName, ServiceAccountName};

/// A service account of a project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceAccount {
    pub name: ServiceAccountName,
    /// The UID, which distinguishes it from another service account of the same name.
    pub uid: String,
    /// The time of its creation.
    pub created: Option<DateTime<Utc>>,
    /// Its labels. Untrusted.
    pub labels: BTreeMap<String, String>,
    /// Its annotations. Untrusted.
    pub annotations: BTreeMap<String, String>,
}

/// A token and its expiry.
#[derive(Clone, Debug)]
pub struct IssuedToken {
    pub token: UserToken,
    /// `None`: the token is valid until its secret or service account is deleted.
    pub expires_at: Option<DateTime<Utc>>,
}

impl UserApi<'_> {
    /// The service accounts of a project that have a label.
    ///
    /// # Errors
    /// [`ApiError::Forbidden`], or any other.
    pub async fn list_service_accounts(
        &self,
        project: &ProjectName,
        label: (&str, &str),
    ) -> Result<Vec<ServiceAccount>, ApiError> {
        let list: wire::List<wire::WireServiceAccount> =
            self.request(requests::list(project, label)).await?;
        let (accounts, unreadable) = list.into_models(wire::WireServiceAccount::into_public);
        log_unreadable_objects("service accounts", unreadable);
        Ok(accounts)
    }

    /// One service account.
    ///
    /// # Errors
    /// [`ApiError::NotFound`], [`ApiError::Forbidden`], or any other.
    pub async fn get_service_account(
        &self,
        project: &ProjectName,
        name: &ServiceAccountName,
    ) -> Result<ServiceAccount, ApiError> {
        let found: wire::WireServiceAccount = self.request(requests::get(project, name)).await?;
        found
            .into_public()
            .ok_or_else(|| ApiError::malformed("a service account without a valid name"))
    }

    /// Creates a service account.
    ///
    /// # Errors
    /// [`ApiError::Conflict`] where the name is taken, [`ApiError::Forbidden`],
    /// [`ApiError::Invalid`], or any other.
    pub async fn create_service_account(
        &self,
        project: &ProjectName,
        name: &ServiceAccountName,
        label: (&str, &str),
        annotations: &BTreeMap<&str, String>,
    ) -> Result<(), ApiError> {
        error::check_success(
            &self
                .send(requests::create(project, name, label, annotations))
                .await?,
        )
    }

    /// Deletes this service account. Its token secrets are deleted with it.
    ///
    /// # Errors
    /// [`ApiError::Conflict`] where another service account now has its name,
    /// [`ApiError::NotFound`], [`ApiError::Forbidden`], or any other.
    pub async fn delete_service_account(
        &self,
        project: &ProjectName,
        account: &ServiceAccount,
    ) -> Result<(), ApiError> {
        error::check_success(
            &self
                .send(requests::delete(project, &account.name, &account.uid))
                .await?,
        )
    }

    /// Creates a secret for a token without an expiry. The cluster's token controller writes the
    /// token into it a moment later.
    ///
    /// # Errors
    /// [`ApiError::Conflict`] where the name is taken, [`ApiError::Forbidden`], or any other.
    pub async fn create_token_secret(
        &self,
        project: &ProjectName,
        secret: &str,
        account: &ServiceAccountName,
    ) -> Result<(), ApiError> {
        error::check_success(
            &self
                .send(requests::create_secret(project, secret, account))
                .await?,
        )
    }

    /// The token in such a secret, once the controller has written it.
    ///
    /// # Errors
    /// [`ApiError::NotFound`] also where the controller has deleted the secret,
    /// [`ApiError::Forbidden`], or any other.
    pub async fn get_secret_token(
        &self,
        project: &ProjectName,
        secret: &str,
        account: &ServiceAccountName,
    ) -> Result<Option<IssuedToken>, ApiError> {
        let found: wire::WireTokenSecret =
            self.request(requests::get_secret(project, secret)).await?;
        Ok(found.into_token(account.as_str()).map(|token| IssuedToken {
            token,
            expires_at: None,
        }))
    }

    /// Creates a token with an expiry. The API server may shorten the requested lifetime.
    ///
    /// # Errors
    /// [`ApiError::NotFound`] where the version has no token requests, [`ApiError::Forbidden`], or
    /// any other.
    pub async fn request_token(
        &self,
        project: &ProjectName,
        account: &ServiceAccountName,
        seconds: i64,
    ) -> Result<IssuedToken, ApiError> {
        let issued: Result<wire::WireTokenRequest, ApiError> = self
            .request(requests::create_token(project, account, seconds))
            .await;
        // The API group exists, but not this resource of it.
        let issued = issued.map_err(|error| {
            if matches!(error, ApiError::NotServed) {
                ApiError::NotFound
            } else {
                error
            }
        })?;
        issued
            .into_public()
            .ok_or_else(|| ApiError::malformed("a token request without a token that ends"))
    }
}
