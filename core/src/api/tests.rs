//! What the operations send.
#![allow(clippy::unwrap_used)]

use jiff::Timestamp;

use super::*;
use crate::document::Document;
use crate::endpoint::Endpoint;
use crate::model::{AccessType, AnyResource, PlaylistItemMeta, Track, Video};
use crate::request::{Op, Request};
use crate::template::Template;
use crate::value::Id;

/// Method, target and body of a request; or why it is refused.
fn sent<O: Op>(request: &Request<O>) -> Result<String, String> {
    let template = Template::write(O::OPERATION, |to| request.write(to)).map_err(|e| e.to_string())?;
    let uri = template.uri(&"https://api.test/v2".parse().unwrap()).unwrap().to_string();
    let target = uri
        .strip_prefix("https://api.test/v2")
        .unwrap()
        .replace("%5B", "[")
        .replace("%5D", "]")
        .replace("%2C", ",")
        .replace("%3A", ":");
    let body = String::from_utf8(template.body.to_vec()).unwrap();
    Ok(format!("{} {target} {body}", template.method).trim_end().to_owned())
}

macro_rules! sends {
    ($($request:expr => $expected:expr;)+) => {
        $(assert_eq!(sent(&$request).as_deref(), Ok($expected));)+
    };
}

macro_rules! refuses {
    ($($request:expr => $expected:expr;)+) => {
        $({
            let refused = sent(&$request).unwrap_err();
            assert!(refused.starts_with($expected), "{refused}");
        })+
    };
}

#[test]
fn reads_carry_their_arguments() {
    sends! {
        Albums::new().get(251_380_836) => "GET /albums/251380836";
        Albums::new().get("a/b?").country("NO").share_code("x y") => "GET /albums/a%2Fb%3F?countryCode=NO&shareCode=x%20y";
    }
}

#[test]
fn lists_are_exploded_and_paths_joined() {
    sends! {
        Albums::new().list().ids(["1", "2"]).barcodes(["4006381333931"]).sort(AlbumSort::Title.descending())
            .include(|album| album.artists().profile_art()).include(|album| album.items().on::<Track>().albums()) =>
            "GET /albums?sort=-title&include=artists.profileArt,items.tracks:albums&filter[barcodeId]=4006381333931&filter[id]=1&filter[id]=2";
        Tracks::new().list().isrcs(["us-um7-24-00548"]).sort(TrackSort::CreatedAt) =>
            "GET /tracks?sort=createdAt&filter[isrc]=USUM72400548";
        Playlists::new().items("1").include(|items| items.on::<Track>()) => "GET /playlists/1/relationships/items?include=items";
        Albums::new().items("1").include(|items| items).include(|items| items.on::<Track>().artists().raw("new.x")) =>
            "GET /albums/1/relationships/items?include=items,items.tracks:artists.new.x";
        Artists::new().tracks("1", CollapseBy::None).cursor("c=") =>
            "GET /artists/1/relationships/tracks?collapseBy=NONE&page[cursor]=c%3D";
        Artists::new().tracks("1", "NEWER") => "GET /artists/1/relationships/tracks?collapseBy=NEWER";
        Artworks::new().list(["1", "2"]) => "GET /artworks?filter[id]=1&filter[id]=2";
        Search::new().results("ça va?").explicit(ExplicitFilter::Exclude) =>
            "GET /searchResults?filter[query]=%C3%A7a%20va%3F&explicitFilter=EXCLUDE";
        Search::new().tracks("opaque").country("GB") => "GET /searchResults/opaque/relationships/tracks?countryCode=GB";
        Search::new().suggestions("ha") => "GET /searchSuggestions?filter[query]=ha";
        Playlists::new().items("p").sort(PlaylistItemSort::ArtistName).matching("x") =>
            "GET /playlists/p/relationships/items?sort=artists.name&filter[query]=x";
        Users::new().me() => "GET /users/me";
        Users::new().collected_tracks("me").locale("nb-NO") => "GET /userCollectionTracks/me/relationships/items?locale=nb-NO";
    }
}

#[test]
fn changes_carry_their_bodies() {
    sends! {
        Playlists::new().create("Road \"trip\"") =>
            r#"POST /playlists {"data":{"type":"playlists","attributes":{"name":"Road \"trip\""}}}"#;
        Playlists::new().create(NewPlaylist::new("n").description("d").access_type(AccessType::Unlisted)) =>
            r#"POST /playlists {"data":{"type":"playlists","attributes":{"name":"n","description":"d","accessType":"UNLISTED"}}}"#;
        Playlists::new().update("p", PlaylistChange::new().description("")) =>
            r#"PATCH /playlists/p {"data":{"id":"p","type":"playlists","attributes":{"description":""}}}"#;
        Playlists::new().delete("p") => "DELETE /playlists/p";
        Playlists::new().add_items("p", [Id::<Track>::from(1), Id::from(2)]) =>
            r#"POST /playlists/p/relationships/items {"data":[{"id":"1","type":"tracks"},{"id":"2","type":"tracks"}]}"#;
        Playlists::new().insert_items("p", [Addition::from(Id::<Video>::from(1)).added_at(Timestamp::UNIX_EPOCH)], "i9") =>
            r#"POST /playlists/p/relationships/items {"data":[{"id":"1","type":"videos","meta":{"addedAt":"1970-01-01T00:00:00Z"}}],"meta":{"positionBefore":"i9"}}"#;
        Playlists::new().move_items("p", [PlaylistItem::new(Id::<Track>::from(1), "i1")], Some("i9")) =>
            r#"PATCH /playlists/p/relationships/items {"data":[{"id":"1","type":"tracks","meta":{"itemId":"i1"}}],"meta":{"positionBefore":"i9"}}"#;
        Playlists::new().remove_items("p", [PlaylistItem::new(Id::<Video>::from(1), "i1")]) =>
            r#"DELETE /playlists/p/relationships/items {"data":[{"id":"1","type":"videos","meta":{"itemId":"i1"}}]}"#;
        Users::new().add_tracks("me", ["1"]) =>
            r#"POST /userCollectionTracks/me/relationships/items {"data":[{"id":"1","type":"tracks"}]}"#;
        Users::new().remove_tracks("me", [1, 2]) =>
            r#"DELETE /userCollectionTracks/me/relationships/items {"data":[{"id":"1","type":"tracks"},{"id":"2","type":"tracks"}]}"#;
    }
}

#[test]
fn what_cannot_be_right_is_refused() {
    let none: [&str; 0] = [];
    let many = |count: u64| (0..count).map(Id::<Track>::from);
    let items = |count: u64| many(count).map(|id| PlaylistItem::new(id, "i"));
    refuses! {
        Albums::new().get("") => "album id: is empty";
        Albums::new().get("1\n") => "album id: contains a space";
        Albums::new().get("1").country("UK") => "country: \"UK\" is not assigned; the United Kingdom is \"GB\"";
        Albums::new().list().ids(["1", ""]) => "album id: is empty";
        Albums::new().list().ids(none) => "filter[id]: is an empty list";
        Albums::new().list().barcodes(["1"]) => "barcode: \"1\" is none";
        Albums::new().list().owners([""]) => "user id: is empty";
        Tracks::new().list().isrcs(["x"]) => "ISRC: \"x\" is none";
        Artworks::new().list(none) => "filter[id]: is an empty list";
        Search::new().results("") => "filter[query]: is empty";
        Search::new().results("é".repeat(257)) => "filter[query]: has 257 characters; at most 256 are taken";
        Playlists::new().items("p").matching("x".repeat(101)) => "filter[query]: has 101 characters";
        Playlists::new().create("") => "name: is empty";
        Playlists::new().add_items("", many(1)) => "playlist id: is empty";
        Playlists::new().add_items("p", many(0)) => "items: are none";
        Playlists::new().add_items("p", many(51)) => "items: are too many; at most 50";
        Playlists::new().add_items("p", (0_u64..).map(Id::<Track>::from)) => "items: are too many; at most 50";
        Playlists::new().add_items("p", [Id::<Track>::from("")]) => "track id: is empty";
        Playlists::new().insert_items("p", many(1), "") => "item id: is empty";
        Playlists::new().move_items("p", items(21), None) => "items: are too many; at most 20";
        Playlists::new().remove_items("p", items(51)) => "items: are too many; at most 50";
        Playlists::new().remove_items("p", [PlaylistItem::new(Id::<Track>::from(1), "")]) => "item id: is empty";
        Users::new().add_tracks("me", many(51)) => "items: are too many; at most 50";
        Users::new().remove_tracks("me", many(51)) => "items: are too many; at most 50";
    }
    assert!(sent(&Playlists::new().add_items("p", many(50))).is_ok());
    assert!(sent(&Playlists::new().move_items("p", items(20), None)).is_ok());
    assert!(sent(&Search::new().results("é".repeat(256))).is_ok());
}

#[test]
fn items_that_were_read_can_be_moved_and_removed() {
    type Items = crate::document::Refs<AnyResource, PlaylistItemMeta>;
    let text = r#"{"data":[{"id":"1","type":"tracks","meta":{"itemId":"a"}},{"id":"2","type":"videos","meta":{"itemId":"b"}},
        {"id":"3","type":"tracks"},{"id":"4","type":"moods","meta":{"itemId":"d"}}]}"#;
    let document = Document::<Items>::decode(text.into()).unwrap();
    let items: Vec<_> = document.data.iter().filter_map(PlaylistItem::of).collect();
    assert_eq!(items, [PlaylistItem::new(Id::<Track>::from(1), "a"), PlaylistItem::new(Id::<Video>::from(2), "b")]);
}

#[test]
fn changes_may_be_answered_by_nothing() {
    let head = crate::Head::new(http::StatusCode::NO_CONTENT, http::HeaderMap::new());
    assert!(<Request<AddPlaylistItems> as Endpoint>::decode(&head, bytes::Bytes::new()).unwrap().is_none());
    let body = r#"{"links":{"self":"/x"},"meta":{"skipped":[{"id":"9","type":"tracks","reason":"NOT_FOUND"}]},"data":[]}"#;
    let answer = <Request<AddPlaylistItems> as Endpoint>::decode(&head, body.into()).unwrap().unwrap();
    let skipped: crate::model::Skipped = answer.meta_as();
    assert_eq!(skipped.skipped[0].id.as_deref(), Some("9"));
    assert_eq!(skipped.skipped[0].reason, Some(crate::model::SkipReason::NotFound));
    let body = r#"{"links":{"self":"/x"},"meta":{"n":1},"data":[7]}"#;
    assert!(<Request<DeletePlaylist> as Endpoint>::decode(&head, body.into()).unwrap().unwrap().meta.is_some());
}
