//! The resource type `usageRules`.

use jiff::Timestamp;

use crate::document::resource;
use crate::value::open::open_enum;
use crate::value::{Country, List, Typed};

resource! {
    /// How something may be used in a country, by kind of subscription.
    UsageRules: "usageRules", "usage rules"
    {
        /// Country.
        country_code: Option<Typed<Country>> = "countryCode",
        /// What is free.
        free: List<Usage> = "free",
        /// Whether the rules come from what it belongs to.
        inherited: Option<bool> = "inherited",
        /// What can be bought.
        paid: List<Usage> = "paid",
        /// What a subscription includes.
        subscription: List<Usage> = "subscription",
        /// From when on it holds.
        valid_from: Option<Typed<Timestamp>> = "validFrom",
    }
    {
    }
}

open_enum! {
    /// How something may be used.
    Availability {
        Stream = "STREAM",
        Dj = "DJ",
        Stem = "STEM",
    }
}

open_enum! {
    /// How something may be used.
    Usage {
        Stream = "STREAM",
        Dj = "DJ",
        Stem = "STEM",
        Download = "DOWNLOAD",
    }
}
