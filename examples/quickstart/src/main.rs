//! Sign in, read, page, search, make a playlist and come back

fn main() {}
