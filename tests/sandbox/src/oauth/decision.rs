//! How far a person has come: who they are, and what they say.
//!
//! ```text
//!   sign in ──user──▶ consent ──approve / deny──▶ decided
//!      ▲───────back──────┘
//! ```
//!
//! Everything travels through the forms; nothing is remembered between the pages.

use crate::options::User;
use crate::request::field;

/// What the person says.
#[derive(Clone, Copy)]
pub(crate) enum Decision {
    Approve(u64),
    Deny,
}

pub(super) enum Step<'a> {
    SignIn,
    Consent(&'a User),
    Decided(Decision),
}

impl<'a> Step<'a> {
    pub(super) fn of(form: &[(String, String)], users: &'a [User]) -> Result<Self, &'static str> {
        let user = match field(form, "user") {
            Some(id) => Some(users.iter().find(|user| user.id.to_string() == id).ok_or(NOBODY)?),
            None => None,
        };
        match (field(form, "decision"), user) {
            (Some("approve"), Some(user)) => Ok(Self::Decided(Decision::Approve(user.id))),
            (Some("deny"), _) => Ok(Self::Decided(Decision::Deny)),
            (Some("back"), _) | (None, None) => Ok(Self::SignIn),
            (None, Some(user)) => Ok(Self::Consent(user)),
            _ => Err("The form was not filled in."),
        }
    }
}

pub(super) const NOBODY: &str = "There is no such person.";
