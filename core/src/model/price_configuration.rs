//! The resource type `priceConfigurations`.

use crate::document::resource;
use crate::value::Text;
use crate::value::open::open_enum;

resource! {
    /// What something costs.
    PriceConfiguration: "priceConfigurations", "price configuration"
    {
        /// Currency.
        currency: Option<Currency> = "currency",
        /// Price, as a decimal number.
        price: Option<Text> = "price",
    }
    {
    }
}

open_enum! {
    /// Currencies.
    Currency {
        Usd = "USD",
    }
}
