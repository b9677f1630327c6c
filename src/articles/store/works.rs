//! Works as readers outside the desk see them, with what they refer to from memory. Each comes
//! with what it was made of, so that an answer made of it can be kept
//! ([`crate::http::ready`]) for exactly as long as it holds.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::feeds;
use super::list::{self, Listed, Query};
use super::load::{Name, by_slug, head, live};
use super::memory::{Look, Memory};
use super::search::{self, Hits, Search};
use crate::articles::model::{Article, FeedHead, Side, Topic};
use crate::db::{Conn, Db, Made, StoreError};
use crate::kernel::id::ArticleId;
use crate::rights::Held;

/// The works of an installation. Cheap to clone.
#[derive(Clone)]
pub struct Works {
    db: Db,
    memory: Arc<Memory>,
}

impl Works {
    pub fn new(db: Db) -> Self {
        Self {
            db,
            memory: Arc::new(Memory::new()),
        }
    }

    /// An article as readers see it, and what it was made of.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] if they see none, or a database error.
    pub async fn get(
        &self,
        name: Name,
        now: DateTime<Utc>,
    ) -> Result<(Held<Article>, Made), StoreError> {
        self.look(now, move |look, memory| {
            let id = match &name {
                Name::Id(id) => id.to_string(),
                Name::Slug(slug) => by_slug(look.conn, slug, Side::Live)?,
            };
            live(look, memory, &[id], true)?
                .pop()
                .ok_or(StoreError::NotFound)
        })
        .await
    }

    /// An article as who has just written it gets it back: not from a replica.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], or a database error.
    pub async fn written(
        &self,
        id: ArticleId,
        now: DateTime<Utc>,
    ) -> Result<Held<Article>, StoreError> {
        let look = self.looking(now, move |look, memory| head(look, memory, id));
        self.db.read(look).await
    }

    /// A page.
    ///
    /// # Errors
    /// A database error; [`StoreError::Invalid`] never.
    pub async fn list(&self, query: Query, now: DateTime<Utc>) -> Result<Listed, StoreError> {
        self.look(now, move |look, memory| list::list(look, memory, &query))
            .await
    }

    /// A page of a feed, and what stands at its head.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] if there is no such section or author, or a database error.
    pub async fn feed(
        &self,
        topic: Topic,
        query: Query,
        now: DateTime<Utc>,
    ) -> Result<(Listed, FeedHead), StoreError> {
        self.look(now, move |look, memory| {
            let mut listed = list::list(look, memory, &query)?;
            let head = feeds::head(look, &topic, listed.made.as_mut())?;
            Ok((listed, head))
        })
        .await
    }

    /// A page of hits.
    ///
    /// # Errors
    /// A database error.
    pub async fn search(&self, asked: Search, now: DateTime<Utc>) -> Result<Hits, StoreError> {
        self.look(now, move |look, memory| {
            search::search(look, memory, &asked)
        })
        .await
    }

    async fn look<T: Send + 'static>(
        &self,
        now: DateTime<Utc>,
        work: impl Fn(&mut Look<'_>, &Memory) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.db.read_scaled(self.looking(now, work)).await
    }

    /// What is read of a snapshot, with what is in memory by then.
    fn looking<T, W>(
        &self,
        now: DateTime<Utc>,
        work: W,
    ) -> impl Fn(&mut Conn) -> Result<T, StoreError> + use<T, W>
    where
        W: Fn(&mut Look<'_>, &Memory) -> Result<T, StoreError>,
    {
        let (db, memory) = (self.db.clone(), Arc::clone(&self.memory));
        // Before the snapshot begins: what changes from here on ends what is made of it.
        let stamp = self.db.marks().now();
        move |conn| {
            let mut look = Look {
                db: &db,
                conn,
                stamp,
                now,
            };
            work(&mut look, &memory)
        }
    }
}
