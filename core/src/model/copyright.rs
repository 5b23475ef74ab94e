//! Copyright notices.

use crate::document::object;
use crate::value::Text;

object! {
    /// A copyright notice.
    Copyright {
        /// The text.
        text: Option<Text> = "text",
    }
}
