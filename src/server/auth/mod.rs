//! Passwords, tokens and cookies.

pub mod cookies;
pub mod hasher;
pub mod tokens;
