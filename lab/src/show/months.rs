//! The return of each month, a row a year.

use engine::figures::Month;
use maud::{Markup, html};

use super::signed_cell;
use super::table::{
    Column::{Number, Words},
    table,
};
use crate::number;

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// A row a year, the year's return at its end.
#[must_use]
pub fn months(months: &[Month]) -> Markup {
    let years = months.chunk_by(|one, next| one.year == next.year);
    let mut columns = vec![Words("Year")];
    columns.extend(MONTHS.map(Number));
    columns.push(Number("Year"));
    let rows = html! {
        @for year in years { (row(year)) }
    };
    table("Return of each month, percent", &columns, rows)
}

fn row(year: &[Month]) -> Markup {
    let of = |month: usize| year.iter().find(|there| usize::from(there.month) == month + 1)?.value;
    let whole = year.iter().try_fold(1.0, |product, month| month.value.map(|value| product * (1.0 + value)));
    html! {
        tr {
            th scope="row" { @if let Some(first) = year.first() { (first.year) } }
            @for month in 0..MONTHS.len() { (cell(of(month))) }
            (cell(whole.map(|product| product - 1.0)))
        }
    }
}

fn cell(value: Option<f64>) -> Markup {
    match value {
        Some(value) => signed_cell(&number::signed(value * 100.0, 1)),
        None => html! {
            td class="number muted" { (number::NONE) }
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_year_is_the_product_of_its_months() {
        let month = |year, month, value| Month { year, month, value };
        let table = months(&[
            month(2023, 12, Some(0.5)),
            month(2024, 1, Some(0.1)),
            month(2024, 3, Some(-0.2)),
            month(2025, 1, None),
        ])
        .into_string();
        let rows: Vec<&str> = table.split("<tr>").skip(2).collect();
        assert_eq!(rows.len(), 3);
        assert!(rows[0].contains("2023") && rows[0].ends_with("+50.0</td></tr>"), "{}", rows[0]);
        assert!(rows[1].contains("+10.0") && rows[1].contains("−20.0"), "{}", rows[1]);
        assert!(rows[1].ends_with("−12.0</td></tr>"), "{}", rows[1]);
        assert!(rows[2].contains("2025") && !rows[2].contains('+'));
    }
}
