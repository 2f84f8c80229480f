//! Tables that stay tables for screen readers where a phone shows their rows as cards.

use maud::{Markup, html};

/// A column, by its head.
#[derive(Clone, Copy, Debug)]
pub enum Column<'a> {
    /// Of words.
    Words(&'a str),
    /// Of numbers, which stand to the right.
    Number(&'a str),
}
use Column::{Number, Words};

/// A table. `kind` are its classes; `caption` says to those who cannot see it what it is.
pub fn table(kind: &str, caption: &str, columns: &[Column<'_>], rows: Markup) -> Markup {
    html! {
        div class="table-box" {
            table class={ "table " (kind) } role="table" {
                caption class="visually-hidden" { (caption) }
                thead role="rowgroup" {
                    tr role="row" {
                        @for column in columns {
                            @match column {
                                Words(head) => th role="columnheader" scope="col" { (head) },
                                Number(head) => th role="columnheader" scope="col" class="number" { (head) },
                            }
                        }
                    }
                }
                tbody role="rowgroup" { (rows) }
            }
        }
    }
}
