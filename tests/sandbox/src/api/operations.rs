//! The operations that the sandbox has, with what the official document says of each: parameters, who may call
//! it, whether it takes a body. A request that matches none of this is refused before a handler sees it.

use http::{Method, StatusCode, header};

use super::call::Call;
use super::{collection, playlist_items, playlists, read, search};
use crate::answer::Answer;
use crate::refusal::Refusal;

pub(super) type Handler = fn(&mut Call<'_>) -> Result<Answer, Refusal>;

pub(super) struct Operation {
    method: &'static str,
    path: &'static str,
    pub(super) query: &'static [&'static str],
    pub(super) sorts: &'static [&'static str],
    /// Whether client credentials may.
    pub(super) client: bool,
    /// The public scopes, any of which will do.
    pub(super) scopes: &'static [&'static str],
    pub(super) body: bool,
    pub(super) handler: Handler,
}

impl Operation {
    pub(super) fn is_mutation(&self) -> bool {
        self.method != "GET"
    }

    fn is_at(&self, segments: &[String]) -> bool {
        let parts = self.path.split('/').skip(1);
        parts.clone().count() == segments.len()
            && parts.zip(segments).all(|(part, given)| part == given || (part == "{id}" && !given.is_empty()))
    }
}

/// The operation of a method and a path; 404 and 405 if there is none.
pub(super) fn find(method: &Method, segments: &[String]) -> Result<&'static Operation, Refusal> {
    let here = || OPERATIONS.iter().filter(|one| one.is_at(segments));
    if let Some(operation) = here().find(|one| one.method == method.as_str()) {
        return Ok(operation);
    }
    let allow: Vec<_> = here().map(|one| one.method).collect();
    if allow.is_empty() {
        return Err(Refusal::not_found());
    }
    Err(Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "HTTP method not allowed").header(header::ALLOW, &allow.join(", ")))
}

/// A read that everyone may make.
const fn get(path: &'static str, query: &'static [&'static str], handler: Handler) -> Operation {
    Operation { method: "GET", path, query, sorts: &[], client: true, scopes: &[], body: false, handler }
}

/// A relationship that everyone may read.
const fn related(path: &'static str, query: &'static [&'static str]) -> Operation {
    get(path, query, read::relationship)
}

/// A change, for people alone.
const fn change(method: &'static str, path: &'static str, scopes: &'static [&'static str], handler: Handler) -> Operation {
    Operation { method, client: false, scopes, body: true, ..get(path, &[], handler) }
}

impl Operation {
    const fn sorted(mut self, sorts: &'static [&'static str]) -> Self {
        self.sorts = sorts;
        self
    }

    const fn scopes(mut self, scopes: &'static [&'static str]) -> Self {
        self.scopes = scopes;
        self
    }

    /// Only for a person, with one of these scopes.
    const fn private(mut self, scopes: &'static [&'static str]) -> Self {
        self.client = false;
        self.scopes = scopes;
        self
    }

    const fn without_body(mut self) -> Self {
        self.body = false;
        self
    }
}

const BY_TITLE: &[&str] = &["createdAt", "title"];
const PLAYLISTS: &[&str] = &["createdAt", "lastModifiedAt", "name"];
const PLAYLIST_ITEMS: &[&str] = &["addedAt", "albums.title", "artists.name", "duration", "itemIndex", "title"];
const COLLECTION: &[&str] = &["addedAt", "albums.title", "artists.name", "duration", "title"];

const ONE: &[&str] = &["countryCode", "include", "replaceMedia"];
const ONE_SHARED: &[&str] = &["countryCode", "include", "replaceMedia", "shareCode"];
const MEDIA: &[&str] = &["page[cursor]", "countryCode", "include", "replaceMedia"];
const MEDIA_SHARED: &[&str] = &["page[cursor]", "countryCode", "include", "replaceMedia", "shareCode"];
const PAGED: &[&str] = &["page[cursor]", "countryCode", "include"];
const PAGED_SHARED: &[&str] = &["page[cursor]", "countryCode", "include", "shareCode"];
const SINGLE: &[&str] = &["countryCode", "include"];
const SINGLE_SHARED: &[&str] = &["countryCode", "include", "shareCode"];
const BARE: &[&str] = &["page[cursor]", "include"];
const ARTIST_TRACKS: &[&str] = &["collapseBy", "page[cursor]", "countryCode", "include", "replaceMedia"];
const SEARCH: &[&str] =
    &["filter[query]", "explicitFilter", "countryCode", "deviceType", "systemType", "clientVersion", "include", "replaceMedia"];
const FOUND: &[&str] =
    &["explicitFilter", "page[cursor]", "countryCode", "deviceType", "systemType", "clientVersion", "include", "replaceMedia"];
const SUGGEST: &[&str] = &["filter[query]", "explicitFilter", "countryCode", "include", "replaceMedia"];
const HITS: &[&str] = &["explicitFilter", "countryCode", "include", "page[cursor]", "replaceMedia"];

const MANY_ALBUMS: &[&str] = &[
    "page[cursor]",
    "sort",
    "countryCode",
    "include",
    "filter[barcodeId]",
    "filter[id]",
    "filter[owners.id]",
    "replaceMedia",
    "shareCode",
];
const MANY_ARTISTS: &[&str] = &["countryCode", "include", "filter[handle]", "filter[id]", "filter[owners.id]", "replaceMedia"];
const MANY_ARTWORKS: &[&str] = &["filter[id]", "countryCode", "include"];
const MANY_TRACKS: &[&str] = &[
    "page[cursor]",
    "sort",
    "countryCode",
    "include",
    "filter[id]",
    "filter[isrc]",
    "filter[owners.id]",
    "replaceMedia",
    "shareCode",
];
const MANY_PLAYLISTS: &[&str] = &[
    "page[cursor]",
    "sort",
    "countryCode",
    "include",
    "filter[collaborators.id]",
    "filter[id]",
    "filter[owners.id]",
    "replaceMedia",
];
const ITEMS: &[&str] = &["page[cursor]", "sort", "countryCode", "include", "filter[query]", "replaceMedia"];
const COLLECTED: &[&str] = &["page[cursor]", "sort", "locale", "include", "replaceMedia"];

const WRITE: &[&str] = &["playlists.write"];
const COLLECT: &[&str] = &["collection.write"];
const COLLECTED_READ: &[&str] = &["collection.read"];
const FIND: &[&str] = &["search.read"];

static OPERATIONS: &[Operation] = &[
    get("/albums", MANY_ALBUMS, read::many).sorted(BY_TITLE),
    get("/albums/{id}", ONE_SHARED, read::one),
    related("/albums/{id}/relationships/artists", MEDIA_SHARED),
    related("/albums/{id}/relationships/coverArt", PAGED_SHARED),
    related("/albums/{id}/relationships/items", MEDIA_SHARED),
    related("/albums/{id}/relationships/owners", PAGED_SHARED),
    related("/albums/{id}/relationships/providers", PAGED_SHARED),
    related("/albums/{id}/relationships/similarAlbums", MEDIA_SHARED),
    related("/albums/{id}/relationships/usageRules", SINGLE_SHARED),
    get("/artists", MANY_ARTISTS, read::many),
    get("/artists/{id}", ONE, read::one),
    related("/artists/{id}/relationships/albums", MEDIA),
    related("/artists/{id}/relationships/biography", SINGLE),
    related("/artists/{id}/relationships/owners", BARE),
    related("/artists/{id}/relationships/profileArt", PAGED),
    related("/artists/{id}/relationships/radio", MEDIA),
    related("/artists/{id}/relationships/roles", BARE),
    related("/artists/{id}/relationships/similarArtists", MEDIA),
    related("/artists/{id}/relationships/trackProviders", BARE),
    related("/artists/{id}/relationships/tracks", ARTIST_TRACKS),
    related("/artists/{id}/relationships/videos", MEDIA),
    get("/artworks", MANY_ARTWORKS, read::many),
    get("/artworks/{id}", SINGLE, read::one),
    related("/artworks/{id}/relationships/owners", BARE),
    get("/playlists", MANY_PLAYLISTS, read::many).sorted(PLAYLISTS).scopes(&["playlists.read"]),
    get("/playlists/{id}", ONE, read::one),
    related("/playlists/{id}/relationships/collaboratorProfiles", PAGED),
    related("/playlists/{id}/relationships/collaborators", PAGED),
    related("/playlists/{id}/relationships/coverArt", PAGED),
    related("/playlists/{id}/relationships/items", ITEMS).sorted(PLAYLIST_ITEMS),
    related("/playlists/{id}/relationships/ownerProfiles", PAGED),
    related("/playlists/{id}/relationships/owners", PAGED),
    change("POST", "/playlists", WRITE, playlists::create),
    change("PATCH", "/playlists/{id}", WRITE, playlists::update),
    change("DELETE", "/playlists/{id}", WRITE, playlists::delete).without_body(),
    change("POST", "/playlists/{id}/relationships/items", WRITE, playlist_items::add),
    change("PATCH", "/playlists/{id}/relationships/items", WRITE, playlist_items::shift),
    change("DELETE", "/playlists/{id}/relationships/items", WRITE, playlist_items::remove),
    get("/searchResults", SEARCH, search::results).scopes(FIND),
    related("/searchResults/{id}/relationships/albums", FOUND).scopes(FIND),
    related("/searchResults/{id}/relationships/artists", FOUND).scopes(FIND),
    related("/searchResults/{id}/relationships/playlists", FOUND).scopes(FIND),
    related("/searchResults/{id}/relationships/topHits", FOUND).scopes(FIND),
    related("/searchResults/{id}/relationships/tracks", FOUND).scopes(FIND),
    related("/searchResults/{id}/relationships/videos", FOUND).scopes(FIND),
    get("/searchSuggestions", SUGGEST, search::suggestions).scopes(FIND),
    related("/searchSuggestions/{id}/relationships/directHits", HITS).scopes(FIND),
    get("/tracks", MANY_TRACKS, read::many).sorted(BY_TITLE),
    get("/tracks/{id}", ONE_SHARED, read::one),
    related("/tracks/{id}/relationships/albums", MEDIA_SHARED),
    related("/tracks/{id}/relationships/artists", MEDIA_SHARED),
    related("/tracks/{id}/relationships/owners", PAGED_SHARED),
    related("/tracks/{id}/relationships/providers", PAGED_SHARED),
    related("/tracks/{id}/relationships/radio", &["include", "page[cursor]", "replaceMedia", "shareCode"]),
    related("/tracks/{id}/relationships/similarTracks", MEDIA_SHARED),
    related("/tracks/{id}/relationships/sourceFile", &["include", "shareCode"]),
    related("/tracks/{id}/relationships/usageRules", SINGLE_SHARED),
    get("/userCollectionTracks/{id}", &["locale", "include", "replaceMedia"], read::one).private(COLLECTED_READ),
    related("/userCollectionTracks/{id}/relationships/items", COLLECTED).private(COLLECTED_READ).sorted(COLLECTION),
    related("/userCollectionTracks/{id}/relationships/owners", BARE).private(COLLECTED_READ),
    change("POST", "/userCollectionTracks/{id}/relationships/items", COLLECT, collection::add),
    change("DELETE", "/userCollectionTracks/{id}/relationships/items", COLLECT, collection::remove),
    get("/users/{id}", &[], read::one).private(&["user.read"]),
];
