//! The ways in, joined: the credentials of `users` and of `clients`.

use chrono::{DateTime, Utc};
use futures_util::future::LocalBoxFuture;

use crate::clients::keys::ApiKeys;
use crate::db::StoreError;
use crate::http::auth::{ClientPrincipal, Credentials, Denied, StaffPrincipal};
use crate::kernel::id::ClientId;
use crate::users::tokens::Tokens;

/// The ways in: staff by token, clients by key.
pub(super) struct Doors {
    pub staff: Tokens,
    pub clients: ApiKeys,
}

impl Credentials for Doors {
    fn staff<'a>(
        &'a self,
        token: &'a str,
        now: DateTime<Utc>,
    ) -> LocalBoxFuture<'a, Result<StaffPrincipal, Denied>> {
        Box::pin(self.staff.staff(token, now))
    }

    fn client<'a>(
        &'a self,
        key: &'a str,
        origin: Option<&'a str>,
        now: DateTime<Utc>,
    ) -> LocalBoxFuture<'a, Result<ClientPrincipal, Denied>> {
        Box::pin(self.clients.client(key, origin, now))
    }

    fn signed_client<'a>(
        &'a self,
        client: &'a str,
        path: &'a str,
        signature: &'a str,
        now: DateTime<Utc>,
    ) -> LocalBoxFuture<'a, Result<ClientPrincipal, Denied>> {
        Box::pin(self.clients.signed_client(client, path, signature, now))
    }

    fn sign<'a>(
        &'a self,
        client: ClientId,
        path: &'a str,
    ) -> LocalBoxFuture<'a, Result<String, StoreError>> {
        Box::pin(self.clients.sign(client, path))
    }

    fn known_client(
        &self,
        key: &str,
        origin: Option<&str>,
        now: DateTime<Utc>,
    ) -> Option<ClientPrincipal> {
        self.clients.known(key, origin, now)
    }
}
