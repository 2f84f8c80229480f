//! What stands before every route, from the outside in: observe, bound, origin, identify; and headers on the way out.

pub mod bound;
pub mod headers;
pub mod identify;
pub mod observe;
pub mod origin;
