//! The revocation endpoint (RFC 7009).

use http::{Method, StatusCode};

use super::OauthError;
use super::caller::{Caller, read_form, required};
use crate::answer::Answer;
use crate::request::Request;
use crate::state::State;

pub(crate) fn answer(state: &mut State, request: &Request) -> Answer {
    if request.method != Method::POST {
        return super::method_not_allowed("POST", state.behaviour.dialect);
    }
    match revoke(state, request) {
        Ok(()) => Answer::empty(StatusCode::OK),
        Err(error) => error.answer(state.behaviour.dialect),
    }
}

/// A refresh token takes its whole family with it, an access token only itself. What is not known, or belongs to
/// another client, is none of the caller's business: 200 as well (§2.2).
fn revoke(state: &mut State, request: &Request) -> Result<(), OauthError> {
    let form = read_form(request)?;
    let caller = Caller::of(request, &form, &state.clients)?;
    let token = required(&form, "token")?;
    let ledger = &mut state.ledger;
    if let Some(refresh) = ledger.refresh.get(token) {
        if refresh.grant.client == caller.id {
            let family = refresh.grant.family;
            ledger.revoke_family(family);
        }
    } else if let Some(access) = ledger.access.get(token)
        && access.grant.client == caller.id
    {
        ledger.access.remove(token);
    }
    Ok(())
}
