//! Service accounts, and tokens of theirs.
//!
//! Everything here is asked and read as the Kubernetes API reference has it, which is the same from
//! 3.6 on, but for `serviceaccounts/token`, which came with 4 (recorded in `serviceaccount*`,
//! `secret-token*` and `tokenrequest*`).

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde_json::json;

use super::requests::service_accounts as requests;
use super::{ApiError, UserApi, error, log_unreadable_objects, wire};
use crate::outbound::UserToken;
use registry_model::{ProjectName, ServiceAccountName};

/// A robot of a project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceAccount {
    pub name: ServiceAccountName,
    /// What tells it from another of the same name.
    pub uid: String,
    /// When it was made.
    pub created: Option<DateTime<Utc>>,
    /// Its labels. Untrusted.
    pub labels: BTreeMap<String, String>,
    /// Its annotations. Untrusted.
    pub annotations: BTreeMap<String, String>,
}

/// A token, and when it ends by itself.
#[derive(Clone, Debug)]
pub struct IssuedToken {
    pub token: UserToken,
    /// None: it lives as long as what it belongs to.
    pub expires_at: Option<DateTime<Utc>>,
}

impl UserApi<'_> {
    /// The service accounts of a project that carry a label.
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
    /// [`ApiError::Conflict`] where the name is taken, [`ApiError::Forbidden`], [`ApiError::Invalid`], or
    /// any other.
    pub async fn create_service_account(
        &self,
        project: &ProjectName,
        name: &ServiceAccountName,
        label: (&str, &str),
        notes: &[(&str, &str)],
    ) -> Result<(), ApiError> {
        let notes: BTreeMap<&str, &str> = notes.iter().copied().collect();
        let labels = BTreeMap::from([label]);
        error::check_success(
            &self
                .send(requests::create(
                    project,
                    name,
                    &json!(labels),
                    &json!(notes),
                ))
                .await?,
        )
    }

    /// Deletes this very service account. Its token secrets go with it.
    ///
    /// # Errors
    /// [`ApiError::Conflict`] where another one has its name now, [`ApiError::NotFound`],
    /// [`ApiError::Forbidden`], or any other.
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

    /// Creates a secret for a token that does not end. The master's controller writes the token
    /// into it a moment later.
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

    /// The token in such a secret, once it is there.
    ///
    /// # Errors
    /// [`ApiError::NotFound`] also where the controller took the secret away again,
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

    /// A token that ends by itself. The master may give it a shorter life than was asked for.
    ///
    /// # Errors
    /// [`ApiError::NotFound`] where the version has no such requests, [`ApiError::Forbidden`], or any
    /// other.
    pub async fn request_token(
        &self,
        project: &ProjectName,
        account: &ServiceAccountName,
        seconds: i64,
    ) -> Result<IssuedToken, ApiError> {
        let issued: Result<wire::WireTokenRequest, ApiError> = self
            .request(requests::create_token(project, account, seconds))
            .await;
        // The group is there, this part of it is not.
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
