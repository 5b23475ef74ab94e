//! Values that are checked: ids, countries, codes, durations, dates.
