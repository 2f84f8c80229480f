//! Building blocks of pages: props in, callbacks out; none calls a server function.

pub mod breakdown;
pub mod browser;
pub mod chart;
pub mod columns;
pub mod curve;
pub mod figure;
pub mod form;
pub mod frame;
pub mod icon;
pub mod loaded;
pub mod market;
pub mod markup;
pub mod notice;
pub mod record;
pub mod served;
pub mod shared;
pub mod signals;
pub mod table;
pub mod text;
pub mod theme;
pub mod verify;
pub mod when;
