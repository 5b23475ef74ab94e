//! The device page: a person enters the code that the device shows, signs in, and decides.

use http::{Method, StatusCode};
use jiff::Timestamp;

use super::decision::{Decision, Step};
use super::device::{self, NO_DEVICE};
use super::page::{self, Form};
use crate::answer::Answer;
use crate::behaviour::Dialect;
use crate::request::{Request, field};
use crate::state::State;
use crate::urls;

/// GET asks for the code (one that came in the address is only filled in, for the person to compare), POST is what follows.
pub(crate) fn answer(state: &mut State, request: &Request, now: Timestamp) -> Answer {
    match request.method {
        Method::GET => page::enter_code(StatusCode::OK, field(&request.query(), "user_code").unwrap_or_default(), None),
        Method::POST => entered(state, &request.form(), now),
        _ => super::method_not_allowed("GET, POST", Dialect::Tidal),
    }
}

fn entered(state: &mut State, form: &[(String, String)], now: Timestamp) -> Answer {
    let user_code = field(form, "user_code").unwrap_or_default();
    let Some(device) = state.ledger.waiting(user_code, now) else {
        return page::enter_code(StatusCode::BAD_REQUEST, user_code, Some(NO_DEVICE));
    };
    let page = Form { action: urls::LINK, hidden: &[("user_code", &device.user_code)], leads_to: None };
    let decision = match Step::of(form, &state.users) {
        Ok(Step::SignIn) => return page.sign_in(&state.users),
        Ok(Step::Consent(user)) => return page.consent(&device.grant.client, &device.grant.scopes, user),
        Ok(Step::Decided(decision)) => decision,
        Err(why) => return page::refusal(why),
    };
    match device::decide(state, user_code, decision, now) {
        Ok(()) => page::device_decided(matches!(decision, Decision::Approve(_))),
        Err(why) => page::refusal(why),
    }
}
