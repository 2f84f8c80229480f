//! What only a browser can do, in Rust types of ours.

pub mod call;
pub mod focus;
pub mod served;
pub mod times;
pub mod watchlist;
