//! An invented albums document, as long and as branched as a full page of real ones.

use serde_json::{Value, json};

/// Where resource objects have their `type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TypeAt {
    /// Before the attributes.
    First,
    /// After everything else.
    Last,
}

const ALBUMS: usize = 20;
const TRACKS: usize = 76;
const ARTISTS: usize = 54;
const ARTWORKS: usize = 20;
const PROVIDERS: usize = 42;
const GENRES: usize = 28;

/// How many resources the document includes.
pub const INCLUDED: usize = TRACKS + ARTISTS + ARTWORKS + PROVIDERS + GENRES;

/// The document: 20 albums with artists, cover art, genres, providers, and items with their artists.
pub fn document(at: TypeAt) -> String {
    let mut dice = Dice(7);
    let data: Vec<String> = (0..ALBUMS).map(|n| album(n, at, &mut dice)).collect();
    let mut included: Vec<String> = (0..TRACKS).map(|n| track(n, at, &mut dice)).collect();
    included.extend((0..ARTISTS).map(|n| artist(n, at, &mut dice)));
    included.extend((0..ARTWORKS).map(|n| artwork(n, at, &mut dice)));
    included.extend((0..PROVIDERS).map(|n| named(&id("providers", n), "providers", "name", at, &mut dice)));
    included.extend((0..GENRES).map(|n| named(&id("genres", n), "genres", "genreName", at, &mut dice)));
    let links = json!({
        "self": "/albums?countryCode=SE&include=artists%2CcoverArt%2Cgenres%2Citems.artists%2Cproviders",
        "next": "/albums?countryCode=SE&include=artists%2CcoverArt%2Cgenres%2Citems.artists%2Cproviders&page%5Bcursor%5D=q7Zk2Xw",
        "meta": { "nextCursor": "q7Zk2Xw" },
    });
    format!(r#"{{"data":[{}],"links":{links},"included":[{}]}}"#, data.join(","), included.join(","))
}

fn album(n: usize, at: TypeAt, dice: &mut Dice) -> String {
    let id = id("albums", n);
    let kind = dice.one_of(&["ALBUM", "EP", "SINGLE"]);
    let attributes = json!({
        "title": dice.words(3),
        "barcodeId": format!("07{:011}", dice.below(100_000_000_000)),
        "numberOfVolumes": 1 + dice.below(2),
        "numberOfItems": 6 + dice.below(20),
        "duration": format!("PT{}M{}S", 20 + dice.below(60), dice.below(60)),
        "explicit": dice.below(4) == 0,
        "releaseDate": dice.date(),
        "copyright": { "text": format!("{} {} Records", 1990 + dice.below(35), dice.words(2)) },
        "popularity": dice.fraction(),
        "accessType": "PUBLIC",
        "availability": ["STREAM", "DJ"],
        "mediaTags": ["HIRES_LOSSLESS", "LOSSLESS"],
        "externalLinks": external(&format!("album/{id}")),
        "type": kind,
        "albumType": kind,
    });
    let relationships = Relationships::of("albums", &id)
        .to("artists", "artists", (0..1 + n % 2).map(|i| n + i))
        .to("coverArt", "artworks", [n])
        .to("genres", "genres", [n % GENRES])
        .to("providers", "providers", [n % PROVIDERS])
        .items((n..TRACKS).step_by(ALBUMS))
        .unstated(&["owners", "priceConfig", "replacement", "similarAlbums", "suggestedCoverArts", "usageRules"]);
    object(&id, "albums", &attributes, Some(relationships), at)
}

fn track(n: usize, at: TypeAt, dice: &mut Dice) -> String {
    let id = id("tracks", n);
    let version = if n.is_multiple_of(4) { json!(dice.words(1)) } else { Value::Null };
    let attributes = json!({
        "title": dice.words(2),
        "version": version,
        "isrc": format!("XX{:010}", dice.below(10_000_000_000)),
        "duration": format!("PT{}M{}S", 1 + dice.below(8), dice.below(60)),
        "copyright": { "text": format!("{} {} Records", 1990 + dice.below(35), dice.words(2)) },
        "explicit": dice.below(4) == 0,
        "key": dice.one_of(&["C", "CSharp", "D", "Eb", "FSharp", "UNKNOWN"]),
        "keyScale": dice.one_of(&["MAJOR", "MINOR", "UNKNOWN"]),
        "popularity": dice.fraction(),
        "accessType": "PUBLIC",
        "availability": ["STREAM", "DJ"],
        "mediaTags": ["HIRES_LOSSLESS", "LOSSLESS"],
        "externalLinks": external(&format!("track/{id}")),
        "spotlighted": false,
        "createdAt": format!("{}T21:57:15Z", dice.date()),
    });
    let relationships = Relationships::of("tracks", &id)
        .to("artists", "artists", (0..1 + n % 3).map(|i| n + i))
        .unstated(&["albums", "credits", "genres", "lyrics", "metadataStatus", "owners", "priceConfig", "providers"])
        .unstated(&["radio", "replacement", "shares", "similarTracks", "sourceFile", "trackStatistics", "usageRules"]);
    object(&id, "tracks", &attributes, Some(relationships), at)
}

fn artist(n: usize, at: TypeAt, dice: &mut Dice) -> String {
    let id = id("artists", n);
    let attributes = json!({
        "name": dice.words(2),
        "popularity": dice.fraction(),
        "externalLinks": external(&format!("artist/{id}")),
    });
    let relationships = Relationships::of("artists", &id)
        .unstated(&["albums", "biography", "followers", "following", "owners", "profileArt"])
        .unstated(&["radio", "roles", "similarArtists", "trackProviders", "tracks", "videos"]);
    object(&id, "artists", &attributes, Some(relationships), at)
}

fn artwork(n: usize, at: TypeAt, dice: &mut Dice) -> String {
    let place = format!("{:08x}/{:04x}/{:04x}", dice.below(1 << 32), dice.below(1 << 16), dice.below(1 << 16));
    let file = |size: u32| {
        let href = format!("https://images.example.net/covers/{place}/{size}x{size}.jpg");
        json!({ "href": href, "meta": { "width": size, "height": size } })
    };
    let files = [1280, 1080, 750, 640, 320, 160, 80].map(file).to_vec();
    let attributes = json!({
        "mediaType": "IMAGE",
        "files": files,
        "visualMetadata": { "selectedPaletteColor": "#3a4b5c", "blurHash": "U7Fq%x00V]aBn9fPt7WC~qRjM{ofIURjt7of", "status": "OK" },
    });
    let id = id("artworks", n);
    let relationships = Relationships::of("artworks", &id).unstated(&["owners"]);
    object(&id, "artworks", &attributes, Some(relationships), at)
}

fn named(id: &str, kind: &str, key: &str, at: TypeAt, dice: &mut Dice) -> String {
    object(id, kind, &json!({ key: dice.words(2) }), None, at)
}

/// The id of the `n`th resource of its kind.
fn id(kind: &str, n: usize) -> String {
    match kind {
        "albums" => (410_000_000 + n * 1000).to_string(),
        "tracks" => (520_000_000 + n * 7).to_string(),
        "artists" => (6_000_000 + n % ARTISTS * 31).to_string(),
        "artworks" => format!("4qTz{:018x}", n * 0x9e37_79b9_7f4a_7c1),
        _ => (700 + n).to_string(),
    }
}

fn external(path: &str) -> Value {
    json!([{ "href": format!("https://music.example.net/browse/{path}"), "meta": { "type": "TIDAL_SHARING" } }])
}

fn object(id: &str, kind: &str, attributes: &Value, relationships: Option<Relationships<'_>>, at: TypeAt) -> String {
    let relationships =
        relationships.map(|all| format!(r#","relationships":{{{}}}"#, all.members.join(","))).unwrap_or_default();
    match at {
        TypeAt::First => format!(r#"{{"id":"{id}","type":"{kind}","attributes":{attributes}{relationships}}}"#),
        TypeAt::Last => format!(r#"{{"attributes":{attributes},"id":"{id}"{relationships},"type":"{kind}"}}"#),
    }
}

/// The relationships of one resource.
struct Relationships<'a> {
    kind: &'a str,
    id: &'a str,
    members: Vec<String>,
}

impl<'a> Relationships<'a> {
    fn of(kind: &'a str, id: &'a str) -> Self {
        Self { kind, id, members: Vec::new() }
    }

    fn add(mut self, name: &str, data: Option<Vec<Value>>) -> Self {
        let links = json!({ "self": format!("/{}/{}/relationships/{name}?countryCode=SE", self.kind, self.id) });
        let data = data.map(|data| format!(r#""data":{},"#, Value::from(data))).unwrap_or_default();
        self.members.push(format!(r#""{name}":{{{data}"links":{links}}}"#));
        self
    }

    /// One that names resources.
    fn to(self, name: &str, kind: &str, targets: impl IntoIterator<Item = usize>) -> Self {
        let data = targets.into_iter().map(|n| json!({ "id": id(kind, n), "type": kind })).collect();
        self.add(name, Some(data))
    }

    /// The items of an album, numbered.
    fn items(self, targets: impl IntoIterator<Item = usize>) -> Self {
        let item = |(at, n): (usize, usize)| json!({ "id": id("tracks", n), "type": "tracks", "meta": { "volumeNumber": 1, "trackNumber": at + 1 } });
        let data = targets.into_iter().enumerate().map(item).collect();
        self.add("items", Some(data))
    }

    /// Those that were not asked for.
    fn unstated(self, names: &[&str]) -> Self {
        names.iter().fold(self, |all, name| all.add(name, None))
    }
}

/// The same throws every time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 16) % limit
    }

    fn one_of(&mut self, texts: &[&'static str]) -> &'static str {
        texts[self.below(texts.len() as u64) as usize]
    }

    /// A number from 0 to 1 with as many digits as the service sends.
    fn fraction(&mut self) -> f64 {
        self.below(1 << 47) as f64 / (1_u64 << 47) as f64
    }

    fn date(&mut self) -> String {
        format!("{}-{:02}-{:02}", 1990 + self.below(35), 1 + self.below(12), 1 + self.below(28))
    }

    /// So many invented words.
    fn words(&mut self, count: usize) -> String {
        let mut word = || {
            let first = self.one_of(&["Bal", "Cor", "Dru", "Fen", "Gla", "Hol", "Jyt", "Kée", "Mør", "Nim", "Ost", "Pli"]);
            let last =
                self.one_of(&["dara", "endo", "fin", "goss", "hild", "ka", "lume", "mont", "nix", "ora", "rück", "vale"]);
            format!("{first}{last}")
        };
        (0..count).map(|_| word()).collect::<Vec<_>>().join(" ")
    }
}
