//! The pages that a person sees.

use std::fmt::Write;

use super::authorize::Ask;
use crate::options::User;

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:32rem;margin:4rem auto;padding:0 1rem}\
button{font:inherit;padding:.4rem 1.2rem;margin-right:.5rem}label{display:block}";

fn page(title: &str, body: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title>\
         <style>{STYLE}</style></head>\n<body><h1>{title}</h1>\n{body}\n</body></html>\n"
    )
}

/// Asks for consent. The parameters travel through the form and are checked again when it comes back.
pub(super) fn consent(ask: &Ask, parameters: &[(String, String)], users: &[User]) -> String {
    let mut body =
        format!("<p><strong>{}</strong> would like to use your account at this local TIDAL.</p>\n<ul>\n", escape(&ask.client));
    for scope in &ask.scopes {
        let _ = writeln!(body, "<li>{}</li>", escape(scope));
    }
    body.push_str("</ul>\n<form method=\"post\" action=\"/authorize\">\n");
    for (name, value) in parameters {
        let (name, value) = (escape(name), escape(value));
        let _ = writeln!(body, "<input type=\"hidden\" name=\"{name}\" value=\"{value}\">");
    }
    for (index, user) in users.iter().enumerate() {
        let checked = if index == 0 { " checked" } else { "" };
        let (id, name) = (user.id, escape(&user.username));
        let _ = writeln!(body, "<label><input type=\"radio\" name=\"user\" value=\"{id}\"{checked}> {name} ({id})</label>");
    }
    body.push_str(
        "<p><button name=\"decision\" value=\"approve\">Allow</button>\
         <button name=\"decision\" value=\"deny\">Deny</button></p>\n</form>",
    );
    page("Sign in", &body)
}

pub(super) fn refusal(why: &str) -> String {
    page("That did not work", &format!("<p>{}</p>", escape(why)))
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
