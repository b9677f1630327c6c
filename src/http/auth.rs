//! Who calls, and what they may do. The permission stands in the handler's type:
//! `Cx<EditCatalogue>` cannot be had without it.
//!
//! How a token or key is looked up is a trait that `users` and `clients` implement.

use std::sync::Arc;

use futures_util::future::LocalBoxFuture;

use chrono::{DateTime, Utc};

use super::problem::{Kind, Problem};
use crate::db::{Actor, DbError, StoreError};
use crate::kernel::id::{ClientId, PartnerId, SessionId, UserId};
use crate::kernel::language::Territory;
use crate::rights::{Audience, Channel, Holder, Licence, Role, Use};

pub use crate::rights::{ClientKind, Scope};

/// A signed-in member of staff.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaffPrincipal {
    pub user: UserId,
    pub session: SessionId,
    pub role: Role,
}

/// An API client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientPrincipal {
    pub client: ClientId,
    /// The key's revision as it was looked up.
    pub revision: i64,
    pub kind: ClientKind,
    pub channel: Channel,
    pub territory: Option<Territory>,
    pub scopes: Vec<Scope>,
    /// The key stands in browsers: whoever opens the page can see it.
    pub publishable: bool,
    /// The partner on whose behalf the key reads, with the licences that are not over.
    pub partner: Option<(PartnerId, Arc<[Licence]>)>,
}

/// Who calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Principal {
    /// No credential; perhaps a declared crawler.
    Anonymous {
        crawler: bool,
    },
    Staff(StaffPrincipal),
    Client(ClientPrincipal),
}

impl Principal {
    pub fn actor(&self) -> Actor {
        match self {
            Self::Anonymous { .. } => Actor::Anonymous,
            Self::Staff(staff) => Actor::User(staff.user.to_string()),
            Self::Client(client) => Actor::Client(client.client.to_string()),
        }
    }

    /// The use for which this caller asks for works.
    pub fn use_(&self) -> Use {
        match self {
            Self::Anonymous { crawler: true } => Use {
                audience: Audience::AiCrawler,
                channel: Channel::Ai,
                territory: None,
                holder: None,
            },
            Self::Anonymous { crawler: false } => Use {
                audience: Audience::Public,
                channel: Channel::Web,
                territory: None,
                holder: None,
            },
            Self::Staff(staff) => Use {
                audience: Audience::Desk {
                    role: staff.role,
                    user: staff.user,
                },
                channel: Channel::Web,
                territory: None,
                holder: None,
            },
            Self::Client(client) => Use {
                audience: client.kind.into(),
                channel: client.channel,
                territory: client.territory.clone(),
                holder: client.partner.as_ref().map(|(partner, licences)| Holder {
                    partner: *partner,
                    client: Some((client.client, client.revision)),
                    licences: Arc::clone(licences),
                }),
            },
        }
    }

    pub fn is_staff(&self) -> bool {
        matches!(self, Self::Staff(_))
    }
}

/// Why a credential was not taken.
#[derive(Debug)]
pub enum Denied {
    /// Unknown, expired, revoked or forged; the reason goes into the detail.
    Invalid(&'static str),
    /// Good, but not from this origin or for this method.
    NotHere(&'static str),
    Db(DbError),
}

impl From<DbError> for Denied {
    fn from(error: DbError) -> Self {
        Self::Db(error)
    }
}

impl From<Denied> for Problem {
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::Invalid(reason) => Self::new(Kind::Unauthorized).detail(reason).header(
                actix_web::http::header::WWW_AUTHENTICATE,
                "Bearer realm=\"masthead\", error=\"invalid_token\"",
            ),
            Denied::NotHere(reason) => Self::new(Kind::Forbidden).detail(reason),
            Denied::Db(error) => error.into(),
        }
    }
}

/// Looks up credentials, as the database has them at the time: a disabled user or a revoked key
/// fails on the next request.
pub trait Credentials: Send + Sync {
    /// The member of staff that an access token (JWT) names.
    fn staff<'a>(
        &'a self,
        token: &'a str,
        now: DateTime<Utc>,
    ) -> LocalBoxFuture<'a, Result<StaffPrincipal, Denied>>;

    /// The client that an API key (`mh_…`) belongs to. `origin` is the request's, if any.
    fn client<'a>(
        &'a self,
        key: &'a str,
        origin: Option<&'a str>,
        now: DateTime<Utc>,
    ) -> LocalBoxFuture<'a, Result<ClientPrincipal, Denied>>;

    /// The client that has a path signed.
    fn signed_client<'a>(
        &'a self,
        client: &'a str,
        path: &'a str,
        signature: &'a str,
        now: DateTime<Utc>,
    ) -> LocalBoxFuture<'a, Result<ClientPrincipal, Denied>>;

    /// The signature of a path for a client.
    fn sign<'a>(
        &'a self,
        client: ClientId,
        path: &'a str,
    ) -> LocalBoxFuture<'a, Result<String, StoreError>>;

    /// [`Credentials::client`] where it is known without asking the database.
    fn known_client(
        &self,
        key: &str,
        origin: Option<&str>,
        now: DateTime<Utc>,
    ) -> Option<ClientPrincipal>;
}

/// What API keys begin with.
pub const KEY_PREFIX: &str = "mh_";

/// A permission as the document tells it and the extractor checks it.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// Name in `x-permission`.
    pub name: &'static str,
    /// Roles that have it; `admin` has every one and is listed.
    pub roles: &'static [Role],
    /// The scope with which a client has it, if clients can.
    pub scope: Option<Scope>,
    /// Whether callers without a credential have it.
    pub anonymous: bool,
}

/// A permission as a type.
pub trait Permission: 'static {
    const RULE: Rule;
}

impl Rule {
    /// # Errors
    /// 401 without a credential, 403 with one that does not suffice.
    pub fn check(&self, principal: &Principal) -> Result<(), Problem> {
        let allowed = match principal {
            Principal::Anonymous { .. } if self.anonymous => true,
            Principal::Anonymous { .. } => return Err(Problem::new(Kind::Unauthorized)),
            Principal::Staff(staff) => self.roles.contains(&staff.role),
            Principal::Client(client) => match self.scope {
                Some(scope) => client.scopes.contains(&scope),
                // What is open to all is open to clients too.
                None => self.anonymous,
            },
        };
        if allowed { Ok(()) } else { Err(self.refusal()) }
    }

    /// [`Rule::check`] of a member of staff who is not calling right now.
    ///
    /// # Errors
    /// 403 for a role that does not suffice.
    pub fn check_role(&self, role: Role) -> Result<(), Problem> {
        if self.roles.contains(&role) {
            Ok(())
        } else {
            Err(self.refusal())
        }
    }

    fn refusal(&self) -> Problem {
        let mut needs: Vec<String> = self
            .roles
            .iter()
            .map(|role| format!("role {}", role.as_str()))
            .collect();
        needs.extend(self.scope.map(|scope| format!("scope {}", scope.as_str())));
        Problem::new(Kind::Forbidden).detail(format!("This needs one of: {}.", needs.join(", ")))
    }
}

macro_rules! permissions {
    ($($(#[$doc:meta])* $name:ident = $slug:literal, [$($role:ident),*], $scope:expr, $anonymous:literal;)+) => {
        $($(#[$doc])*
        #[derive(Debug, Clone, Copy)]
        pub struct $name;
        impl Permission for $name {
            const RULE: Rule = Rule { name: $slug, roles: &[$(Role::$role),*], scope: $scope, anonymous: $anonymous };
        })+
        /// All permissions, by name.
        pub const RULES: &[Rule] = &[$($name::RULE,)+];
    };
}

permissions! {
    /// Signing in and proving oneself: open to all.
    Open = "open", [Admin, Rights, Editor, Author, Viewer], None, true;
    /// Reading articles.
    ReadArticles = "read_articles", [Admin, Rights, Editor, Author, Viewer], Some(Scope::Articles), true;
    /// Reading sections, authors, sources and notices.
    ReadCatalogue = "read_catalogue", [Admin, Rights, Editor, Author, Viewer], Some(Scope::Catalogue), true;
    /// Being signed in.
    Staff = "staff", [Admin, Rights, Editor, Author, Viewer], None, false;
    /// Changing sections, authors, sources and notices.
    EditCatalogue = "edit_catalogue", [Admin, Editor], None, false;
    /// Bringing in editions of the list of permitted sources.
    ManageRegistry = "manage_registry", [Admin, Editor], None, false;
    /// Deciding what becomes of reprints whose source left that list.
    ReviewReprints = "review_reprints", [Admin, Rights, Editor], None, false;
    /// Changing what sources allow us.
    ManageGrants = "manage_grants", [Admin, Rights], None, false;
    /// Writing drafts; authors only their own.
    WriteArticles = "write_articles", [Admin, Editor, Author], None, false;
    /// Talking about articles; authors about their own.
    CommentArticles = "comment_articles", [Admin, Rights, Editor, Author], None, false;
    /// Asking others to work on articles.
    AssignArticles = "assign_articles", [Admin, Editor], None, false;
    /// Publishing and correcting.
    PublishArticles = "publish_articles", [Admin, Editor], None, false;
    /// Doing one thing to many articles: all who may do any of it to one.
    BulkArticles = "bulk_articles", [Admin, Rights, Editor, Author], None, false;
    /// Withdrawing.
    WithdrawArticles = "withdraw_articles", [Admin, Editor, Rights], None, false;
    /// Partners, licences, the ledger, reminders, and why a decision came out as it did.
    ManageLicences = "manage_licences", [Admin, Rights], None, false;
    /// A licence's terms: any for those who manage them, a partner's own for its keys.
    ReadLicence = "read_licence", [Admin, Rights], Some(Scope::Articles), false;
    /// Advisories: all for those who manage rights, a partner's own for its keys.
    FollowAdvisories = "follow_advisories", [Admin, Rights], Some(Scope::Articles), false;
    /// Following what changes for a key's client.
    FollowChanges = "follow_changes", [], Some(Scope::Articles), false;
    /// Checking pages for reprints: any for those who manage rights, a partner's own for its keys.
    CheckReprints = "check_reprints", [Admin, Rights], Some(Scope::Articles), false;
    /// A partner's own affairs: open to partners' keys.
    PartnerOnly = "partner_only", [], Some(Scope::Articles), false;
    /// Complaints: reading, deciding, freezing evidence.
    ManageClaims = "manage_claims", [Admin, Rights], None, false;
    /// API keys, and the webhooks that push their logs.
    ManageClients = "manage_clients", [Admin, Rights], None, false;
    /// People.
    ManageUsers = "manage_users", [Admin], None, false;
    /// The site's settings.
    ManageSettings = "manage_settings", [Admin], None, false;
    /// Who did what.
    ReadAudit = "read_audit", [Admin], None, false;
}
