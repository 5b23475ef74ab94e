//! What is known of an operation before it is called: facts of the API's document, as data.

use std::borrow::Cow;
use std::time::Duration;

use http::Method;

use crate::error::{Error, ErrorKind};
use crate::flow::Flow;
use crate::scope::{self, Scopes};

/// One operation of the API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operation {
    /// HTTP method.
    pub method: Method,
    /// Path below the base address, with `{name}` for parameters: `/albums/{id}`.
    pub path: Cow<'static, str>,
    /// Who may call it.
    pub tier: Tier,
    /// The flows whose tokens it takes.
    pub flows: Flows,
    /// The scopes of which a person's token needs one (any of them).
    pub scopes: &'static [&'static str],
    /// The parameters in path and query.
    pub parameters: &'static [Parameter],
    /// Whether it takes a body.
    pub has_body: bool,
    /// How long its answer stays true.
    pub cache: CacheClass,
    /// Whether it may be sent twice.
    pub replay: Replay,
}

/// Who may call an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Tier {
    /// Everybody with an application of their own.
    ThirdParty,
    /// Partners.
    Partner,
    /// The service's own clients.
    Internal,
}

/// The flows whose tokens an operation takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Flows {
    /// Tokens of an application (client credentials).
    pub application: bool,
    /// Tokens of a person (authorization code).
    pub person: bool,
}

impl Flows {
    /// Either kind.
    pub const ANY: Self = Self { application: true, person: true };
    /// A person's only.
    pub const PERSON: Self = Self { application: false, person: true };
    /// An application's only.
    pub const APPLICATION: Self = Self { application: true, person: false };
}

/// One parameter of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// Its name as sent: `filter[id]`.
    pub name: &'static str,
    /// Where it goes.
    pub place: Place,
    /// Whether the operation can't do without it.
    pub required: bool,
    /// Whether it takes several values, and how they are written.
    pub list: List,
    /// What its values are.
    pub kind: Kind,
    /// The values that are documented; none if any will do. The service may know more by now.
    pub values: &'static [&'static str],
    /// How many characters a value has at most, where the document says so.
    pub max_length: Option<u32>,
    /// How many values it was seen to take at once; the document does not say.
    pub most: Option<u32>,
}

impl Parameter {
    /// An optional query parameter with one value.
    #[must_use]
    pub const fn query(name: &'static str) -> Self {
        Self {
            name,
            place: Place::Query,
            required: false,
            list: List::One,
            kind: Kind::Text,
            values: &[],
            max_length: None,
            most: None,
        }
    }

    /// A parameter in the path.
    #[must_use]
    pub const fn path(name: &'static str) -> Self {
        Self { place: Place::Path, required: true, ..Self::query(name) }
    }

    /// The same, required.
    #[must_use]
    pub const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// The same, with several values, each written as a parameter of its own.
    #[must_use]
    pub const fn exploded(mut self) -> Self {
        self.list = List::Exploded;
        self
    }

    /// The same, with several values, joined by commas.
    #[must_use]
    pub const fn joined(mut self) -> Self {
        self.list = List::Joined;
        self
    }

    /// The same, with at most `max` characters.
    #[must_use]
    pub const fn max_length(mut self, max: u32) -> Self {
        self.max_length = Some(max);
        self
    }

    /// The same, with these documented values.
    #[must_use]
    pub const fn values(mut self, values: &'static [&'static str]) -> Self {
        self.values = values;
        self
    }

    /// The same, which was seen to take at most `most` values at once.
    #[must_use]
    pub const fn most(mut self, most: u32) -> Self {
        self.most = Some(most);
        self
    }

    /// The same, which is `true` or `false`.
    #[must_use]
    pub const fn boolean(mut self) -> Self {
        self.kind = Kind::Boolean;
        self
    }

    /// The same, which is an integer.
    #[must_use]
    pub const fn integer(mut self) -> Self {
        self.kind = Kind::Integer;
        self
    }
}

/// What the values of a parameter are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// Texts.
    Text,
    /// `true` or `false`.
    Boolean,
    /// Integers.
    Integer,
}

/// Where a parameter goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Place {
    /// Into the path.
    Path,
    /// Into the query.
    Query,
}

/// How the values of a parameter are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum List {
    /// It takes one value.
    One,
    /// `name=a&name=b`
    Exploded,
    /// `name=a,b`
    Joined,
}

/// How long an answer may be taken for true.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum CacheClass {
    /// Not at all.
    None,
    /// What a person changes: a minute.
    User,
    /// Search results: ten minutes.
    Search,
    /// Media information: an hour.
    Media,
    /// Listings ordered by popularity: six hours.
    Popular,
    /// Recommendations: twelve hours.
    Recommendation,
    /// Facts of the catalogue: a day.
    Catalogue,
}

impl CacheClass {
    /// How long that is.
    #[must_use]
    pub const fn ttl(self) -> Duration {
        Duration::from_secs(match self {
            Self::None => 0,
            Self::User => 60,
            Self::Search => 600,
            Self::Media => 3_600,
            Self::Popular => 6 * 3_600,
            Self::Recommendation => 12 * 3_600,
            Self::Catalogue => 24 * 3_600,
        })
    }
}

/// Whether a request may be sent again when it is unknown whether it was carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Replay {
    /// It reads: it may.
    Read,
    /// It changes something and takes an `Idempotency-Key`: it may, under the same key. The session makes the key.
    Keyed,
    /// It changes something: it may not.
    Once,
}

impl Operation {
    /// One of which nothing else is known: anybody may send it, with a body or without, and no answer is kept.
    pub(crate) const fn bare(method: Method, path: Cow<'static, str>, replay: Replay) -> Self {
        Self {
            method,
            path,
            tier: Tier::ThirdParty,
            flows: Flows::ANY,
            scopes: &[],
            parameters: &[],
            has_body: true,
            cache: CacheClass::None,
            replay,
        }
    }

    /// Refuses what can't work: a flow that the operation doesn't take, or a change or a private read (one that applications may not
    /// make) with none of its public scopes. An operation that lists no public scope is never refused for want of one.
    pub(crate) fn admits(&self, flow: Flow, granted: Option<&Scopes>) -> Result<(), Error> {
        let taken = match flow {
            Flow::None => return Ok(()),
            Flow::ClientCredentials => self.flows.application,
            _ => self.flows.person,
        };
        if !taken {
            let instead = if self.flows.person { Flow::Pkce } else { Flow::ClientCredentials };
            let message =
                format!("{} {} does not take tokens of the flow {flow}; sign in with {instead}", self.method, self.path);
            return Err(Error::of(ErrorKind::WrongFlow, message));
        }
        let private = self.replay != Replay::Read || !self.flows.application;
        let (Some(granted), true) = (granted, private && flow.has_person()) else { return Ok(()) };
        let mut wanted = Vec::new();
        for scope in self.scopes {
            if granted.contains(scope) && !scope::INTERNAL.contains(scope) {
                return Ok(());
            }
            if !scope::INTERNAL.contains(scope) {
                wanted.push(*scope);
            }
        }
        if wanted.is_empty() {
            return Ok(());
        }
        let wanted = crate::texts::join(&wanted, " or ");
        let message = format!(
            "{} {} needs the scope {wanted}, which this sign-in was not granted; sign in again and ask for it",
            self.method, self.path
        );
        Err(Error::of(ErrorKind::MissingScope, message))
    }
}
