//! A token server that is obviously right: it counts what it issues, and remembers which refresh tokens are spent.

use std::collections::BTreeSet;
use std::time::Duration;

use tidal_core::bytes::Bytes;
use tidal_core::http;
use tidal_core::url::form_urlencoded;
use tidal_core::{Now, Response};

use crate::model::ops::{Refresh, Refusal, Terms};

/// Tokens as issued. Its index among all is its serial.
#[derive(Clone, Debug)]
pub struct Issued {
    pub serial: usize,
    /// The sign-in that it goes back to. Each token of the application is one of its own.
    pub family: usize,
    /// How often the refresh token was rotated since.
    pub generation: usize,
    pub user: Option<&'static str>,
    pub access: String,
    pub refresh: Option<String>,
    /// When it ends by both clocks.
    pub ends: Option<Now>,
    /// It was issued to the session, not to another process.
    pub ours: bool,
}

pub const USERS: [&str; 2] = ["7", "8"];

#[derive(Default)]
pub struct Server {
    issued: Vec<Issued>,
    families: usize,
    spent: BTreeSet<String>,
    ended: BTreeSet<usize>,
}

impl Server {
    #[allow(clippy::too_many_arguments, reason = "each is a column of the row that it makes")]
    fn issue(
        &mut self,
        family: usize,
        generation: usize,
        user: Option<&'static str>,
        refresh: Option<String>,
        lifetime: Option<i64>,
        ours: bool,
        now: Now,
    ) -> usize {
        let serial = self.issued.len();
        let ends = lifetime.map(|seconds| now + Duration::from_secs(u64::try_from(seconds).unwrap_or(0)));
        let access = format!("at-{serial}-secret");
        self.issued.push(Issued { serial, family, generation, user, access, refresh, ends, ours });
        serial
    }

    /// A new sign-in.
    pub fn sign_in(&mut self, user: &'static str, renewable: bool, lifetime: Option<i64>, ours: bool, now: Now) -> usize {
        self.families += 1;
        let refresh = renewable.then(|| format!("rt-{}-secret", self.issued.len()));
        self.issue(self.families, 0, Some(user), refresh, lifetime, ours, now)
    }

    /// A token of the application itself.
    pub fn application(&mut self, lifetime: Option<i64>, ours: bool, now: Now) -> usize {
        self.families += 1;
        self.issue(self.families, 0, None, None, lifetime, ours, now)
    }

    pub fn get(&self, serial: usize) -> &Issued {
        &self.issued[serial]
    }

    pub fn by_access(&self, access: &str) -> Option<&Issued> {
        self.issued.iter().rev().find(|issued| issued.access == access)
    }

    /// Those that carry this refresh token.
    pub fn by_refresh<'a>(&'a self, refresh: &'a str) -> impl Iterator<Item = &'a Issued> {
        self.issued.iter().filter(move |issued| issued.refresh.as_deref() == Some(refresh))
    }

    /// Ends a sign-in: its refresh tokens are rejected from now on.
    pub fn end(&mut self, family: usize) {
        self.ended.insert(family);
    }

    /// Whether this refresh token is rejected: it was used already, or its sign-in has ended.
    pub fn is_dead(&self, refresh: &str) -> bool {
        let ended = self.by_refresh(refresh).any(|issued| self.ended.contains(&issued.family));
        ended || self.spent.contains(refresh)
    }

    /// Renews by refresh token; nothing if it is rejected.
    pub fn renew(&mut self, refresh: &str, terms: Terms, ours: bool, now: Now) -> Option<usize> {
        let old = self.by_refresh(refresh).last()?.clone();
        if self.is_dead(refresh) {
            return None;
        }
        let (generation, next) = if terms.refresh == Refresh::Rotated {
            self.spent.insert(refresh.to_owned());
            (old.generation + 1, format!("rt-{}-secret", self.issued.len()))
        } else {
            (old.generation, refresh.to_owned())
        };
        Some(self.issue(old.family, generation, old.user, Some(next), terms.lifetime, ours, now))
    }

    /// Whose token this is, where it has not ended.
    pub fn user(&self, access: &str, now: Now) -> Response {
        let alive = |issued: &&Issued| issued.ends.is_none_or(|ends| now.mono < ends.mono);
        match self.by_access(access).filter(alive).and_then(|issued| issued.user) {
            Some(user) => response(200, &[], &format!(r#"{{"data":{{"type":"users","id":"{user}"}}}}"#)),
            None => response(401, &[], "{}"),
        }
    }

    /// Carries out a token request; what was issued, if anything was.
    pub fn exchange(&mut self, form: &Form, terms: Terms, now: Now) -> (Response, Option<usize>) {
        let serial = match &form.refresh {
            Some(refresh) => self.renew(refresh, terms, true, now),
            None => Some(self.application(terms.lifetime, true, now)),
        };
        match serial {
            Some(serial) => (self.answer(serial, terms), Some(serial)),
            None => (Self::refusal(Refusal::InvalidGrant, form), None),
        }
    }

    fn answer(&self, serial: usize, terms: Terms) -> Response {
        let issued = self.get(serial);
        let mut fields = vec![format!(r#""access_token":"{}","token_type":"bearer""#, issued.access)];
        if let (Some(refresh), true) = (&issued.refresh, terms.refresh != Refresh::Absent) {
            fields.push(format!(r#""refresh_token":"{refresh}""#));
        }
        fields.extend(terms.lifetime.map(|seconds| format!(r#""expires_in":{seconds}"#)));
        fields.extend(issued.user.map(|user| format!(r#""user_id":{user}"#)));
        response(200, &[], &format!("{{{}}}", fields.join(",")))
    }

    /// The body of the answer to a code.
    pub fn code_answer(&self, serial: usize, lifetime: Option<i64>) -> Response {
        self.answer(serial, Terms { refresh: Refresh::Rotated, lifetime })
    }

    /// An answer that is no token. It repeats the refresh token, as careless servers do.
    pub fn refusal(refusal: Refusal, form: &Form) -> Response {
        let error = |status, error: &str| {
            let said = form.refresh.as_deref().unwrap_or("nothing");
            response(status, &[], &format!(r#"{{"error":"{error}","error_description":"for {said}"}}"#))
        };
        match refusal {
            Refusal::InvalidGrant => error(400, "invalid_grant"),
            Refusal::InvalidClient => error(401, "invalid_client"),
            Refusal::TooMany(seconds) => response(429, &[("retry-after", &seconds.to_string())], ""),
            Refusal::Html => response(503, &[], "<html>invalid_grant</html>"),
            Refusal::HtmlOk => response(200, &[], "<html>please sign in to this hotel's network</html>"),
            Refusal::Fault => error(500, "invalid_grant"),
        }
    }
}

/// A token request, read.
#[derive(Clone, Debug)]
pub struct Form {
    pub refresh: Option<String>,
    pub revokes: bool,
    /// It asks whose token this is.
    pub asks: Option<String>,
}

impl Form {
    pub fn read(request: &http::Request<Bytes>) -> Self {
        let field = |name: &str| {
            form_urlencoded::parse(request.body()).find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
        };
        let asks = request.uri().path().ends_with("/users/me");
        Self {
            refresh: field("refresh_token"),
            revokes: request.uri().path().ends_with("/revoke"),
            asks: asks.then(|| bearer(request)).flatten(),
        }
    }

    /// Whether it asks for a token.
    pub fn renews(&self) -> bool {
        !self.revokes && self.asks.is_none()
    }
}

/// The access token that a request carries.
pub fn bearer(request: &http::Request<Bytes>) -> Option<String> {
    let header = request.headers().get(http::header::AUTHORIZATION)?;
    Some(header.to_str().ok()?.trim_start_matches("Bearer ").to_owned())
}

pub fn response(status: u16, headers: &[(&str, &str)], body: &str) -> Response {
    let mut builder = http::Response::builder().status(status);
    for (name, value) in headers {
        builder = builder.header(*name, *value);
    }
    builder.body(Bytes::copy_from_slice(body.as_bytes())).unwrap()
}
