//! Names: from the document's to Rust's.

/// The words of a name, in small letters: `filter[owners.id]` is `filter owners id`, `youTubeMusic` is `you tube music`.
pub(crate) fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut before = ' ';
    for c in name.chars() {
        let begins = !before.is_alphanumeric() || c.is_uppercase() && !before.is_uppercase();
        if c.is_alphanumeric() {
            match words.last_mut() {
                Some(word) if !begins => word.extend(c.to_lowercase()),
                _ => words.push(c.to_lowercase().collect()),
            }
        }
        before = c;
    }
    words
}

/// `number_of_items`; a keyword gets an underscore behind it.
pub(crate) fn snake(name: &str) -> String {
    let name = words(name).join("_");
    let keyword = matches!(
        &*name,
        "as" | "async"
            | "await"
            | "box"
            | "break"
            | "const"
            | "continue"
            | "crate"
            | "dyn"
            | "else"
            | "enum"
            | "extern"
            | "false"
            | "fn"
            | "for"
            | "gen"
            | "if"
            | "impl"
            | "in"
            | "let"
            | "loop"
            | "match"
            | "mod"
            | "move"
            | "mut"
            | "pub"
            | "ref"
            | "return"
            | "self"
            | "static"
            | "struct"
            | "super"
            | "trait"
            | "true"
            | "try"
            | "type"
            | "unsafe"
            | "use"
            | "where"
            | "while"
            | "yield"
    );
    if keyword { format!("{name}_") } else { name }
}

/// `NumberOfItems`.
pub(crate) fn pascal(name: &str) -> String {
    words(name).iter().map(|word| capital(word)).collect()
}

/// The word with a large first letter.
pub(crate) fn capital(word: &str) -> String {
    let mut rest = word.chars();
    rest.next().map(|first| first.to_uppercase().chain(rest).collect()).unwrap_or_default()
}

/// The variant for a value: `THIRD_PARTY` is `ThirdParty`, `CSharp` and `TiVo` stay.
pub(crate) fn variant(value: &str) -> String {
    let mixed = value.chars().any(char::is_lowercase) && value.chars().all(char::is_alphanumeric);
    let name = if mixed { capital(value) } else { pascal(value) };
    match &*name {
        // The name of what catches unknown values.
        "Other" => "OtherValue".to_owned(),
        "Self" => "SelfValue".to_owned(),
        "" => "Empty".to_owned(),
        _ if name.starts_with(|c: char| c.is_ascii_digit()) => format!("N{name}"),
        _ => name,
    }
}

/// One of many: `albums` is `album`, `statuses` is `status`, `entries` is `entry`.
pub(crate) fn singular(name: &str) -> String {
    let rules = [
        ("ies", "y"),
        ("sses", "ss"),
        ("uses", "us"),
        ("xes", "x"),
        ("ches", "ch"),
        ("shes", "sh"),
        ("ss", "ss"),
        ("us", "us"),
    ];
    for (many, one) in rules {
        if let Some(stem) = name.strip_suffix(many) {
            return format!("{stem}{one}");
        }
    }
    name.strip_suffix('s').unwrap_or(name).to_owned()
}

/// The noun with the right article before it.
pub(crate) fn a(noun: &str) -> String {
    let plural = noun.ends_with('s') && !noun.ends_with("ss") && !noun.ends_with("us") && singular(noun) != noun;
    match noun.chars().next() {
        _ if plural => noun.to_owned(),
        Some('a' | 'e' | 'i' | 'o' | 'A' | 'E' | 'I' | 'O') => format!("an {noun}"),
        _ if noun.starts_with("un") => format!("an {noun}"),
        _ => format!("a {noun}"),
    }
}

/// Many of a noun: `album` is `albums`, `biography` is `biographies`; what is many already stays.
pub(crate) fn plural(noun: &str) -> String {
    match noun {
        _ if a(noun) == noun => noun.to_owned(),
        _ if noun.ends_with('y') && !noun.ends_with("ay") && !noun.ends_with("ey") => format!("{}ies", &noun[..noun.len() - 1]),
        _ if noun.ends_with("us") || noun.ends_with("ss") || noun.ends_with('x') => format!("{noun}es"),
        _ => format!("{noun}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_rusts() {
        assert_eq!(words("filter[owners.id]"), ["filter", "owners", "id"]);
        assert_eq!(snake("youTubeMusic"), "you_tube_music");
        assert_eq!(snake("md5Hash"), "md5_hash");
        assert_eq!(snake("type"), "type_");
        assert_eq!(pascal("Albums_SuggestedCoverArts"), "AlbumsSuggestedCoverArts");
        for (value, name) in [
            ("THIRD_PARTY", "ThirdParty"),
            ("CSharp", "CSharp"),
            ("TiVo", "TiVo"),
            ("tracks", "Tracks"),
            ("OTHER", "OtherValue"),
            ("-x", "X"),
            ("2024", "N2024"),
            ("UNKNOWN", "Unknown"),
            ("HEAACV1", "Heaacv1"),
        ] {
            assert_eq!(variant(value), name);
        }
    }

    #[test]
    fn one_and_many() {
        for (many, one) in [
            ("albums", "album"),
            ("artistBiographies", "artistBiography"),
            ("artistClaimStatuses", "artistClaimStatus"),
            ("mixes", "mix"),
            ("status", "status"),
            ("access", "access"),
        ] {
            assert_eq!(singular(many), one);
            assert_eq!(
                plural(one),
                if one == "access" {
                    "accesses"
                } else if one == "status" {
                    "statuses"
                } else {
                    many
                }
            );
        }
        assert_eq!((a("album"), a("user"), a("usage rules")), ("an album".into(), "a user".into(), "usage rules".into()));
        assert_eq!(plural("lyrics"), "lyrics");
    }
}
