//! Query parameters: only those that the operation declares, in the form that each has.

use http::StatusCode;

use super::operations::Operation;
use crate::refusal::Refusal;

/// What a parameter of a name takes. A name means the same wherever it is declared.
enum Form {
    Country,
    /// One comma-separated value, or several.
    Paths,
    /// Up to 20 values, each in a pair of its own.
    Values,
    /// A text of at most so many characters.
    Text(usize),
    One(&'static [&'static str]),
    Sort,
}

const MOST_VALUES: usize = 20;

fn form(name: &str) -> Form {
    match name {
        "countryCode" => Form::Country,
        "include" | "replaceMedia" => Form::Paths,
        "filter[query]" => Form::Text(256),
        "sort" => Form::Sort,
        "collapseBy" => Form::One(&["FINGERPRINT", "NONE"]),
        "explicitFilter" => Form::One(&["INCLUDE", "EXCLUDE"]),
        "deviceType" => Form::One(&["BROWSER", "CAR", "DESKTOP", "PHONE", "TABLET", "TV"]),
        "systemType" => Form::One(&["ANDROID", "DESKTOP", "TESLA", "IOS", "WEB"]),
        _ if name.starts_with("filter[") => Form::Values,
        _ => Form::Text(4_096),
    }
}

/// What must be given where it is declared.
fn is_required(name: &str, path_has_search: bool, alone: bool) -> bool {
    match name {
        "collapseBy" => true,
        "filter[query]" => path_has_search,
        "filter[id]" => alone,
        _ => false,
    }
}

/// The parameters of a request, checked.
pub(super) struct Parameters(Vec<(String, String)>);

impl Parameters {
    pub(super) fn read(operation: &Operation, pairs: &[(String, String)]) -> Result<Self, Refusal> {
        let declared = operation.query;
        for (name, value) in pairs {
            if !declared.contains(&name.as_str()) {
                let detail = if declared.is_empty() {
                    "This operation takes no parameters".to_owned()
                } else {
                    format!("Unknown parameter; this operation takes {}", declared.join(", "))
                };
                return Err(Refusal::parameter(name, detail));
            }
            check(operation, name, value)?;
        }
        let filters = declared.iter().filter(|name| name.starts_with("filter["));
        let alone = filters.count() == 1;
        let search = declared.contains(&"explicitFilter");
        let all = Self(pairs.to_vec());
        for &name in declared {
            let given = all.all(name).count();
            if given == 0 && is_required(name, search, alone) {
                return Err(Refusal::parameter(name, "This parameter is required"));
            }
            let most = match form(name) {
                Form::Paths => usize::MAX,
                Form::Values => MOST_VALUES,
                _ => 1,
            };
            if given > most {
                let detail = format!("At most {most} values, not {given}");
                return Err(Refusal::parameter(name, detail));
            }
        }
        Ok(all)
    }

    /// The value of a parameter that occurs once.
    pub(super) fn one(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    /// All values of a parameter.
    pub(super) fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        let found = self.0.iter().filter(move |(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    }

    /// All values of a parameter whose values are comma-separated.
    pub(super) fn paths(&self, name: &str) -> impl Iterator<Item = &str> {
        self.all(name).flat_map(|value| value.split(','))
    }

    /// Everything but the cursor.
    pub(super) fn without_cursor(&self) -> impl Iterator<Item = &(String, String)> {
        self.0.iter().filter(|(name, _)| name != "page[cursor]")
    }

    /// Everything.
    pub(super) fn iter(&self) -> impl Iterator<Item = &(String, String)> {
        self.0.iter()
    }
}

fn check(operation: &Operation, name: &str, value: &str) -> Result<(), Refusal> {
    let wrong = |detail: String| Err(Refusal::parameter(name, detail));
    match form(name) {
        Form::Country => {
            let letters = value.len() == 2 && value.bytes().all(|b| b.is_ascii_uppercase());
            if !letters || value == "UK" {
                return wrong("Not a country code of ISO 3166-1 alpha-2".into());
            }
        }
        Form::Values if value.is_empty() || value.contains(',') => {
            return wrong("One value in each parameter; repeat it for more".into());
        }
        Form::Text(most) if value.is_empty() || value.chars().count() > most => {
            return wrong(format!("A text of 1 to {most} characters"));
        }
        Form::One(values) if !values.contains(&value) => {
            return wrong(format!("One of {}", values.join(", ")));
        }
        Form::Sort => {
            let key = value.strip_prefix('-').unwrap_or(value);
            if !operation.sorts.contains(&key) {
                return wrong(format!("One of {}", operation.sorts.join(", ")));
            }
        }
        Form::Paths if value.split(',').any(str::is_empty) => {
            return wrong("An empty path".into());
        }
        _ => {}
    }
    Ok(())
}

/// A filter of which at least one must be given.
pub(super) fn filter_missing(operation: &Operation) -> Refusal {
    let filters: Vec<_> = operation.query.iter().filter(|name| name.starts_with("filter[")).copied().collect();
    Refusal::new(StatusCode::BAD_REQUEST, format!("A filter is required: {}", filters.join(", ")))
        .code("INVALID_REQUEST_PARAMETER")
        .source("parameter", filters.first().copied().unwrap_or("filter"))
}
