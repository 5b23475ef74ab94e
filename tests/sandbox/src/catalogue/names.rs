//! Names for what nobody has recorded.

use super::dice::Dice;

const FIRST: &[&str] = &[
    "Amber",
    "Ashen",
    "Blue",
    "Borrowed",
    "Brittle",
    "Copper",
    "Crooked",
    "Distant",
    "Drowsy",
    "Empty",
    "Faint",
    "Folded",
    "Frozen",
    "Gentle",
    "Gilded",
    "Hollow",
    "Idle",
    "Ivory",
    "Little",
    "Lonely",
    "Mossy",
    "Narrow",
    "Northern",
    "Paper",
    "Patient",
    "Quiet",
    "Rusted",
    "Salted",
    "Second",
    "Silver",
    "Sleeping",
    "Slow",
    "Sunken",
    "Tidy",
    "Unlit",
    "Velvet",
    "Wandering",
    "Winter",
];

const LAST: &[&str] = &[
    "Almanac",
    "Anchors",
    "Atlas",
    "Bicycles",
    "Bridges",
    "Cabinet",
    "Canals",
    "Chimneys",
    "Corridor",
    "Ferries",
    "Gardens",
    "Harbours",
    "Islands",
    "Kettles",
    "Ladders",
    "Lanterns",
    "Lighthouse",
    "Mirrors",
    "Moths",
    "Orchard",
    "Parade",
    "Pylons",
    "Quarry",
    "Radiators",
    "Rooftops",
    "Satellites",
    "Signals",
    "Staircase",
    "Stations",
    "Sundials",
    "Telegrams",
    "Terminals",
    "Thistles",
    "Tunnels",
    "Umbrellas",
    "Viaduct",
    "Weather",
    "Windows",
];

const SONG: &[&str] = &[
    "Counting {}",
    "Letters to the {}",
    "No More {}",
    "Under the {}",
    "{} at Dawn",
    "All Our {}",
    "Where the {} Go",
    "{}, Slowly",
    "Half of the {}",
    "Return of the {}",
    "{}",
    "Little {}",
    "After {}",
];

/// A band. The first 38 × 38 are all different.
pub(super) fn artist(index: usize) -> String {
    let first = FIRST[index % FIRST.len()];
    let last = LAST[(index + index / FIRST.len() * 7) * 5 % LAST.len()];
    format!("The {first} {last}")
}

pub(super) fn album(dice: &mut Dice) -> String {
    format!("{} {}", dice.of(FIRST), dice.of(LAST))
}

pub(super) fn song(dice: &mut Dice) -> String {
    let pattern = *dice.of(SONG);
    let last = *dice.of(LAST);
    pattern.replace("{}", last)
}
