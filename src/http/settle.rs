//! Settling: what stands between works and the wire. Each body for a partner gets its signed
//! statement, then a row in the ledger; only then are there bytes to answer with.
//!
//! A 304 gives no body, and a HEAD takes none: neither is a delivery.

use actix_web::body::BoxBody;
use actix_web::http::header::HeaderName;
use actix_web::{HttpRequest, HttpResponse, Responder};

use super::auth::Permission;
use super::coding;
use super::context::Cx;
use super::problem::{Kind, Problem};
use super::ready::{self, Answer, Kept};
use super::reply::{Nothing, ReadyBody, Reply, Works};
use crate::rights::{Delivery, Rendered, Surface};

/// An answer with works that is ready to leave.
pub struct Settled(HttpResponse);

impl Responder for Settled {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        self.0
    }
}

impl<T: Works> Reply<T> {
    /// Makes the answer: attested, in the ledger, and written.
    ///
    /// # Errors
    /// 429 if a quota is used up, 503 if the ledger does not take it; nothing is given out then.
    pub async fn settle<P: Permission>(
        mut self,
        cx: &Cx<P>,
        on: Surface,
    ) -> Result<Settled, Problem> {
        let asked = cx.asked();
        let Some(mut body) = self.body.take() else {
            return Ok(Settled(self.answer(&asked, None)));
        };
        let owed = attested(cx, &mut body).await?;
        if let Some(cursor) = body.next_cursor() {
            self = self.next_page(cx.path(), &cx.params().with_cursor(cursor));
        }
        for (name, value) in body.headers() {
            self = self.header(HeaderName::from_static(name), &value);
        }
        let (bytes, media_type) = body
            .bytes()
            .map_err(|error| Problem::new(Kind::Internal).cause(error))?;
        let mut written = self.written(&asked, bytes, media_type);
        let kept = self.keep(cx, &mut body, &mut written, &owed, on).await;
        if !(owed.is_empty() || written.is_known || cx.is_headers_only()) {
            let ledger = &cx.shared().ledger;
            let recorded = ledger.record(owed, on, cx.request_id().to_owned()).await;
            recorded.map_err(|undelivered| undelivered.into_problem(cx.shared().clock.now()))?;
        }
        if let Some((name, kept)) = kept {
            cx.shared().ready.keep(name, kept);
        }
        Ok(Settled(self.answer(&asked, Some(written))))
    }

    /// What this node keeps of the answer, if it may; its bytes are coded by then.
    async fn keep<P: Permission>(
        &mut self,
        cx: &Cx<P>,
        body: &mut T,
        written: &mut ReadyBody,
        owed: &[Delivery],
        surface: Surface,
    ) -> Option<(String, Kept)> {
        let made = self.made.take()?;
        let (asked, ready) = (cx.asked(), &cx.shared().ready);
        if !(ready.is_on() && self.is_plain()) {
            return None;
        }
        let name = ready::name(
            cx.principal(),
            asked.coding,
            cx.preferred_script(),
            cx.target(),
        )?;
        if let Some(coded) = coding::coded(written.bytes.clone(), asked.coding).await {
            written.bytes = coded.into();
            written.coding = Some(asked.coding);
        } else if asked.coding != coding::IDENTITY {
            return None;
        }
        // HEAD says of the coded bytes what GET does.
        if cx.is_headers_only() {
            return None;
        }
        let answer = Answer {
            bytes: written.bytes.clone(),
            media_type: written.media_type,
            coding: written.coding,
            etag: written.etag.clone()?,
            headers: self.headers.clone(),
            valid_until: self.valid_until,
        };
        let works = body.works();
        let works = works.iter().map(|work| work.fingerprint());
        let kept = Kept {
            answer: Rendered::of(works, answer),
            made,
            owed: owed.to_vec(),
            surface,
            meter: cx.shared().metrics.meter("GET", cx.pattern()),
        };
        Some((name, kept))
    }
}

impl Reply<Nothing> {
    /// An answer without works where one with works might have been.
    pub fn settled<P: Permission>(self, cx: &Cx<P>) -> Settled {
        Settled(self.answer(&cx.asked(), None))
    }
}

/// Adds the signed statements, and tells what the ledger has to hold.
async fn attested<P: Permission>(
    cx: &Cx<P>,
    body: &mut impl Works,
) -> Result<Vec<Delivery>, Problem> {
    let mut works = body.works();
    let mut owed: Vec<Delivery> = works
        .iter()
        .filter_map(|work| work.owed().cloned())
        .collect();
    if owed.is_empty() {
        return Ok(owed);
    }
    let statements = cx.shared().attest.attest(&owed, cx.now()).await?;
    if statements.len() != owed.len() {
        return Err(Problem::new(Kind::Internal).cause("a delivery without its statement"));
    }
    let owing = works.iter_mut().filter(|work| work.owed().is_some());
    for ((work, delivery), statement) in owing.zip(&mut owed).zip(statements) {
        delivery.attestation = Some(statement.id);
        work.attest(statement.id, statement.token);
    }
    Ok(owed)
}
