//! What holds for all documents, and for all bytes.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use serde::de::IgnoredAny;
use serde_json::{Map, Value, json};
use tidal_core::document::{Document, ErrorBody, Refs};
use tidal_core::model::{Album, AlbumItemMeta, AnyResource, Playlist, Track};
use tidal_core::value::Json;

/// Texts that are almost JSON.
fn nearly_json() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\"a\"",
        "\"\\u00e9\"",
        "\"\\ud800\"",
        "\"\\q\"",
        "\"",
        "\\",
        "1",
        "-",
        "-0",
        "01",
        "1.",
        ".5",
        "1.5e",
        "1e+9",
        "1e400",
        "true",
        "fals",
        "null",
        "NaN",
        " ",
        "\n",
        "\u{b}",
        "\u{0}",
        "é",
        "\t",
        "{\"a\":",
        "[1,",
        "+1",
        "Infinity",
        "\"\n\"",
    ]);
    vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (-1e9..1e9).prop_map(Value::from),
        "\\PC{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            btree_map("[a-z]{1,4}", inner, 0..4).prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// Attributes: those that are known, mostly with values that fit, and others.
fn attributes() -> impl Strategy<Value = Map<String, Value>> {
    let text = || "\\PC{0,12}".prop_map(Value::from);
    let of = |name: &'static str, value: BoxedStrategy<Value>| (Just(name.to_owned()), value).boxed();
    let member = prop_oneof![
        of("title", text().boxed()),
        of("name", text().boxed()),
        of("numberOfItems", any::<i32>().prop_map(Value::from).boxed()),
        of("popularity", (0.0..1.0).prop_map(Value::from).boxed()),
        of("explicit", any::<bool>().prop_map(Value::from).boxed()),
        of("albumType", prop_oneof![Just("EP".into()), Just("NEW".into())].boxed()),
        of("mediaTags", vec(text(), 0..3).prop_map(Value::from).boxed()),
        of("copyright", text().prop_map(|text| json!({ "text": text })).boxed()),
        of(
            "externalLinks",
            vec(text().prop_map(|text| json!({ "href": text, "meta": { "type": "TWITTER" } })), 0..3)
                .prop_map(Value::from)
                .boxed()
        ),
        ("[a-zA-Z]{1,6}", any_json()).boxed(),
        (
            prop::sample::select(vec!["title", "duration", "numberOfVolumes", "ai", "availability"]).prop_map(str::to_owned),
            any_json()
        )
            .boxed(),
    ];
    vec(member, 0..8).prop_map(|members| members.into_iter().collect())
}

fn identifier() -> impl Strategy<Value = Value> {
    (0..9_u32, prop::sample::select(vec!["artists", "tracks", "videos", "moods"]), prop::option::of(any_json())).prop_map(
        |(id, kind, meta)| {
            let mut identifier = json!({ "id": id.to_string(), "type": kind });
            if let Some(meta) = meta.filter(|meta| !meta.is_null()) {
                identifier["meta"] = meta;
            }
            identifier
        },
    )
}

fn relationships() -> impl Strategy<Value = Value> {
    let data = prop_oneof![Just(Value::Null), identifier(), vec(identifier(), 0..4).prop_map(Value::from), any_json()];
    let relationship = (prop::option::of(data), "[/a-z?=%]{0,9}").prop_map(|(data, link)| {
        let mut relationship = json!({ "links": { "self": link } });
        if let Some(data) = data {
            relationship["data"] = data;
        }
        relationship
    });
    let name =
        prop_oneof![prop::sample::select(vec!["artists", "items", "coverArt"]).prop_map(str::to_owned), "[a-z]{3,6}".boxed()];
    btree_map(name, relationship, 0..4).prop_map(|members| Value::Object(members.into_iter().collect()))
}

fn resource(kind: impl Strategy<Value = &'static str>) -> impl Strategy<Value = Value> {
    (0..9_u32, kind, attributes(), relationships())
        .prop_map(|(id, kind, attributes, relationships)| json!({ "id": id.to_string(), "type": kind, "attributes": attributes, "relationships": relationships }))
}

/// A document as text, with `type` before or after the rest.
fn document() -> impl Strategy<Value = Value> {
    let kinds = prop::sample::select(vec!["albums", "artists", "tracks", "playlists", "artworks", "moods"]);
    (vec(resource(Just("albums")), 0..4), vec(resource(kinds), 0..6), any_json()).prop_map(|(data, included, meta)| {
        json!({ "data": data, "included": included, "links": { "self": "/albums", "meta": { "nextCursor": "c" } }, "meta": meta })
    })
}

/// The value with what counts as absent left out.
fn known(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let kept = members.iter().filter(|(name, value)| match name.as_str() {
                "attributes" | "relationships" | "included" => {
                    value.as_object().is_none_or(|members| members.values().any(|value| !value.is_null()))
                        && **value != json!([])
                }
                "data" => true,
                _ => !value.is_null(),
            });
            Value::Object(kept.map(|(name, value)| (name.clone(), known(value))).collect())
        }
        Value::Array(items) => Value::Array(items.iter().map(known).collect()),
        Value::Number(number) => number.as_f64().filter(|float| float.abs() < 1e15).map_or_else(|| value.clone(), Value::from),
        other => other.clone(),
    }
}

/// A number in a field for fractions may come back in another form: compare after leaving nulls out of both.
fn same(before: &Value, after: &Value) -> bool {
    known(before) == known(after)
}

/// The same text with the members of each object in the opposite order.
fn reversed(value: &Value) -> String {
    match value {
        Value::Object(members) => {
            let members: Vec<_> = members
                .iter()
                .rev()
                .map(|(name, value)| format!("{}:{}", Value::from(name.as_str()), reversed(value)))
                .collect();
            format!("{{{}}}", members.join(","))
        }
        Value::Array(items) => format!("[{}]", items.iter().map(reversed).collect::<Vec<_>>().join(",")),
        other => other.to_string(),
    }
}

fn decode_as_everything(body: &[u8]) {
    let body = bytes::Bytes::copy_from_slice(body);
    let _ = Document::<Vec<Album>>::decode(body.clone()).map(|document| {
        // Whatever was understood is understood again.
        let again = Document::<Vec<Album>>::decode(document.to_json().into()).unwrap();
        assert_eq!(again, document);
    });
    let _ = Document::<Option<Track>>::decode(body.clone());
    let _ = Document::<Playlist>::decode(body.clone());
    let _ = Document::<Vec<AnyResource>>::decode(body.clone());
    let _ = Document::<Refs<AnyResource, AlbumItemMeta>>::decode(body.clone())
        .map(|document| document.data.iter().map(|item| item.meta().unknown.iter().count()).sum::<usize>());
    let _ = ErrorBody::parse(&body).to_string();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn json_is_what_serde_json_takes_for_it(text in nearly_json()) {
        prop_assert_eq!(Json::new(text.as_str()).is_ok(), serde_json::from_str::<IgnoredAny>(&text).is_ok(), "{}", text);
    }

    #[test]
    fn any_bytes_decode_or_fail_but_never_panic(body in vec(any::<u8>(), 0..200)) {
        decode_as_everything(&body);
    }

    #[test]
    fn damaged_text_decodes_or_fails_but_never_panics(text in nearly_json(), at in 0..400_usize, cut in 0..20_usize) {
        let whole = r#"{"data":[{"id":"1","type":"albums","attributes":{"title":"t","mediaTags":["a"],"copyright":{"text":"x"},"new":[{}]},"relationships":{"items":{"data":[{"id":"2","type":"tracks","meta":{"trackNumber":1}}],"links":{"self":"/x","next":{"href":"y"}}}}}],"included":[{"attributes":{"title":"u"},"id":"2","type":"tracks"}],"links":{"self":"/"},"meta":{}}"#;
        let at = at.min(whole.len());
        let damaged = format!("{}{text}{}", &whole[..at], &whole[(at + cut).min(whole.len())..]);
        decode_as_everything(damaged.as_bytes());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_is_lost_or_changed(value in document()) {
        let document = Document::<Vec<Album>>::decode(value.to_string().into()).unwrap();
        let after: Value = serde_json::from_str(&document.to_json()).unwrap();
        prop_assert!(same(&value, &after), "\n{}\n{}", known(&value), known(&after));
        let again = Document::<Vec<Album>>::decode(document.to_json().into()).unwrap();
        prop_assert_eq!(&again, &document);
    }

    #[test]
    fn the_order_of_members_does_not_matter(value in document()) {
        let one = Document::<Vec<Album>>::decode(value.to_string().into()).unwrap();
        let other = Document::<Vec<Album>>::decode(reversed(&value).into()).unwrap();
        let json = |document: &Document<Vec<Album>>| serde_json::from_str::<Value>(&document.to_json()).unwrap();
        prop_assert!(same(&json(&one), &json(&other)));
        for resource in one.included.iter() {
            prop_assert!(one.included.get(resource.kind(), resource.id()).is_some_and(|found| found.id() == resource.id() && found.kind() == resource.kind()));
        }
    }
}
