//! The pages that a person sees: plain forms that need no script, and load nothing.

use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::StatusCode;
use sha2::{Digest, Sha256};
use url::{Host, Url};

use super::SCOPES;
use crate::answer::Answer;
use crate::options::User;

const STYLE: &str = include_str!("page.css");

fn page(status: StatusCode, title: &str, body: &str, leads_to: Option<&str>) -> Answer {
    let html = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{title} – local TIDAL</title>\n\
         <style>{STYLE}</style>\n</head>\n<body>\n<main>\n<p class=\"where\">Local TIDAL, for development</p>\n\
         <h1>{title}</h1>\n{body}</main>\n</body>\n</html>\n"
    );
    let style = STANDARD.encode(Sha256::digest(STYLE));
    let form = leads_to.and_then(source).unwrap_or_default();
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{style}'; form-action 'self' {form}; base-uri 'none'; frame-ancestors 'none'"
    );
    Answer::html(status, html, &policy)
}

/// Where a form's answer may redirect to, as a source of a content security policy. Browsers hold redirects after a form to
/// `form-action`. An IPv6 address has no form there: its scheme has to do, as for a redirect to an app.
fn source(redirect_uri: &str) -> Option<String> {
    let url = Url::parse(redirect_uri).ok()?;
    let named = matches!(url.host(), Some(Host::Domain(_) | Host::Ipv4(_))) && url.origin().is_tuple();
    Some(if named { url.origin().ascii_serialization() } else { format!("{}:", url.scheme()) })
}

/// What a person who signs in fills in.
pub(super) struct Form<'a> {
    /// The path that it goes to.
    pub(super) action: &'a str,
    /// What it carries along.
    pub(super) hidden: &'a [(&'a str, &'a str)],
    /// The redirect URI that its answer may lead to.
    pub(super) leads_to: Option<&'a str>,
}

impl Form<'_> {
    fn open(&self) -> String {
        let mut text = format!("<form method=\"post\" action=\"{}\">\n", self.action);
        for (name, value) in self.hidden {
            hide(&mut text, name, value);
        }
        text
    }

    /// Asks who it is. There are no passwords here.
    pub(super) fn sign_in(&self, users: &[User]) -> Answer {
        let mut body = self.open();
        body.push_str("<fieldset>\n<legend>Who are you?</legend>\n");
        for (index, user) in users.iter().enumerate() {
            let checked = if index == 0 { " checked" } else { "" };
            let (id, name, country) = (user.id, escape(&user.username), escape(&user.country));
            let _ = writeln!(
                body,
                "<label class=\"choice\"><input type=\"radio\" name=\"user\" value=\"{id}\"{checked}>\
                 <span>{name} <small>{id}, {country}</small></span></label>"
            );
        }
        body.push_str(
            "</fieldset>\n<p class=\"buttons\"><button class=\"main\" id=\"sign-in\">Sign in</button></p>\n</form>\n",
        );
        page(StatusCode::OK, "Sign in", &body, self.leads_to)
    }

    /// Asks whether the application may have what it asked for.
    pub(super) fn consent(&self, client: &str, scopes: &[String], user: &User) -> Answer {
        let (client, name) = (escape(client), escape(&user.username));
        let mut body = format!("<p><strong>{client}</strong> would like to use the account of <strong>{name}</strong>");
        if scopes.is_empty() {
            body.push_str(". It asks for nothing in particular.</p>\n");
        } else {
            body.push_str(" to:</p>\n<ul>\n");
        }
        for scope in scopes {
            let meaning = SCOPES.iter().find_map(|(known, meaning)| (known == scope).then_some(*meaning)).unwrap_or_default();
            let _ = writeln!(body, "<li>{meaning} <small><code>{}</code></small></li>", escape(scope));
        }
        if !scopes.is_empty() {
            body.push_str("</ul>\n");
        }
        body.push_str(&self.open());
        hide(&mut body, "user", &user.id.to_string());
        body.push_str(
            "<p class=\"buttons\">\
             <button class=\"main\" id=\"approve\" name=\"decision\" value=\"approve\">Allow</button> \
             <button id=\"deny\" name=\"decision\" value=\"deny\">Deny</button> \
             <button class=\"quiet\" id=\"back\" name=\"decision\" value=\"back\">Use another account</button></p>\n</form>\n",
        );
        page(StatusCode::OK, "Allow access?", &body, self.leads_to)
    }
}

/// Asks for the code that a device shows.
pub(super) fn enter_code(status: StatusCode, code: &str, problem: Option<&str>) -> Answer {
    let form = Form { action: crate::urls::LINK, hidden: &[], leads_to: None };
    let mut body = String::new();
    if let Some(problem) = problem {
        let _ = writeln!(body, "<p class=\"problem\" id=\"problem\" role=\"alert\">{}</p>", escape(problem));
    }
    body.push_str(&form.open());
    let described = if problem.is_some() { " aria-invalid=\"true\" aria-describedby=\"problem\"" } else { "" };
    let _ = writeln!(
        body,
        "<p><label for=\"user-code\">The code that your device shows</label>\n\
         <input type=\"text\" id=\"user-code\" name=\"user_code\" value=\"{}\" required autocomplete=\"off\" \
         autocapitalize=\"characters\" spellcheck=\"false\"{described}></p>\n\
         <p class=\"buttons\"><button class=\"main\" id=\"continue\">Continue</button></p>\n</form>",
        escape(code)
    );
    page(status, "Connect a device", &body, None)
}

pub(super) fn device_decided(allowed: bool) -> Answer {
    let (title, text) = match allowed {
        true => ("The device is connected", "It signs in by itself now."),
        false => ("The device was refused", "It gets no access."),
    };
    page(StatusCode::OK, title, &format!("<p role=\"status\">{text} You can close this page.</p>\n"), None)
}

pub(super) fn refusal(why: &str) -> Answer {
    let body = format!("<p class=\"problem\" role=\"alert\">{}</p>\n", escape(why));
    page(StatusCode::BAD_REQUEST, "That did not work", &body, None)
}

fn hide(text: &mut String, name: &str, value: &str) {
    let _ = writeln!(text, "<input type=\"hidden\" name=\"{}\" value=\"{}\">", escape(name), escape(value));
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::source;

    #[test]
    fn a_form_may_lead_to_the_redirect_and_not_far_beyond() {
        for (uri, expected) in [
            ("http://127.0.0.1:8123/callback?x=1", "http://127.0.0.1:8123"),
            ("http://localhost/cb", "http://localhost"),
            ("https://app.example/cb", "https://app.example"),
            ("http://[::1]:8123/callback", "http:"),
            ("com.example.app:/back", "com.example.app:"),
            ("com.example.app://back/here", "com.example.app:"),
        ] {
            assert_eq!(source(uri).as_deref(), Some(expected), "{uri}");
        }
        assert_eq!(source("no URI"), None);
    }
}
