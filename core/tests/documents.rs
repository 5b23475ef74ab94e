//! Documents as they come, and as they should not come.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use tidal_core::DecodeError;
use tidal_core::document::{Document, Identifier, Linkage, Refs, Relationship, Resource};
use tidal_core::model::{Album, AlbumItemMeta, AlbumType, AnyResource, Artist, Track};
use tidal_core::value::{Id, Json};

fn decode<P: tidal_core::document::Primary>(text: &str) -> Result<Document<P>, DecodeError> {
    Document::decode(text.to_owned().into())
}

fn albums(text: &str) -> Document<Vec<Album>> {
    let document = decode::<Vec<Album>>(text).unwrap();
    let again = decode::<Vec<Album>>(&document.to_json()).unwrap();
    assert_eq!(again, document);
    document
}

const ALBUMS: &str = r#"{
  "data": [{
    "id": "1", "type": "albums",
    "attributes": {"title": "Áé \"q\"\n", "albumType": "EP", "explicit": false, "numberOfItems": 2, "popularity": 0.06987412795496134,
      "duration": "PT46M9S", "mediaTags": [], "copyright": {"text": "c"}, "newAttr": {"a": [1, null]}},
    "relationships": {
      "artists": {"data": [{"id": "10", "type": "artists"}, {"id": "11", "type": "artists"}], "links": {"self": "/a"}},
      "items": {"data": [{"id": "20", "type": "tracks", "meta": {"volumeNumber": 1, "trackNumber": 2, "x": 1}},
                         {"id": "30", "type": "videos", "meta": {"volumeNumber": 1, "trackNumber": 3}}]},
      "genres": {"data": []},
      "coverArt": {"links": {"self": "/c"}},
      "newRel": {"data": null, "meta": {"n": 1}}
    }
  }],
  "included": [
    {"attributes": {"name": "Late type", "popularity": 1}, "id": "10", "type": "artists"},
    {"id": "20", "type": "tracks", "attributes": {"title": "T", "key": "UNKNOWN", "keyScale": "NEW"}},
    {"attributes": {"colour": "green"}, "id": "1", "type": "moods", "relationships": {"artists": {"data": [{"id": "10", "type": "artists"}]}}}
  ],
  "links": {"self": "/albums", "next": "/albums?page%5Bcursor%5D=x", "meta": {"nextCursor": "x"}},
  "meta": {"total": 1}
}"#;

#[test]
fn everything_is_found_through_types() {
    let document = albums(ALBUMS);
    assert_eq!(document.misfits, []);
    let album = &document.data[0];
    assert_eq!(album.id, "1");
    assert_eq!(album.title.as_deref(), Some("Áé \"q\"\n"));
    assert_eq!(album.album_type, Some(AlbumType::Ep));
    assert_eq!(album.explicit, Some(false));
    assert_eq!(album.number_of_items, Some(2));
    assert_eq!(album.popularity, Some(0.06987412795496134));
    assert_eq!(album.duration.as_ref().and_then(|d| d.value()).map(|d| d.as_secs()), Some(2769));
    assert!(album.media_tags.is_empty() && !album.media_tags.is_absent());
    assert!(album.availability.is_absent());
    assert_eq!(album.unknown("newAttr").unwrap().as_str(), r#"{"a": [1, null]}"#);

    let names: Vec<_> = document.resolve(album.artists()).map(|artist| artist.name.as_deref().unwrap()).collect();
    assert_eq!(names, ["Late type"]);
    let ids: Vec<_> = album.artists().iter().map(|artist| artist.id()).collect();
    assert_eq!(ids, [Id::<Artist>::from(10), Id::from(11)]);
    assert_eq!(document.find(album.artists().iter().nth(1).unwrap()), None);

    let item = album.items().first().unwrap();
    let meta: AlbumItemMeta = item.meta();
    assert_eq!((meta.volume_number, meta.track_number), (Some(1), Some(2)));
    assert_eq!(meta.unknown.get("x").unwrap().as_str(), "1");
    let Some(AnyResource::Track(track)) = document.find(item) else { panic!() };
    assert_eq!(track.key.as_ref().unwrap().as_str(), "UNKNOWN");
    assert_eq!(track.key_scale.as_ref().unwrap().as_str(), "NEW");

    assert_eq!(document.links.next_cursor().unwrap(), "x");
    assert_eq!(document.links.next().unwrap(), "/albums?page%5Bcursor%5D=x");
    assert_eq!(document.meta.as_ref().unwrap().as_str(), r#"{"total": 1}"#);
}

#[test]
fn not_asked_for_not_stated_and_empty_are_told_apart() {
    let album = albums(ALBUMS).data.remove(0);
    assert!(album.genres().is_stated() && album.genres().is_empty());
    assert!(!album.cover_art().is_stated() && album.cover_art().is_empty());
    assert_eq!(album.cover_art().links().unwrap().this().unwrap(), "/c");
    assert!(!album.owners().is_stated());
    assert!(album.owners().linkage().is_none());
    let unknown = album.relationships.get("newRel").unwrap();
    assert_eq!(unknown.data, Linkage::Null);
    assert_eq!(unknown.unknown.get("meta").unwrap().as_str(), r#"{"n": 1}"#);
}

#[test]
fn an_unknown_type_keeps_its_json_and_its_relationships() {
    let document = albums(ALBUMS);
    let AnyResource::Other(mood) = document.included.get("moods", "1").unwrap() else { panic!() };
    assert_eq!(mood.kind, "moods");
    assert_eq!(mood.extra.attributes().get("colour").unwrap().to_text().unwrap(), "green");
    assert_eq!(mood.relationships.get("artists").unwrap().data.identifiers(), [Identifier::new("artists", "10")]);
}

#[test]
fn what_is_known_comes_back_when_encoded() {
    let before: serde_json::Value = serde_json::from_str(ALBUMS).unwrap();
    let after: serde_json::Value = serde_json::from_str(&albums(ALBUMS).to_json()).unwrap();
    // An integer in a field for fractions comes back as a fraction.
    let text = |value: serde_json::Value| value.to_string().replace("\"popularity\":1}", "\"popularity\":1.0}");
    assert_eq!(text(after), text(before));
}

#[test]
fn a_value_that_does_not_fit_is_kept_and_named_but_fails_nothing() {
    let document = albums(
        r#"{"data":[{"id":"1","type":"albums","attributes":{"title":5,"numberOfItems":3.0,"numberOfVolumes":3.5,"popularity":1e400,
            "version":"\ud800","copyright":"plain","mediaTags":["A",1],"explicit":"yes","externalLinks":[{"href":7,"meta":null}],
            "barcodeId":"x"}}]}"#,
    );
    let album = &document.data[0];
    assert_eq!((&album.title, &album.version, album.number_of_volumes, album.popularity), (&None, &None, None, None));
    assert_eq!(album.number_of_items, Some(3));
    assert!(album.media_tags.is_absent());
    assert_eq!(album.unknown("copyright").unwrap().to_text().unwrap(), "plain");
    assert_eq!(album.unknown("popularity").unwrap().as_str(), "1e400");
    assert_eq!(album.unknown("version").unwrap().as_str(), r#""\ud800""#);
    assert_eq!(album.unknown("mediaTags").unwrap().as_str(), r#"["A",1]"#);
    assert_eq!(album.external_links[0].unknown.get("href").unwrap().as_str(), "7");
    let misfits: Vec<_> = document.misfits.iter().map(|misfit| (misfit.path(), misfit.message())).collect();
    assert_eq!(
        misfits,
        [
            ("data[0].attributes.title", "expected a text, found a number"),
            ("data[0].attributes.numberOfVolumes", "the number is no integer"),
            ("data[0].attributes.popularity", "the number is out of range"),
            ("data[0].attributes.version", "the text has a surrogate without its other half"),
            ("data[0].attributes.copyright", "expected an object, found a text"),
            ("data[0].attributes.mediaTags[1]", "expected a text, found a number"),
            ("data[0].attributes.explicit", "expected a boolean, found a text"),
            ("data[0].attributes.externalLinks[0].href", "expected a text, found a number"),
        ]
    );
}

#[test]
fn what_is_no_document_is_refused_with_the_path() {
    let deep = format!(r#"{{"data":[],"x":{}1{}}}"#, "[".repeat(127), "]".repeat(127));
    decode::<Vec<Album>>(&deep).unwrap();
    let deeper = format!(r#"{{"data":[{{"id":"1","type":"albums","attributes":{{"new":{}"#, "[".repeat(1_000_000));
    let cases = [
        ("", "", "expected an object, found the end"),
        ("[]", "", "expected an object, found a list"),
        ("{}", "", "data is missing"),
        (r#"{"data":{}}"#, "data", "expected a list, found an object"),
        (r#"{"data":[{"type":"albums"}]}"#, "data[0]", "id is missing"),
        (r#"{"data":[{"id":"1"},{"id":2}]}"#, "data[1].id", "expected a text, found a number"),
        (r#"{"data":[{"id":"1","type":"tracks"}]}"#, "data[0].type", r#"expected the type "albums", found "tracks""#),
        (r#"{"data":[],"included":[{"id":"1"}]}"#, "included[0]", "type is missing"),
        (r#"{"data":[{"id":"1","attributes":{"title":"x"#, "data[0].attributes.title", "the text ends nowhere"),
        (r#"{"data":[{"id":"1","attributes":{"title":"\x"}}]}"#, "data[0].attributes.title", "no such escape"),
        (r#"{"data":[{"id":"1","attributes":{"title":tru}}]}"#, "data[0].attributes.title", "expected a value"),
        (r#"{"data":[{"id":"1",}]}"#, "data[0].id", "expected a key"),
        (r#"{"data":[]} x"#, "", "expected the end"),
        (r#"{"data":[],"x":01}"#, "x", "no number"),
        (r#"{"data":[],"x":NaN}"#, "x", "expected a value"),
        (&deeper, "data[0].attributes.new", "nested more than 128 levels deep"),
    ];
    for (text, path, message) in cases {
        let wrong = decode::<Vec<Album>>(text).unwrap_err();
        let found = (wrong.path().trim_end_matches("[0]").trim_end_matches("[0]"), wrong.message());
        assert_eq!((found.0, found.1), (path.trim_end_matches("[0]"), message), "{}", &text[..text.len().min(80)]);
        assert!(wrong.offset().is_some());
    }
    let wrong = Document::<Vec<Album>>::decode(b"{\"data\":\"\xff\"}"[..].to_vec().into()).unwrap_err();
    assert_eq!((wrong.message(), wrong.offset()), ("the body is no UTF-8", Some(9)));
}

#[test]
fn a_byte_order_mark_is_passed_over() {
    let document = albums("\u{feff}{\"data\":[{\"id\":\"1\",\"type\":\"albums\",\"attributes\":{\"title\":\"t\"}}]}");
    assert_eq!(document.data[0].title.as_deref(), Some("t"));
}

#[test]
fn of_duplicates_the_last_counts() {
    let document = albums(
        r#"{"data":[],"data":[{"id":"0","id":"1","type":"albums",
        "attributes":{"title":"gone","version":"gone"},
        "attributes":{"title":"a","title":"b","version":"v","version":null,"explicit":5,"explicit":true,"ai":true,"ai":5,
            "new":1,"new":2,"old":1,"old":null,"duration":5,"duration":null},
        "relationships":{"artists":{"data":[{"id":"1","type":"artists"}]},"artists":{"data":[]},"genres":{},"genres":null}}]}"#,
    );
    let album = &document.data[0];
    assert_eq!(album.id, "1");
    assert_eq!((album.title.as_deref(), album.version.as_deref()), (Some("b"), None));
    assert_eq!((album.explicit, album.ai), (Some(true), None));
    let unknown: Vec<_> = album.extra.attributes().iter().map(|(name, json)| (name.as_str(), json.as_str())).collect();
    assert_eq!(unknown, [("ai", "5"), ("new", "2")]);
    assert!(album.artists().is_stated() && album.artists().is_empty());
    assert!(album.relationships.get("genres").is_none());
}

#[test]
fn attributes_that_come_again_leave_nothing_of_the_first() {
    let document = albums(
        r#"{"data":[{"id":"1","type":"albums","attributes":{"title":"gone","explicit":true,"new":1,"duration":5},"attributes":{"version":"v"}}]}"#,
    );
    let album = &document.data[0];
    assert_eq!((album.title.as_deref(), album.explicit, album.version.as_deref()), (None, None, Some("v")));
    assert_eq!(album.extra.attributes().iter().count(), 0);
}

#[test]
fn a_type_named_twice_or_late_decides_the_attributes() {
    let document = albums(
        r#"{"data":[],"included":[{"type":"artists","attributes":{"name":"n","title":"t"},"type":"tracks","id":"1"},
        {"attributes":{"title":"u"},"relationships":{},"id":"2","type":"tracks"}]}"#,
    );
    let titles: Vec<_> = document.included.all::<Track>().map(|track| track.title.as_deref()).collect();
    assert_eq!(titles, [Some("t"), Some("u")]);
    assert_eq!(document.included.find::<Track>(&"1".into()).unwrap().unknown("name").unwrap().as_str(), "\"n\"");
}

#[test]
fn a_linkage_of_the_wrong_type_is_passed_over_but_can_be_seen() {
    let document = albums(
        r#"{"data":[{"id":"1","type":"albums","relationships":{"artists":{"data":[{"id":"9","type":"tracks"},{"id":"8","type":"artists"}]},
        "genres":{"data":{"id":"1","type":"genres"}},"owners":{"data":[{"id":"7"}]},"shares":{"data":"x","links":5},"usageRules":{"data":[]}}}],
        "included":[{"id":"9","type":"tracks"}]}"#,
    );
    let album = &document.data[0];
    assert_eq!(document.resolve(album.artists()).count(), 0);
    assert_eq!(album.artists().iter().map(|artist| artist.id()).collect::<Vec<_>>(), [Id::from("8")]);
    assert_eq!(album.artists().linkage().unwrap().identifiers().len(), 2);
    // One where many were due, and none of either.
    assert_eq!(album.genres().first().unwrap().id(), "1");
    assert!(album.usage_rules().get().is_none());
    assert!(matches!(album.owners().linkage(), Some(Linkage::Other(json)) if json.as_str() == r#"[{"id":"7"}]"#));
    assert!(matches!(album.shares().linkage(), Some(Linkage::Other(json)) if json.as_str() == "\"x\""));
    assert_eq!(document.misfits.len(), 3);
}

#[test]
fn references_as_primary_data() {
    type Items = Refs<AnyResource, AlbumItemMeta>;
    let document = decode::<Items>(
        r#"{"data":[{"id":"1","type":"tracks","meta":{"trackNumber":7,"volumeNumber":2}}],"included":[{"id":"1","type":"tracks"}],"links":{"self":"/x"}}"#,
    )
    .unwrap();
    let item = document.data.first().unwrap();
    assert_eq!(item.meta().track_number, Some(7));
    assert!(matches!(document.find(item), Some(AnyResource::Track(_))));
    for (text, count) in [(r#"{"links":{}}"#, 0), (r#"{"data":null}"#, 0), (r#"{"data":{"id":"1","type":"tracks"}}"#, 1)] {
        let document = decode::<Items>(text).unwrap();
        assert_eq!(document.data.len(), count);
        assert_eq!(decode::<Items>(&document.to_json()).unwrap(), document);
    }
    assert!(decode::<Items>(r#"{"data":[{"id":"1"}]}"#).unwrap_err().path().starts_with("data[0]"));
}

#[test]
fn one_resource_or_none() {
    assert_eq!(decode::<Album>(r#"{"data":{"id":"1"}}"#).unwrap().data, Album::new("1"));
    assert_eq!(decode::<Album>(r#"{"data":null}"#).unwrap_err().path(), "data");
    assert_eq!(decode::<Option<Album>>(r#"{"data":null}"#).unwrap().data, None);
    assert_eq!(decode::<Option<Album>>(r#"{"data":{"id":"1"}}"#).unwrap().data, Some(Album::new("1")));
}

#[test]
fn a_resource_among_the_data_resolves_too() {
    let document = albums(
        r#"{"data":[{"id":"1","type":"albums","relationships":{"similarAlbums":{"data":[{"id":"2","type":"albums"}]}}},{"id":"2","type":"albums"}]}"#,
    );
    let similar: Vec<_> = document.resolve(document.data[0].similar_albums()).map(|album| album.id.clone()).collect();
    assert_eq!(similar, ["2"]);
}

#[test]
fn links_have_two_forms() {
    let document = albums(
        r#"{"data":[],"links":{"self":{"href":"/self","meta":{"a":1}},"next":{"href":"https://openapi.tidal.com/v2/next"},"last":null,"meta":null}}"#,
    );
    assert_eq!(document.links.this().unwrap(), "/self");
    assert_eq!(document.links.next().unwrap(), "https://openapi.tidal.com/v2/next");
    assert_eq!(document.links.next_cursor(), None);
    assert_eq!(document.links.get("last"), None);
}

#[test]
fn documents_are_built_for_tests() {
    let mut album = Album::new(1);
    album.title = Some("T".into());
    album.media_tags.push("LOSSLESS".into());
    album.relationships.set("artists", Relationship::new(vec![Identifier::of::<Artist>(2)]));
    album.extra.attributes_mut().set("new", Json::new("[1]").unwrap());
    let mut artist = Artist::new(2);
    artist.name = Some("A".into());
    let mut document = Document::new(album);
    document.included = [AnyResource::from(artist)].into_iter().collect();
    document.links.set("self", "/albums/1");
    document.links.set("next", "/albums/1?x");
    let text = r#"{"data":{"id":"1","type":"albums","attributes":{"mediaTags":["LOSSLESS"],"title":"T","new":[1]},"relationships":{"artists":{"data":[{"id":"2","type":"artists"}]}}},"included":[{"id":"2","type":"artists","attributes":{"name":"A"}}],"links":{"self":"/albums/1","next":"/albums/1?x"}}"#;
    assert_eq!(document.to_json(), text);
    assert_eq!(decode::<Album>(text).unwrap(), document);
    assert_eq!(document.resolve(document.data.artists()).next().unwrap().name.as_deref(), Some("A"));
}

#[test]
fn a_text_can_outlive_its_document_without_its_body() {
    let document = albums(ALBUMS);
    let title = document.data[0].title.clone().unwrap().detach();
    drop(document);
    assert_eq!(title, "Áé \"q\"\n");
}

#[test]
fn attributes_before_a_type_that_breaks_the_run_are_read_for_that_type() {
    let artist = |id: u32| format!(r#"{{"attributes":{{"name":"A{id}"}},"id":"{id}","type":"artists"}}"#);
    let track =
        r#"{"attributes":{"name":7,"title":8,"isrc":"I"},"id":"3","relationships":{"artists":{"data":5}},"type":"tracks"}"#;
    let included = [artist(1), artist(2), track.to_owned(), artist(4)].join(",");
    let document = albums(&format!(r#"{{"data":[],"included":[{included}]}}"#));
    let names: Vec<_> = document.included.all::<Artist>().map(|artist| artist.name.as_deref().unwrap()).collect();
    assert_eq!(names, ["A1", "A2", "A4"]);
    let track = document.included.all::<Track>().next().unwrap();
    assert_eq!(track.isrc.as_deref(), Some("I"));
    assert_eq!(track.unknown("name").unwrap().as_str(), "7");
    let paths: Vec<_> = document.misfits.iter().map(DecodeError::path).collect();
    assert_eq!(paths, ["included[2].attributes.title", "included[2].relationships.artists.data"]);

    let nameless = format!(r#"{{"data":[],"included":[{},{},{{"attributes":{{}},"id":"3"}}]}}"#, artist(1), artist(2));
    let error = decode::<Vec<Album>>(&nameless).unwrap_err();
    assert_eq!(error.path(), "included[2]");
    assert!(error.to_string().contains("type is missing"), "{error}");
}

#[test]
fn a_relationship_reads_the_same_however_it_is_written() {
    let read = |relationship: &str| {
        let text = format!(r#"{{"data":[{{"id":"1","type":"albums","relationships":{{"items":{relationship}}}}}]}}"#);
        decode::<Vec<Album>>(&text).map(|document| document.data[0].relationships.get("items").cloned())
    };
    let mut bare = Relationship::default();
    bare.links.set("self", "/i");
    for same in [
        r#"{"links":{"self":"/i"}}"#,
        r#"{ "links": {"self":"/i"} }"#,
        r#"{"links":{"self":"/i" }}"#,
        r#"{"links":{"self":"\/i"}}"#,
        r#"{"links":{"self":"/x","self":"/i"}}"#,
        r#"{"links":{"self":"/x"},"links":{"self":"/i"}}"#,
        r#"{"links":{"self":"/i"},"links2":null}"#,
    ] {
        assert_eq!(read(same).unwrap().as_ref(), Some(&bare), "{same}");
    }
    let more = read(r#"{"links":{"self":"/i"},"data":[],"meta":1}"#).unwrap().unwrap();
    assert_eq!((more.data, more.links), (Linkage::Many(vec![]), bare.links));
    assert_eq!(more.unknown.get("meta").unwrap().as_str(), "1");
    assert_eq!(read(r#"{"links":{"self":"/i"}},"items":null"#).unwrap(), None);
    for broken in [
        r#"{"links":{"self":"/i"}"#,
        r#"{"links":{"self":"/i"}}}}}"#,
        r#"{"links":{"self":"\q"}}"#,
        r#"{"links":{"self":"/i}}"#,
    ] {
        read(broken).unwrap_err();
    }
}
